//! Containers of steps: what an engine is asked for, and what its answers are taken for.

use super::{
    CacheMount, ContainerRun, Cursor, DockerEngine, DockerError, Dockerfile, EngineAddress, Exit, RegistryCredentials,
    fake::{Fake, Script, Step},
};
use crate::line::{Line, Lines};
use axum::http::StatusCode;
use base64::Engine as _;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;
use types::log::LogStream;

fn run() -> ContainerRun {
    ContainerRun {
        run: "7".to_owned(),
        step: 1,
        image: "127.0.0.1:5000/tools:1".to_owned(),
        command: vec!["make".to_owned(), "test".to_owned()],
        environment: [("CI".to_owned(), "a b".to_owned())].into(),
        folder: "api".to_owned(),
        caches: vec![CacheMount { build: 3, name: "npm".to_owned(), path: "/root/.npm".to_owned() }],
        credentials: None,
    }
}

fn answers(status: StatusCode, answer: &Value) -> Script {
    Script { status, ..Script::items(&[&answer.to_string()]) }
}

#[tokio::test]
async fn a_container_gets_its_work_space_its_caches_and_nothing_else() {
    let made = answers(StatusCode::CREATED, &json!({"Id": "c", "Warnings": []}));
    let fake = Fake::start(false, vec![("/containers/create", made)]).await;
    assert_eq!(fake.engine.create_container(&run()).await.as_deref(), Ok("c"));
    let asked = &fake.seen("/containers/create")[0];
    assert!(asked.line.contains("name=slipway-7-1"), "{}", asked.line);
    let mut asked: Value = serde_json::from_slice(&asked.body).expect("JSON");
    let host = asked["HostConfig"].take();
    let expected = json!({"Image": "127.0.0.1:5000/tools:1", "Entrypoint": ["make", "test"], "Cmd": [],
        "Env": ["CI=a b"], "WorkingDir": "/workspace/api", "HostConfig": null,
        "Labels": {"slipway.installation": "ours", "slipway.run": "7", "slipway.step": "1"}});
    assert_eq!(asked, expected);
    let mounts = json!([
        {"Type": "volume", "Source": "slipway-7", "Target": "/workspace", "VolumeOptions": {"NoCopy": true}},
        {"Type": "volume", "Source": "slipway-cache-ours-3-npm", "Target": "/root/.npm",
            "VolumeOptions": {"Labels": {"slipway.installation": "ours", "slipway.cache": "3"}}},
    ]);
    let expected = json!({"Mounts": mounts, "Privileged": false, "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"], "NetworkMode": "default", "Memory": 4_u64 << 30,
        "MemorySwap": 4_u64 << 30, "CpuPeriod": 100_000, "CpuQuota": 200_000, "PidsLimit": 4096,
        "LogConfig": {"Type": "json-file"}});
    assert_eq!(host, expected);
}

#[tokio::test]
async fn a_missing_image_is_pulled_with_the_password_of_its_registry() {
    let scripts = vec![
        ("/containers/create", answers(StatusCode::NOT_FOUND, &json!({"message": "No such image"}))),
        (
            "/images/create",
            Script::items(&[r#"{"errorDetail":{"message":"manifest unknown"},"error":"manifest unknown"}"#]),
        ),
    ];
    let fake = Fake::start(false, scripts).await;
    let credentials = RegistryCredentials {
        host: "127.0.0.1:5000".to_owned(),
        username: "ci".to_owned(),
        password: "hush-hush".into(),
    };
    let outcome = fake.engine.create_container(&ContainerRun { credentials: Some(credentials), ..run() }).await;
    let expected =
        DockerError::PullFailed { image: "127.0.0.1:5000/tools:1".to_owned(), why: "manifest unknown".to_owned() };
    assert_eq!(outcome, Err(expected));
    let sent = fake.seen("/images/create")[0].auth.clone().expect("credentials");
    let sent = base64::engine::general_purpose::URL_SAFE.decode(sent).expect("URL-safe base64");
    assert!(String::from_utf8_lossy(&sent).contains("hush-hush"));
}

#[rstest]
#[case::running(json!({"Running": true, "ExitCode": 0}), None)]
#[case::good(json!({"Running": false, "ExitCode": 0}), Some(Exit { code: 0, out_of_memory: false }))]
#[case::on_podman(json!({"Status": "stopped", "Running": false, "ExitCode": 2}), Some(Exit { code: 2, out_of_memory: false }))]
#[case::bad(json!({"Running": false, "ExitCode": 3}), Some(Exit { code: 3, out_of_memory: false }))]
#[case::memory(json!({"ExitCode": 137, "OOMKilled": true}), Some(Exit { code: 137, out_of_memory: true }))]
#[tokio::test]
async fn tells_how_a_program_ended(#[case] state: Value, #[case] expected: Option<Exit>) {
    let fake =
        Fake::start(false, vec![("/containers/c/json", answers(StatusCode::OK, &json!({"State": state})))]).await;
    assert_eq!(fake.engine.exit_of("c").await, Ok(expected));
}

/// A piece of output as an engine frames it; the scripted engine ends it with CR and LF.
fn piece(stream: u8, text: &str) -> Step {
    let payload = format!("2026-11-27T10:47:38.435794565Z {text}");
    let length = u8::try_from(payload.len() + 2).expect("a short line");
    Step::Item(format!("{}\0\0\0\0\0\0{}{payload}", char::from(stream), char::from(length)))
}

#[rstest]
#[case::ended(false)]
#[case::still_running(true)]
#[tokio::test]
async fn output_that_ends_before_its_program_is_a_lost_engine(#[case] running: bool) {
    let scripts = vec![
        ("/containers/c/logs", Script::new([piece(1, "one"), piece(2, "two")])),
        ("/containers/c/json", answers(StatusCode::OK, &json!({"State": {"Running": running, "ExitCode": 0}}))),
    ];
    let fake = Fake::start(false, scripts).await;
    let (lines, receiver) = Lines::channel();
    let outcome = fake.engine.follow("c", Cursor { since_s: 5, skip: [0, 0] }, &lines).await;
    drop(lines);
    assert_eq!(matches!(outcome, Err(DockerError::EngineUnreachable(_))), running, "{outcome:?}");
    let said: Vec<(LogStream, String)> = texts(receiver).await;
    assert_eq!(said, [(LogStream::Stdout, "one\r".to_owned()), (LogStream::Stderr, "two\r".to_owned())]);
    let asked = &fake.seen("/containers/c/logs")[0].line;
    assert!(asked.contains("since=5") && asked.contains("timestamps=true") && asked.contains("follow=true"), "{asked}");
}

async fn texts(mut receiver: Receiver<Line>) -> Vec<(LogStream, String)> {
    let mut texts = Vec::new();
    while let Some(line) = receiver.recv().await {
        texts.push((line.stream, String::from_utf8_lossy(&line.text).into_owned()));
    }
    texts
}

#[rstest]
#[case(StatusCode::NO_CONTENT, true)]
#[case(StatusCode::NOT_FOUND, true)]
#[case(StatusCode::CONFLICT, false)]
#[tokio::test]
async fn a_run_is_cleared_when_the_engine_says_so(#[case] status: StatusCode, #[case] cleared: bool) {
    let containers = json!([{"Id": "c", "State": "stopped", "Labels": {"slipway.run": "7", "slipway.step": "1"}}]);
    let scripts = vec![
        ("/containers/json", answers(StatusCode::OK, &containers)),
        ("/volumes?", answers(StatusCode::OK, &json!({"Volumes": []}))),
        ("/containers/c", answers(status, &json!({"message": "so it is"}))),
    ];
    let fake = Fake::start(false, scripts).await;
    assert_eq!(fake.engine.clear_run("7").await.is_ok(), cleared);
    assert!(fake.seen("/containers/json")[0].line.contains("slipway%2Erun%3D7"), "{:?}", fake.seen("/containers/json"));
}

#[rstest]
#[case::short(false)]
#[case::long(true)]
#[tokio::test]
#[ignore = "needs the playground"]
async fn a_real_engine_runs_a_script_and_gives_its_files_back(#[case] long: bool) {
    let setting = |name: &str| std::env::var(name).expect("a setting");
    let address = EngineAddress { url: setting("DOCKER_HOST"), tls: None };
    let engine = DockerEngine::connect(&address).await.expect("an engine");
    let label = uuid::Uuid::new_v4().to_string();
    let script = "echo \"it's $CI\"; cat in; echo; echo oops >&2; echo made > out; test -d ../other/deep; exit 3";
    // A long one lies in a file.
    let script = format!("{script}{}", if long { format!("\n#{}", "x".repeat(200_000)) } else { String::new() });
    let run = ContainerRun {
        run: label.clone(),
        image: format!("{}/shop/store:1.0.0", setting("REGISTRY")),
        command: ContainerRun::script_command(&script),
        caches: Vec::new(),
        ..run()
    };
    let tree = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(tree.path().join("api")).expect("a folder");
    std::fs::write(tree.path().join("api/in"), "from git").expect("a file");
    engine.create_workspace(&label).await.expect("a work space");
    let container = engine.create_container(&run).await.expect("a container");
    engine.send_tree(&container, tree.path()).await.expect("sent");
    engine.make_folder(&container, "other/deep").await.expect("a folder");
    engine.put_script(&container, &script).await.expect("a script");
    engine.start_container(&container).await.expect("started");
    let (lines, receiver) = Lines::channel();
    engine.follow(&container, Cursor::default(), &lines).await.expect("its output");
    drop(lines);
    let mut said = texts(receiver).await;
    said.sort_by_key(|(stream, _)| *stream == LogStream::Stderr);
    let expected = [(LogStream::Stdout, "it's a b"), (LogStream::Stdout, "from git"), (LogStream::Stderr, "oops")];
    assert_eq!(said, expected.map(|(stream, text)| (stream, text.to_owned())));
    assert_eq!(engine.exit_of(&container).await, Ok(Some(Exit { code: 3, out_of_memory: false })));

    let (lines, receiver) = Lines::channel();
    let cursor = Cursor { since_s: 1, skip: [1, 1] };
    engine.follow(&container, cursor, &lines).await.expect("its output again");
    drop(lines);
    assert_eq!(texts(receiver).await, [(LogStream::Stdout, "from git".to_owned())]);

    let inline = Dockerfile::Inline("FROM scratch\nCOPY . /\n".to_owned());
    let context = engine.context_of(&container, "api", &inline).await.expect("a context");
    let (files, trouble) = context.open(&inline, true).expect("files");
    let pieces: Vec<bytes::Bytes> = futures::TryStreamExt::try_collect(files).await.expect("a tar");
    assert_eq!(trouble.take(), None);
    let bytes = pieces.concat();
    let mut archive = tar::Archive::new(bytes.as_slice());
    let names =
        archive.entries().expect("a tar").map(|entry| entry.expect("an entry").path().expect("a path").into_owned());
    let names: Vec<String> = names.map(|path| path.to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["./", "in", "out"]);
    let missing = engine.context_of(&container, "nowhere", &inline).await.err();
    assert_eq!(missing, Some(DockerError::NotInWorkSpace("folder nowhere".to_owned())));
    engine.clear_run(&label).await.expect("cleared");
    assert_eq!(engine.containers_of(&label).await, Ok(Vec::new()));
}
