//! Git for real, with repositories in a folder; and a stand-in that shows what git is told.

use super::{Git, GitCredentials, GitError, GitReference, GitSettings, GitSource, GitUrl};
use crate::{egress::Egress, line::Lines};
use rstest::rstest;
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A folder with a bare repository `api.git` of some history.
struct World {
    dir: TempDir,
    /// Of each commit, oldest first.
    commits: Vec<String>,
}

fn run(dir: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(dir)
        .args(["-c", "user.name=Mina", "-c", "user.email=mina@example.com", "-c", "protocol.file.allow=always"])
        .args(["-c", "init.defaultBranch=main"])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

impl World {
    /// Three commits; tag `v1.0` and branch `feature/x` at the second, annotated `v1.1` at the third.
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let bare = dir.path().join("root/api.git");
        fs::create_dir_all(&bare).expect("a folder");
        run(&bare, &["init", "--quiet", "--bare"]);
        let mut history = String::new();
        for (n, text) in [(1, "one"), (2, "two"), (3, "three")] {
            let length = text.len();
            history.push_str(&format!(
                "commit refs/heads/main\nmark :{n}\ncommitter Mina <mina@example.com> 180000000{n} +0000\n\
                data {length}\n{text}\nM 644 inline file\ndata {length}\n{text}\n\n"
            ));
        }
        history.push_str("reset refs/heads/feature/x\nfrom :2\n\nreset refs/tags/v1.0\nfrom :2\n\n");
        history.push_str("tag v1.1\nfrom :3\ntagger Mina <mina@example.com> 1800000003 +0000\ndata 1\nx\n");
        fs::write(dir.path().join("history"), history).expect("a history");
        let import = format!("git -C {} fast-import --quiet --export-marks=../../marks < history", bare.display());
        let imported = Command::new("sh").current_dir(dir.path()).args(["-c", &import]).status().expect("git");
        assert!(imported.success());
        let marks = fs::read_to_string(dir.path().join("marks")).expect("marks");
        let mut marks: Vec<_> = marks.lines().filter_map(|line| line.split_once(' ')).collect();
        marks.sort_unstable();
        let commits = marks.into_iter().map(|(_, commit)| commit.to_owned()).collect();
        Self { dir, commits }
    }

    /// A repository beside the first, with that as a submodule which is pinned to the first commit and
    /// said to be at `address`.
    fn with_submodule(&self, address: &str) -> GitUrl {
        let root = self.root();
        run(&root, &["clone", "--quiet", "api.git", "app"]);
        let app = root.join("app");
        run(&app, &["submodule", "--quiet", "add", self.url().as_str(), "vendor/lib"]);
        run(&app.join("vendor/lib"), &["checkout", "--quiet", &self.commits[0]]);
        run(&app, &["config", "--file", ".gitmodules", "submodule.vendor/lib.url", address]);
        run(&app, &["add", "--all"]);
        run(&app, &["commit", "--quiet", "--message", "with a submodule"]);
        url(&format!("file://{}/app", root.display()))
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("root")
    }

    fn url(&self) -> GitUrl {
        url(&format!("file://{}/api.git", self.root().display()))
    }

    fn settings(&self) -> GitSettings {
        GitSettings {
            program: "git".into(),
            file_root: Some(self.root()),
            egress: Arc::new(Egress::default()),
            known_hosts: self.dir.path().join("known_hosts"),
            time_limit: Duration::from_secs(60),
        }
    }

    fn source(&self, reference: &str) -> GitSource {
        let reference = GitReference::parse(reference).expect("a reference");
        GitSource { url: self.url(), reference, depth: 1.try_into().ok(), submodules: false, credentials: None }
    }

    async fn clone(&self, source: &GitSource) -> (Result<super::Checkout, GitError>, PathBuf) {
        let target = self.dir.path().join("target");
        (clone(self.settings(), source, &target).await, target)
    }
}

fn url(text: &str) -> GitUrl {
    GitUrl::parse(text).expect("an address")
}

async fn clone(settings: GitSettings, source: &GitSource, target: &Path) -> Result<super::Checkout, GitError> {
    let (lines, _receiver) = Lines::channel();
    Git::new(settings).clone_into(source, target, &lines, &CancellationToken::new()).await
}

#[rstest]
#[case::branch("main", 2, Some("main"), Some("v1.1"))]
#[case::default_branch("HEAD", 2, Some("main"), Some("v1.1"))]
#[case::branch_with_slash("feature/x", 1, Some("feature/x"), Some("v1.0"))]
#[case::tag("v1.0", 1, None, Some("v1.0"))]
#[case::annotated_tag("v1.1", 2, None, Some("v1.1"))]
#[tokio::test]
async fn clones_by_name(
    #[case] reference: &str,
    #[case] commit: usize,
    #[case] branch: Option<&str>,
    #[case] tag: Option<&str>,
) {
    let world = World::new();
    let (checkout, target) = world.clone(&world.source(reference)).await;
    let checkout = checkout.expect("a checkout");
    assert_eq!(checkout.commit, world.commits[commit]);
    assert_eq!(checkout.short, world.commits[commit][..7]);
    assert_eq!((checkout.branch.as_deref(), checkout.commit_tag.as_deref()), (branch, tag));
    let text = ["one", "two", "three"][commit];
    assert_eq!((checkout.subject.as_str(), checkout.author.as_str()), (text, "Mina <mina@example.com>"));
    assert_eq!(fs::read_to_string(target.join("file")).expect("a file"), text);
    assert_eq!(run(&target, &["rev-list", "--count", "HEAD"]), "1");
    assert!(!target.join(".git/hooks").exists());
}

#[rstest]
#[case::whole(0, 40)]
#[case::short(0, 7)]
#[case::short_of_a_tip(2, 10)]
#[tokio::test]
async fn clones_by_commit(#[case] commit: usize, #[case] digits: usize) {
    let world = World::new();
    let (checkout, target) = world.clone(&world.source(&world.commits[commit][..digits])).await;
    assert_eq!(checkout.expect("a checkout").commit, world.commits[commit]);
    assert_eq!(fs::read_to_string(target.join("file")).expect("a file"), ["one", "two", "three"][commit]);
}

#[tokio::test]
async fn takes_the_whole_history_without_a_depth() {
    let world = World::new();
    let (checkout, target) = world.clone(&GitSource { depth: None, ..world.source("main") }).await;
    assert!(checkout.is_ok());
    assert_eq!(run(&target, &["rev-list", "--count", "HEAD"]), "3");
}

#[rstest]
#[case("mian", Some("main"))]
#[case("master", Some("main"))]
#[case("v1.2", Some("v1.0"))]
#[case("abcdef1", None)]
#[case("abcdef1234abcdef1234abcdef1234abcdef1234", None)]
#[tokio::test]
async fn a_missing_reference_names_what_was_meant(#[case] reference: &str, #[case] expected: Option<&str>) {
    let world = World::new();
    let (outcome, _) = world.clone(&world.source(reference)).await;
    let expected =
        GitError::ReferenceNotFound { reference: reference.to_owned(), did_you_mean: expected.map(str::to_owned) };
    assert_eq!(outcome, Err(expected));
}

#[tokio::test]
async fn lists_branches_and_tags() {
    let world = World::new();
    let refs = Git::new(world.settings()).ls_refs(&world.url(), None).await.expect("references");
    assert_eq!(refs.branches, ["feature/x", "main"]);
    assert_eq!(refs.tags, ["v1.1", "v1.0"]);
    assert_eq!(refs.default_branch.as_deref(), Some("main"));
}

#[tokio::test]
async fn files_are_read_only_under_the_root() {
    let world = World::new();
    let outside = world.dir.path().join("outside.git");
    run(world.dir.path(), &["clone", "--quiet", "--bare", "root/api.git", "outside.git"]);
    symlink(&outside, world.root().join("escape.git")).expect("a link");
    for path in [outside, world.root().join("escape.git")] {
        let source = GitSource { url: url(&format!("file://{}", path.display())), ..world.source("main") };
        assert!(matches!(world.clone(&source).await.0, Err(GitError::Refused(_))), "{path:?}");
    }
    let gone = GitSource { url: url(&format!("file://{}/gone", world.root().display())), ..world.source("main") };
    assert_eq!(world.clone(&gone).await.0, Err(GitError::RepositoryNotFound));
    let settings = GitSettings { file_root: None, ..world.settings() };
    let outcome = clone(settings, &world.source("main"), &world.dir.path().join("x")).await;
    assert!(matches!(outcome, Err(GitError::Refused(why)) if why.contains("SLIPWAY_GIT_FILE_ROOT")));
}

#[tokio::test]
async fn submodules_come_with_their_own_commits() {
    let world = World::new();
    let app = world.with_submodule("../api.git");
    let (outcome, target) = world.clone(&GitSource { url: app, submodules: true, ..world.source("main") }).await;
    outcome.expect("a checkout");
    assert_eq!(fs::read_to_string(target.join("vendor/lib/file")).expect("a file"), "one");
}

#[tokio::test]
async fn a_submodule_does_not_lead_elsewhere() {
    let world = World::new();
    let app = world.with_submodule("http://169.254.169.254/x");
    let (outcome, _) = world.clone(&GitSource { url: app, submodules: true, ..world.source("main") }).await;
    assert!(matches!(&outcome, Err(GitError::Refused(why)) if why.contains("169.254.169.254")), "{outcome:?}");
}

/// Puts a script in git's place.
fn stand_in(world: &World, script: &str) -> GitSettings {
    let program = world.dir.path().join("git-stand-in");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("a script");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).expect("a program");
    GitSettings {
        program,
        egress: Arc::new(Egress::parse(&["127.0.0.0/8"], &[]).expect("a policy")),
        ..world.settings()
    }
}

/// What attackers put where a name is expected, and the wrappings that they put it in.
const HOSTILE: [&str; 25] = [
    "--upload-pack=touch x",
    "--exec=touch x",
    "-oProxyCommand=touch x",
    "-c core.sshCommand=touch x",
    "--config=core.pager=touch x",
    "--template=/tmp/x",
    "--separate-git-dir=/tmp/x",
    "--receive-pack=x",
    "--git-dir=/etc",
    "--output=/etc/passwd",
    "-u./x",
    "--",
    "-",
    "ext::sh -c touch% x",
    "file:///etc/passwd",
    "../../etc/passwd",
    "$(touch x)",
    "`touch x`",
    "main; touch x",
    "main\ntouch x",
    "main\u{0}x",
    "refs/heads/../../x",
    "main@{1}",
    "main:x",
    "+refs/*:refs/*",
];

/// Two hundred of them: whatever is let through stands behind the end of the options.
#[tokio::test]
async fn nothing_hostile_is_an_option_of_git() {
    let world = World::new();
    let seen = world.dir.path().join("seen");
    let record = format!(
        "for word; do printf '%s\\n' \"$word\"; done >> {0}; printf '%s\\n' END >> {0}; exit 1",
        seen.display()
    );
    let (mut tried, mut passed) = (0, 0);
    for payload in HOSTILE {
        let references =
            [payload.to_owned(), format!("refs/heads/{payload}"), format!("v1.0{payload}"), format!(" {payload}")];
        let urls = [
            payload.to_owned(),
            format!("https://git.example/{payload}"),
            format!("ssh://{payload}@git.example/x"),
            format!("git@{payload}:x"),
        ];
        for reference in &references {
            tried += 1;
            let Ok(parsed) = GitReference::parse(reference) else { continue };
            passed += 1;
            let source = GitSource { reference: parsed, ..world.source("main") };
            let told = clone(stand_in(&world, &record), &source, &world.dir.path().join("x")).await;
            assert!(told.is_err(), "the stand-in always fails");
        }
        for address in &urls {
            tried += 1;
            let Ok(parsed) = GitUrl::parse(address) else { continue };
            passed += 1;
            let settings = GitSettings { egress: Arc::new(Egress::default()), ..stand_in(&world, &record) };
            let told = Git::new(settings).ls_refs(&parsed, None).await;
            assert!(told.is_err(), "the stand-in always fails");
        }
    }
    assert_eq!(tried, 200);
    let seen = fs::read_to_string(&seen).unwrap_or_default();
    for words in seen.split("END\n") {
        let words: Vec<&str> = words.lines().collect();
        let options = words.iter().take_while(|word| **word != "--").copied().collect::<Vec<_>>().join("\n");
        for mark in ["touch", "Proxy", "/tmp/x", "/etc", "exec", "pack=", "../"] {
            assert!(!options.contains(mark), "{words:?}");
        }
    }
    assert!(passed > 0, "some are harmless names, and git is told of them");
}

#[tokio::test]
async fn credentials_are_in_no_argument_and_the_environment_is_git_s_own() {
    let world = World::new();
    let seen = world.dir.path().join("seen");
    let settings =
        stand_in(&world, &format!("printf '%s\\n' \"$@\" > {0}.args; env > {0}.env; exit 1", seen.display()));
    let password = GitCredentials::Password { username: "ci".to_owned(), password: "s3cret-pass".to_owned().into() };
    let source =
        GitSource { url: url("http://127.0.0.1:9/x/y.git"), credentials: Some(password), ..world.source("main") };
    assert!(clone(settings, &source, &world.dir.path().join("x")).await.is_err());
    let args = fs::read_to_string(seen.with_extension("args")).expect("arguments");
    assert!(!args.contains("s3cret-pass"), "{args}");
    for expected in [
        "protocol.ext.allow=never",
        "core.hooksPath=/dev/null",
        "http.followRedirects=false",
        "\n--\nhttp://127.0.0.1:9/x/y.git\n",
    ] {
        assert!(args.contains(expected), "{args}");
    }
    let env = fs::read_to_string(seen.with_extension("env")).expect("an environment");
    for expected in [
        "GIT_TERMINAL_PROMPT=0",
        "GIT_CONFIG_NOSYSTEM=1",
        "GIT_CONFIG_GLOBAL=/dev/null",
        "GIT_ALLOW_PROTOCOL=http\n",
        "SLIPWAY_GIT_PASSWORD=s3cret-pass",
    ] {
        assert!(env.contains(expected), "{env}");
    }
    assert!(!env.contains("CARGO"), "{env}");
}

#[rstest]
#[case("http://127.0.0.1:9/x")]
#[case("http://localhost:9/x")]
#[case("https://169.254.169.254/latest")]
#[case("ssh://git@127.0.0.1/x")]
#[case("git@127.0.0.1:x")]
#[case("https://[::1]/x")]
#[tokio::test]
async fn inward_addresses_never_reach_git(#[case] address: &str) {
    let world = World::new();
    let seen = world.dir.path().join("seen");
    let settings = GitSettings { egress: Arc::default(), ..stand_in(&world, &format!("touch {}", seen.display())) };
    let source = GitSource { url: url(address), ..world.source("main") };
    let outcome = clone(settings.clone(), &source, &world.dir.path().join("x")).await;
    assert!(matches!(outcome, Err(GitError::Refused(_))), "{outcome:?}");
    assert!(matches!(Git::new(settings).ls_refs(&url(address), None).await, Err(GitError::Refused(_))));
    assert!(!seen.exists());
}

#[rstest]
#[case::key_for_https("http://127.0.0.1:9/x", GitCredentials::Key { private_key: "k".to_owned().into() })]
#[case::password_for_ssh("git@127.0.0.1:x", GitCredentials::Password { username: "u".to_owned(), password: "p".to_owned().into() })]
#[case::line_end("http://127.0.0.1:9/x", GitCredentials::Password { username: "u".to_owned(), password: "p\nhost=evil".to_owned().into() })]
#[tokio::test]
async fn credentials_that_do_not_fit_are_refused(#[case] address: &str, #[case] credentials: GitCredentials) {
    let world = World::new();
    let source = GitSource { url: url(address), credentials: Some(credentials), ..world.source("main") };
    let outcome = clone(stand_in(&world, "exit 0"), &source, &world.dir.path().join("x")).await;
    assert!(matches!(outcome, Err(GitError::Refused(_))), "{outcome:?}");
}

#[tokio::test]
async fn cancelling_ends_git_and_all_that_it_started() {
    let world = World::new();
    // The stand-in and its child both hold the write end of a pipe, which ends when both are gone.
    let pipe = world.dir.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let script = format!("exec 3> {}\nsleep 1000 &\necho ready >&2\nwait", pipe.display());
    let settings = stand_in(&world, &script);
    let ended = tokio::task::spawn_blocking(move || fs::read(pipe));
    let (lines, mut receiver) = Lines::channel();
    let (cancel, source) = (CancellationToken::new(), world.source("main"));
    let (token, target) = (cancel.clone(), world.dir.path().join("x"));
    let cloning = tokio::spawn(async move { Git::new(settings).clone_into(&source, &target, &lines, &token).await });
    assert_eq!(receiver.recv().await.expect("a line").text, "ready");
    cancel.cancel();
    assert_eq!(cloning.await.expect("joined"), Err(GitError::Cancelled));
    assert!(ended.await.expect("joined").is_ok());
}

#[tokio::test]
async fn a_time_limit_ends_it() {
    let world = World::new();
    let settings = GitSettings { time_limit: Duration::from_millis(20), ..stand_in(&world, "exec sleep 1000") };
    let outcome = clone(settings, &world.source("main"), &world.dir.path().join("x")).await;
    assert_eq!(outcome, Err(GitError::TimedOut(0)));
}

#[tokio::test]
async fn a_host_that_is_not_there_is_unreachable() {
    let world = World::new();
    let egress = Arc::new(Egress::parse(&["127.0.0.1"], &[]).expect("a policy"));
    let source = GitSource { url: url("http://127.0.0.1:1/x/y"), ..world.source("main") };
    let outcome = clone(GitSettings { egress, ..world.settings() }, &source, &world.dir.path().join("x")).await;
    assert!(
        matches!(&outcome, Err(GitError::Unreachable(why)) if why.contains("refused") || why.contains("connect")),
        "{outcome:?}"
    );
}
