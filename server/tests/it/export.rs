//! `slipway export` and `slipway import`, the program itself, against the router on a port.

use crate::{TestApp, repeat::with_build, sockets::listen};
use std::process::Stdio;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

fn start(app: &TestApp, address: &str, arguments: &[&str]) -> Child {
    let mut program = Command::new(env!("CARGO_BIN_EXE_slipway"));
    program.args(arguments).env("SLIPWAY_URL", address).env("SLIPWAY_TOKEN", app.token()).kill_on_drop(true);
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program")
}

/// Its exit status, what it prints, and what it says to people, when it was given this.
async fn run(app: &TestApp, arguments: &[&str], input: &str) -> (i32, String, String) {
    let address = format!("http://{}", listen(app).await);
    let mut child = start(app, &address, arguments);
    let mut stdin = child.stdin.take().expect("an input");
    // One that does not read has its reasons, and says them.
    stdin.write_all(input.as_bytes()).await.ok();
    drop(stdin);
    let output = child.wait_with_output().await.expect("an end");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().expect("a status"), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn what_was_exported_is_imported_and_changes_only_what_differs() {
    let app = with_build().await;
    let (status, exported, errors) = run(&app, &["export"], "").await;
    assert_eq!((status, errors.as_str()), (0, ""));
    assert!(exported.starts_with("---\nname: web\n") && !exported.contains("hush-hush"), "{exported}");
    assert_eq!(run(&app, &["export", "web"], "").await.1, exported);

    let import = async |text: &str, more: &[&str]| run(&app, &[&["import", "-"], more].concat(), text).await;
    assert_eq!(import(&exported, &[]).await.1, "build web: unchanged\n");
    let changed = exported.replace("make lint", "make test");
    assert_eq!(import(&changed, &["--dry-run"]).await.1, "build web: would be changed\n");
    assert_eq!(import(&changed, &[]).await.1, "build web: changed\n");
    let kept = app.get("/api/v1/builds/web").await.json();
    assert_eq!(kept["steps"][1]["script"], "make test");
    assert_eq!(kept["steps"][0]["credentials"]["password"], "***", "the stored password stays");

    // A password is not in the file, so a new build needs one.
    let second = changed.replace("name: web", "name: second").replace("repository: web", "repository: second");
    let (status, _, errors) = import(&second, &[]).await;
    assert_eq!(status, 2);
    assert!(errors.contains("secret_required"), "{errors}");
    let second = second.replace("'***'", "hush-hush").replace("\"***\"", "hush-hush");
    let both = format!("{changed}{second}");
    assert_eq!(import(&both, &[]).await, (0, "build web: unchanged\nbuild second: made\n".to_owned(), String::new()));
    assert_eq!(run(&app, &["export"], "").await.1.matches("---\n").count(), 2);
}

#[tokio::test]
async fn a_file_that_is_wrong_changes_nothing() {
    let app = with_build().await;
    let exported = run(&app, &["export"], "").await.1;
    let half = format!("{}---\nname: other\nstpes: []\n", exported.replace("make lint", "make test"));
    for (text, words) in [(half.as_str(), "stpes"), ("", "there is no build in it"), ("\u{1}", "-: ")] {
        let (status, said, errors) = run(&app, &["import", "-"], text).await;
        assert_eq!((status, said.as_str()), (2, ""));
        assert!(errors.contains(words), "{errors}");
    }
    assert_eq!(app.get("/api/v1/builds/web").await.json()["steps"][1]["script"], "make lint");
    let (status, _, errors) = run(&app, &["export", "nothing"], "").await;
    assert_eq!(status, 2);
    assert!(errors.contains("not_found"), "{errors}");
}
