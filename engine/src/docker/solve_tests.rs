//! What BuildKit is asked for, and what it gets when it asks.

use super::{
    Context, DockerError, Dockerfile, ImageBuild, LastStage, RegistryCredentials,
    fake::{Fake, Script, Step},
    fake_buildkit::Saw,
    tests::{IMAGE, image_build, tar},
};
use crate::line::Lines;
use bollard::moby::buildkit::v1::{StatusResponse, Vertex};
use rstest::rstest;
use tokio_util::sync::CancellationToken;
use types::build_run::BaseImage;

/// What BuildKit saw of a build on an engine with this answer to `/info`.
async fn saw(build: ImageBuild, context: Context, info: &str) -> Saw {
    let scripts = vec![("/build", Script::new([Step::Image(IMAGE)])), ("/info", Script::items(&[info]))];
    let fake = Fake::start(false, scripts).await;
    let (lines, _receiver) = Lines::channel();
    fake.engine.build_image(build, context, &lines, &CancellationToken::new()).await.expect("an image");
    assert!(fake.seen("/images/").is_empty(), "BuildKit gives an image all its tags");
    fake.buildkit().saw()
}

#[tokio::test]
async fn a_plain_build_asks_for_nothing_more() {
    let saw = saw(image_build(), tar(), "{}").await;
    let mut attributes: Vec<_> = saw.request.frontend_attrs.iter().collect();
    attributes.sort();
    let context = format!("http://buildkit-session/{}", saw.request.session);
    let expected = [
        ("build-arg:A", "1 & 2"),
        ("context", context.as_str()),
        ("dockerfilekey", "dockerfile"),
        ("filename", "Dockerfile"),
        ("image-resolve-mode", "default"),
    ];
    assert_eq!(
        attributes,
        expected
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .iter()
            .map(|(name, value)| (name, value))
            .collect::<Vec<_>>()
    );
    assert_eq!((saw.request.frontend.as_str(), saw.request.exporter_deprecated.as_str()), ("dockerfile.v0", "moby"));
    let names = "127.0.0.1:5000/web:1,127.0.0.1:5000/web:latest".to_owned();
    assert_eq!(saw.request.exporter_attrs_deprecated, [("name".to_owned(), names)].into());
    assert_eq!(saw.request.cache, None);
    assert_eq!(saw.dockerfile, Some(("Dockerfile".to_owned(), "FROM scratch\n".to_owned())));
    assert_eq!(saw.secrets, [("npm".to_owned(), None), ("other".to_owned(), None)].into());
    let announced =
        |name: &str| saw.session.get_all(name).iter().map(|value| value.to_str().expect("text")).collect::<Vec<_>>();
    assert_eq!(announced("x-docker-expose-session-uuid"), [saw.request.session.as_str()]);
    let methods = announced("x-docker-expose-session-grpc-method");
    assert!(methods.contains(&"/moby.buildkit.secrets.v1.Secrets/GetSecret"), "{methods:?}");
}

#[tokio::test]
async fn settings_reach_buildkit_and_secrets_only_where_they_are_asked_for() {
    let build = ImageBuild {
        target: Some("final".to_owned()),
        no_cache: true,
        labels: [("org.opencontainers.image.version".to_owned(), "1".to_owned())].into(),
        platforms: vec!["linux/amd64".to_owned(), "linux/arm64".to_owned()],
        cache_from: vec!["r.example/a:1".to_owned(), "r.example/b:1".to_owned()],
        keep_cache: true,
        secrets: [("npm".to_owned(), "hush-hush".to_owned().into())].into(),
        ..image_build()
    };
    let saw = saw(build, tar(), "{}").await;
    for (name, value) in [
        ("target", "final"),
        ("no-cache", ""),
        ("label:org.opencontainers.image.version", "1"),
        ("platform", "linux/amd64,linux/arm64"),
        ("cache-from", "r.example/a:1,r.example/b:1"),
    ] {
        assert_eq!(saw.request.frontend_attrs.get(name).map(String::as_str), Some(value), "{name}");
    }
    let exports = saw.request.cache.as_ref().map(|cache| cache.exports[0].r#type.as_str());
    assert_eq!(exports, Some("inline"));
    assert_eq!(saw.secrets["npm"].as_deref(), Some(&b"hush-hush"[..]));
    assert_eq!(saw.secrets["other"], None);
    assert!(!format!("{:?}{:?}", saw.request, saw.session).contains("hush"), "a secret is only in its answer");
}

#[rstest]
#[case::own_store("{}", false)]
#[case::containerd(r#"{"DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]]}"#, true)]
#[tokio::test]
async fn labels_become_annotations_where_images_can_have_them(#[case] info: &str, #[case] expected: bool) {
    let labels = [("org.opencontainers.image.version".to_owned(), "1".to_owned())].into();
    let saw = saw(ImageBuild { labels, ..image_build() }, tar(), info).await;
    let named = saw.request.exporter_attrs_deprecated.get("annotation.org.opencontainers.image.version");
    assert_eq!(named.map(String::as_str), expected.then_some("1"));
}

#[rstest]
#[case::inline(Dockerfile::Inline("FROM scratch\nCOPY . /\n".to_owned()), "FROM scratch\nCOPY . /\n")]
#[case::empty(Dockerfile::Inline(String::new()), "")]
#[case::ignored(Dockerfile::Path("docker/Dockerfile".to_owned()), "FROM ignored")]
#[tokio::test]
async fn the_dockerfile_is_beside_the_context(#[case] dockerfile: Dockerfile, #[case] text: &str) {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(dir.path().join("docker")).expect("a folder");
    for (name, text) in
        [("hello", "hi"), ("docker/Dockerfile", "FROM ignored"), (".dockerignore", "docker\n.dockerignore")]
    {
        std::fs::write(dir.path().join(name), text).expect("a file");
    }
    let context = Context::folder(dir.path(), "", &dockerfile).expect("a context");
    let saw = saw(ImageBuild { dockerfile, ..image_build() }, context, "{}").await;
    let (name, given) = saw.dockerfile.expect("a Dockerfile");
    assert_eq!((Some(&name), given.as_str()), (saw.request.frontend_attrs.get("filename"), text));
    let mut archive = tar::Archive::new(saw.context.as_slice());
    let entries =
        archive.entries().expect("a tar").map(|entry| entry.expect("an entry").path().expect("a path").into_owned());
    let expected = ["./", "hello"].map(std::path::PathBuf::from);
    assert_eq!(entries.collect::<Vec<_>>(), expected, "of a tar without any entry it takes the whole for a file");
    assert!(saw.session.contains_key("x-docker-expose-session-sharedkey"), "the engine must not take an older one");
}

#[tokio::test]
async fn passwords_go_to_their_own_host_and_to_no_realm() {
    let known = |host: &str, password: &str| RegistryCredentials {
        host: host.to_owned(),
        username: "ci".to_owned(),
        password: password.to_owned().into(),
    };
    let credentials = vec![known("127.0.0.1:5000", "own"), known("docker.io", "hub")];
    let saw = saw(ImageBuild { credentials, ..image_build() }, tar(), "{}").await;
    let given = |host: &str| {
        let (username, password) = &saw.credentials[host];
        (username.as_str(), password.as_str())
    };
    assert_eq!(given("127.0.0.1:5000"), ("ci", "own"));
    assert_eq!(given("registry-1.docker.io"), ("ci", "hub"));
    assert_eq!(given("elsewhere.example"), ("", ""));
    assert!(!saw.fetches_tokens);
}

#[tokio::test]
async fn a_built_image_knows_its_base() {
    let vertex = |digest: &str, name: &str, inputs: &[&str]| Vertex {
        digest: digest.to_owned(),
        name: name.to_owned(),
        inputs: inputs.iter().map(|input| (*input).to_owned()).collect(),
        ..Vertex::default()
    };
    let vertexes = vec![vertex("a", "[1/2] FROM r.example/base:1", &[]), vertex("b", "[2/2] RUN make", &["a"])];
    let told = Step::Progress(StatusResponse { vertexes, ..StatusResponse::default() });
    let fake = Fake::start(false, vec![("/build", Script::new([told, Step::Image(IMAGE)]))]).await;
    let (lines, _receiver) = Lines::channel();
    let built = fake.engine.build_image(image_build(), tar(), &lines, &CancellationToken::new()).await;
    let base = BaseImage { name: "r.example/base:1".to_owned(), digest: None };
    assert_eq!(built.expect("an image").last_stage, Some(LastStage { base: Some(base), instructions: 1 }));
}

#[rstest]
#[case::secrets(|build: &mut ImageBuild| drop(build.secrets.insert("a".to_owned(), "b".to_owned().into())))]
#[case::platforms(|build: &mut ImageBuild| build.platforms = vec!["linux/a".to_owned(), "linux/b".to_owned()])]
#[case::cache_from(|build: &mut ImageBuild| build.cache_from.push("a".to_owned()))]
#[case::cache_to(|build: &mut ImageBuild| build.keep_cache = true)]
#[tokio::test]
async fn a_builder_without_buildkit_is_not_asked_for_what_it_leaves_out(#[case] change: fn(&mut ImageBuild)) {
    let fake = Fake::start(true, vec![("/build", Script::new([Step::Image(IMAGE)]))]).await;
    let mut build = image_build();
    change(&mut build);
    let (lines, _receiver) = Lines::channel();
    let outcome = fake.engine.build_image(build, tar(), &lines, &CancellationToken::new()).await;
    assert!(matches!(outcome, Err(DockerError::EngineRefused(_))), "{outcome:?}");
    assert!(fake.seen("/build").is_empty());
}

#[tokio::test]
async fn one_platform_is_asked_of_any_builder() {
    let fake = Fake::start(true, vec![("/build", Script::new([Step::Image(IMAGE)]))]).await;
    let build = ImageBuild { platforms: vec!["linux/arm64".to_owned()], tags: Vec::new(), ..image_build() };
    let (lines, _receiver) = Lines::channel();
    fake.engine.build_image(build, tar(), &lines, &CancellationToken::new()).await.expect("an image");
    assert!(fake.seen("/build")[0].line.contains("platform=linux%2Farm64"));
}
