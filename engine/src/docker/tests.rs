//! What an engine does when it does not do what it should.

use super::{
    BuiltImage, Context, DockerError, Dockerfile, ImageBuild, ImagePush, Living, RegistryCredentials,
    context::Trouble,
    fake::{Fake, Script, Step},
};
use crate::line::{Line, Lines};
use axum::http::StatusCode;
use base64::Engine as _;
use bollard::moby::buildkit::v1::{StatusResponse, Vertex, VertexLog};
use bytes::Bytes;
use futures::StreamExt;
use rstest::rstest;
use serde_json::json;
use std::{
    collections::HashSet,
    io::{self, Read},
    sync::Arc,
};
use tokio::sync::{Notify, mpsc::Receiver};
use tokio_util::sync::CancellationToken;

pub(super) const IMAGE: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

pub(super) fn printed(text: &str) -> Step {
    let vertex = Vertex {
        digest: "a".to_owned(),
        name: "RUN make".to_owned(),
        started: Some(Default::default()),
        ..Vertex::default()
    };
    let log = VertexLog { vertex: "a".to_owned(), msg: text.into(), ..VertexLog::default() };
    Step::Progress(StatusResponse { vertexes: vec![vertex], logs: vec![log], ..StatusResponse::default() })
}

pub(super) fn image_build() -> ImageBuild {
    ImageBuild {
        dockerfile: Dockerfile::Path("Dockerfile".to_owned()),
        build_args: [("A".to_owned(), "1 & 2".to_owned())].into(),
        target: None,
        no_cache: false,
        labels: [].into(),
        platforms: Vec::new(),
        cache_from: Vec::new(),
        keep_cache: false,
        secrets: [].into(),
        tags: vec!["127.0.0.1:5000/web:1".to_owned(), "127.0.0.1:5000/web:latest".to_owned()],
        run_label: "7".to_owned(),
        credentials: Vec::new(),
    }
}

pub(super) fn tar() -> Context {
    let files = futures::stream::iter([Ok(Bytes::from_static(b"tar"))]).boxed();
    Context::tar((files, Trouble::default()), b"FROM scratch\n".to_vec())
}

async fn build(fake: &Fake, context: Context) -> (Result<BuiltImage, DockerError>, Vec<String>) {
    let (lines, receiver) = Lines::channel();
    let outcome = fake.engine.build_image(image_build(), context, &lines, &CancellationToken::new()).await;
    drop(lines);
    (outcome, texts(receiver).await)
}

async fn texts(mut receiver: Receiver<Line>) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some(line) = receiver.recv().await {
        texts.push(String::from_utf8_lossy(&line.text).into_owned());
    }
    texts
}

#[tokio::test]
async fn a_build_gives_lines_and_image() {
    let fake = Fake::start(false, vec![("/build", Script::new([printed("one\ntwo"), Step::Image(IMAGE)]))]).await;
    let (outcome, lines) = build(&fake, tar()).await;
    assert_eq!(outcome.expect("an image").id.as_str(), IMAGE);
    assert_eq!(lines, ["#1 RUN make", "#1 0.000 one", "#1 0.000 two"]);
    assert!(fake.buildkit().saw().context.ends_with(b"tar"));
}

#[tokio::test]
async fn a_connection_that_is_cut_is_no_success_and_loses_no_line() {
    let go = Arc::new(Notify::new());
    let script = Script::new([Step::Image(IMAGE), printed("one\nhalf"), Step::Wait(go.clone()), Step::Cut]);
    let fake = Fake::start(false, vec![("/build", script)]).await;
    let (lines, mut receiver) = Lines::channel();
    let engine = fake.engine.clone();
    let building =
        tokio::spawn(async move { engine.build_image(image_build(), tar(), &lines, &CancellationToken::new()).await });
    assert_eq!(receiver.recv().await.expect("a header").text, "#1 RUN make");
    go.notify_one();
    assert_eq!(texts(receiver).await, ["#1 0.000 one", "#1 0.000 half"]);
    let outcome = building.await.expect("joined");
    assert!(matches!(outcome, Err(DockerError::EngineUnreachable(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_stream_that_ends_without_an_image_is_no_success() {
    let fake = Fake::start(false, vec![("/build", Script::new([printed("one\n")]))]).await;
    let (outcome, _) = build(&fake, tar()).await;
    assert!(matches!(outcome, Err(DockerError::BuildFailed { exit_code: None, .. })), "{outcome:?}");
}

#[rstest]
#[case(false)]
#[case(true)]
#[tokio::test]
async fn an_error_item_fails_the_build_even_after_an_image(#[case] podman: bool) {
    let script = Script::new([Step::Image(IMAGE), Step::Fail("executor failed: exit code: 3")]);
    let fake = Fake::start(podman, vec![("/build", script)]).await;
    let (outcome, lines) = build(&fake, tar()).await;
    let expected = DockerError::BuildFailed { message: "executor failed: exit code: 3".to_owned(), exit_code: Some(3) };
    assert_eq!(outcome, Err(expected));
    assert_eq!(lines.last().map(String::as_str), Some("ERROR: executor failed: exit code: 3"));
}

#[tokio::test]
async fn podman_builds_without_buildkit() {
    let script = Script::items(&[
        r#"{"stream":"STEP 1/2: FROM "}"#,
        r#"{"stream":"base\nSTEP 2/2"}"#,
        r#"{"status":"Pulling","id":"layer","progressDetail":{"current":1,"total":2}}"#,
        &format!(r#"{{"aux":{{"ID":"{IMAGE}"}}}}"#),
    ]);
    let tagged = Script { status: StatusCode::CREATED, ..Script::items(&[]) };
    let fake = Fake::start(true, vec![("/build", script), ("/images/", tagged)]).await;
    let (outcome, lines) = build(&fake, tar()).await;
    assert_eq!(outcome.expect("an image").id.as_str(), IMAGE);
    assert_eq!(lines, ["STEP 1/2: FROM base", "STEP 2/2"]);
    let asked = &fake.seen("/build")[0].line;
    assert!(asked.contains("version=1") && asked.contains("buildargs=%7B%22A%22%3A%221+%26+2%22%7D"), "{asked}");
    assert!(!asked.contains("cachefrom") && !asked.contains("labels") && !asked.contains("session"), "{asked}");
    assert!(fake.seen("/images/")[0].line.contains("repo=127.0.0.1%3A5000%2Fweb&tag=latest"));
}

#[tokio::test]
async fn lines_arrive_while_the_engine_is_still_printing() {
    let go = Arc::new(Notify::new());
    let script = Script::new([printed("first\n"), Step::Wait(go.clone()), printed("last\n"), Step::Image(IMAGE)]);
    let fake = Fake::start(false, vec![("/build", script)]).await;
    let (lines, mut receiver) = Lines::channel();
    let engine = fake.engine.clone();
    let mut one = image_build();
    one.tags.truncate(1);
    let building = tokio::spawn(async move { engine.build_image(one, tar(), &lines, &CancellationToken::new()).await });
    assert_eq!(receiver.recv().await.expect("a header").text, "#1 RUN make");
    assert_eq!(receiver.recv().await.expect("a line").text, "#1 0.000 first");
    go.notify_one();
    assert_eq!(receiver.recv().await.expect("a line").text, "#1 0.000 last");
    assert!(building.await.expect("joined").is_ok());
}

#[rstest]
#[case::cancelled(true)]
#[case::dropped(false)]
#[tokio::test]
async fn cancelling_and_dropping_close_the_connection(#[case] cancelled: bool) {
    let script = Script::new([printed("half"), Step::Wait(Arc::new(Notify::new()))]);
    let over = script.over.clone();
    let fake = Fake::start(false, vec![("/build", script)]).await;
    let (lines, mut receiver) = Lines::channel();
    let (engine, cancel) = (fake.engine.clone(), CancellationToken::new());
    let token = cancel.clone();
    let building = tokio::spawn(async move { engine.build_image(image_build(), tar(), &lines, &token).await });
    assert_eq!(receiver.recv().await.expect("a header").text, "#1 RUN make");
    if cancelled {
        cancel.cancel();
        assert_eq!(building.await.expect("joined"), Err(DockerError::Cancelled));
        assert_eq!(receiver.recv().await.expect("what was printed").text, "#1 0.000 half");
    } else {
        building.abort();
    }
    over.notified().await;
}

#[tokio::test]
async fn a_log_that_is_gone_ends_the_build() {
    let script = Script::new([printed("one\n"), Step::Wait(Arc::new(Notify::new()))]);
    let fake = Fake::start(false, vec![("/build", script)]).await;
    let (lines, receiver) = Lines::channel();
    drop(receiver);
    let outcome = fake.engine.build_image(image_build(), tar(), &lines, &CancellationToken::new()).await;
    assert_eq!(outcome, Err(DockerError::LogClosed));
}

#[tokio::test]
async fn a_context_that_breaks_says_why() {
    let fake = Fake::start(false, vec![("/build", Script::new([Step::Image(IMAGE)]))]).await;
    let broken = futures::stream::iter([Ok(Bytes::from_static(b"ta")), Err(io::Error::other("broken off"))]).boxed();
    let trouble = Trouble::default();
    let why = DockerError::ContextUnreadable("disk on fire".to_owned());
    trouble.set(why.clone());
    let (outcome, _) = build(&fake, Context::tar((broken, trouble), Vec::new())).await;
    assert_eq!(outcome, Err(why));
}

#[rstest]
#[case::plain(None, ".dockerignore\n\n.slipway.Dockerfile\n")]
#[case::ignoring(Some("secret\n"), "secret\n\n.slipway.Dockerfile\n")]
#[tokio::test]
async fn podman_finds_an_inline_dockerfile_and_does_not_copy_it(#[case] ignore: Option<&str>, #[case] last: &str) {
    let tagged = Script { status: StatusCode::CREATED, ..Script::items(&[]) };
    let fake = Fake::start(true, vec![("/build", Script::new([Step::Image(IMAGE)])), ("/images/", tagged)]).await;
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("hello"), "hi").expect("a file");
    std::fs::write(dir.path().join("secret"), "no").expect("a file");
    if let Some(ignore) = ignore {
        std::fs::write(dir.path().join(".dockerignore"), ignore).expect("a file");
    }
    let dockerfile = Dockerfile::Inline("FROM scratch\n".to_owned());
    let context = Context::folder(dir.path(), "", &dockerfile).expect("a context");
    let (lines, _receiver) = Lines::channel();
    let with = ImageBuild { dockerfile, ..image_build() };
    fake.engine.build_image(with, context, &lines, &CancellationToken::new()).await.expect("an image");
    let asked = &fake.seen("/build")[0];
    assert!(asked.line.contains("dockerfile=.slipway.Dockerfile"), "{}", asked.line);
    let mut archive = tar::Archive::new(&asked.body[..]);
    let entries = archive.entries().expect("a tar").map(|entry| {
        let mut entry = entry.expect("an entry");
        let mut text = String::new();
        entry.read_to_string(&mut text).expect("text");
        (entry.path().expect("a path").to_string_lossy().into_owned(), text)
    });
    let entries: Vec<(String, String)> = entries.collect();
    assert_eq!(entries[0], (".slipway.Dockerfile".to_owned(), "FROM scratch\n".to_owned()));
    assert_eq!(entries.last(), Some(&(".dockerignore".to_owned(), last.to_owned())));
    assert_eq!(entries.iter().any(|(name, _)| name == "secret"), ignore.is_none());
}

#[rstest]
#[case("Nope")]
#[case("../Dockerfile")]
#[case("/etc/passwd")]
#[case("folder")]
#[case("")]
fn a_dockerfile_must_lie_in_the_context(#[case] path: &str) {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(dir.path().join("folder")).expect("a folder");
    let refused = Context::folder(dir.path(), ".", &Dockerfile::Path(path.to_owned())).err();
    assert_eq!(refused, Some(DockerError::DockerfileNotFound(path.to_owned())));
}

fn push() -> ImagePush {
    ImagePush { repository: "127.0.0.1:5000/web".to_owned(), tag: "1".to_owned(), credentials: None }
}

async fn pushed(script: Script, push: ImagePush) -> (Result<types::Digest, DockerError>, Fake) {
    let fake = Fake::start(false, vec![("/images/127.0.0.1:5000/web/push?tag=1", script)]).await;
    let (lines, _receiver) = Lines::channel();
    (fake.engine.push(push, &lines, &CancellationToken::new()).await, fake)
}

#[tokio::test]
async fn a_push_gives_the_digest_and_sends_any_password_whole() {
    let script = Script::items(&[&format!(r#"{{"status":"1: digest: {IMAGE} size: 5"}}"#)]);
    let password = "~~~???>>>ÿÿÿ".to_owned();
    let credentials = RegistryCredentials {
        host: "127.0.0.1:5000".to_owned(),
        username: "ci".to_owned(),
        password: password.clone().into(),
    };
    let (outcome, fake) = pushed(script, ImagePush { credentials: Some(credentials), ..push() }).await;
    assert_eq!(outcome.expect("a digest").as_str(), IMAGE);
    let sent = fake.seen("/images/")[0].auth.clone().expect("credentials");
    let sent = base64::engine::general_purpose::URL_SAFE.decode(sent).expect("URL-safe base64");
    let sent: serde_json::Value = serde_json::from_slice(&sent).expect("JSON");
    assert_eq!(sent["password"], password);
}

#[rstest]
#[case(&[r#"{"errorDetail":{"message":"denied"},"error":"denied: no"}"#], DockerError::PushUnauthorized("denied: no".to_owned()))]
#[case(&[r#"{"status":"Pushed","id":"a"}"#], DockerError::PushFailed("the engine ended without a digest".to_owned()))]
#[case(&[r#"{"error":"no space left"}"#], DockerError::PushFailed("no space left".to_owned()))]
#[tokio::test]
async fn a_push_that_fails_says_why(#[case] items: &[&str], #[case] expected: DockerError) {
    assert_eq!(pushed(Script::items(items), push()).await.0, Err(expected));
}

#[tokio::test]
async fn a_push_that_is_cut_is_no_success() {
    let digest = Step::Item(format!(r#"{{"status":"1: digest: {IMAGE} size: 5"}}"#));
    let (outcome, _) = pushed(Script::new([digest, Step::Cut]), push()).await;
    assert!(matches!(outcome, Err(DockerError::EngineUnreachable(_))), "{outcome:?}");
}

#[tokio::test]
async fn reaps_what_names_no_living_run_and_is_not_new() {
    let now = crate::now().as_millis() / 1000;
    let container = |id: &str, run: &str, created: i64| {
        format!(r#"{{"Id":"{id}","Created":{created},"Labels":{{"slipway.run":"{run}"}}}}"#)
    };
    let containers =
        format!("[{},{},{}]", container("dead", "1", 0), container("living", "2", 0), container("new", "3", now));
    let volume = |name: &str, label: &str, of: &str| {
        json!({"Name": name, "Driver": "local", "Mountpoint": "/", "Scope": "local", "Options": {},
            "CreatedAt": "2020-01-01T00:00:00Z", "Labels": {label: of}})
    };
    let volumes = json!({"Volumes": [volume("old", "slipway.run", "1"), volume("cache", "slipway.cache", "4"),
        volume("kept", "slipway.cache", "5"), {"Name": "theirs", "Driver": "local", "Mountpoint": "/", "Scope": "local",
            "Options": {}, "CreatedAt": "2020-01-01T00:00:00Z",
            "Labels": {"slipway.run": "1", "slipway.installation": "another"}}]});
    let image = |names: &[&str]| {
        json!({"Id": "sha256:1", "ParentId": "", "RepoTags": names, "RepoDigests": [], "Created": 0, "Size": 1,
            "SharedSize": 0, "Labels": {}, "Containers": 0})
    };
    let images = json!([image(&["slipway-try/ours:1", "shop/web:1"]), image(&["slipway-try/ours:2"])]);
    let in_use = Script { status: StatusCode::CONFLICT, ..Script::items(&["{\"message\":\"in use\"}"]) };
    let scripts = vec![
        ("/containers/json", Script::items(&[&containers])),
        ("/volumes/old", in_use),
        ("/volumes/cache", Script::items(&[])),
        ("/volumes", Script::items(&[&volumes.to_string()])),
        ("/containers/dead", Script::items(&[])),
        ("/images/json", Script::items(&[&images.to_string()])),
        ("/images/slipway-try/ours:1", Script::items(&["[]"])),
    ];
    let fake = Fake::start(false, scripts).await;
    let living = Living { runs: HashSet::from(["2".to_owned()]), builds: HashSet::from(["5".to_owned()]) };
    let reaped = fake.engine.reap(&living).await.expect("reaped");
    assert_eq!((reaped.containers, reaped.volumes, reaped.images), (1, 1, 1));
    let kept = ["/containers/living", "/containers/new", "/volumes/kept", "/volumes/theirs"];
    for kept in kept.into_iter().chain(["/images/shop", "/images/slipway-try/ours:2"]) {
        assert!(fake.seen(kept).is_empty(), "{kept}");
    }
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_unreachable() {
    let address = super::EngineAddress { url: "unix:///nowhere/engine.sock".to_owned(), tls: None };
    let outcome = super::DockerEngine::connect(&address).await.err();
    assert!(matches!(outcome, Some(DockerError::EngineUnreachable(_))), "{outcome:?}");
}
