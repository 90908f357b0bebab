//! Repositories that mean harm, or are only large.

use crate::{
    ground::slipway,
    hostile::{failure, image, run},
    place::Place,
    repository::Repository,
};
use rstest::rstest;
use serde_json::{Value, json};
use std::{fs, os::unix::fs::symlink};

#[test]
#[ignore = "needs the playground"]
fn links_of_a_repository_lead_nowhere_else() {
    let place = Place::new(&slipway(), "links");
    let code = Repository::new(&place.named("links"), |folder| {
        fs::create_dir(folder.join("src")).expect("a folder");
        fs::write(folder.join("src/Dockerfile"), "FROM scratch\nCOPY . /\n").expect("a file");
        symlink("/etc", folder.join("etc")).expect("a link");
        symlink("../..", folder.join("up")).expect("a link");
        symlink("src", folder.join("app")).expect("a link");
        symlink("/etc/passwd", folder.join(".dockerignore")).expect("a link");
        symlink("/etc/passwd", folder.join("Dockerfile")).expect("a link");
    });
    let folder = |context: &str| json!({"type": "image", "name": "image", "context": context});
    let of = |name: &str, steps: &[Value]| run(&place, name, "local", steps);
    for context in ["code/etc", "code/up"] {
        let ended = of(&context.replace('/', "-"), &[code.step("code"), folder(context)]);
        let words = format!("there is no folder {context} in the work space");
        assert_eq!(failure(&ended), ("step_failed", words.as_str()));
    }
    let ended = of("dockerfile", &[code.step("code"), folder("code")]);
    assert_eq!(failure(&ended), ("dockerfile_not_found", "there is no Dockerfile at Dockerfile"));
    let ended = of(
        "ignore",
        &[
            code.step("code"),
            json!({"type": "image", "name": "image", "context": "code",
        "inline": "FROM scratch\nCOPY . /\n"}),
        ],
    );
    assert_eq!(failure(&ended).0, "step_failed", "{ended:#}");
    let ended = of("second", &[code.step("code"), code.step("code/up/other"), image("FROM scratch\n")]);
    assert_eq!(failure(&ended), ("git_failed", "folder code/up/other: up is not a folder"));
    assert_eq!(of("within", &[code.step("code"), folder("code/app")])["status"], "succeeded");
}

/// Names that git itself takes for its own folder on some file system.
#[rstest]
#[case::a_file("file", ".git")]
#[case::in_capitals("capitals", ".GIT")]
#[case::short("short", "git~1")]
#[ignore = "needs the playground"]
fn names_of_gits_own_folder_are_refused(#[case] name: &str, #[case] entry: &str) {
    let place = Place::new(&slipway(), &format!("names-{name}"));
    let code =
        Repository::new(&place.named(name), |folder| fs::write(folder.join("a"), "gitdir: /etc\n").expect("a file"));
    let blob = code.git(&["rev-parse", "HEAD:a"]);
    // `git add` would not take the name, so the tree is written by hand.
    let tree = code.path().join("tree");
    fs::write(&tree, format!("100644 blob {}\t{entry}\n", blob.trim())).expect("a file");
    let tree = code.fed(&["mktree"], &tree);
    let commit = code.git(&["commit-tree", tree.trim(), "-m", "Harm"]);
    code.git(&["update-ref", "refs/heads/main", commit.trim()]);
    let ended = run(&place, name, "local", &[code.step("code"), image("FROM scratch\nCOPY . /\n")]);
    let (code, words) = failure(&ended);
    assert_eq!(code, "git_failed", "{words}");
    assert!(words.contains(entry), "{words}");
}

#[test]
#[ignore = "needs the playground"]
fn a_repository_of_a_hundred_thousand_files_is_built() {
    let place = Place::new(&slipway(), "many");
    let code = Repository::new(&place.named("many"), |folder| {
        for part in 0..100 {
            let part = folder.join(part.to_string());
            fs::create_dir(&part).expect("a folder");
            (0..1_000).for_each(|n| fs::write(part.join(n.to_string()), b"1").expect("a file"));
        }
    });
    let context = json!({"type": "image", "name": "image", "context": "code", "inline": "FROM scratch\nCOPY . /\n"});
    let ended = run(&place, "many", "local", &[code.step("code"), context]);
    assert_eq!(ended["status"], "succeeded", "{ended:#}");
}
