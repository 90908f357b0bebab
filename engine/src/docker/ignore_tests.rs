//! `.dockerignore` beside `docker build` on the real engine.

use super::{Context, Dockerfile};
use futures::TryStreamExt;
use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output},
};

const FILES: [&str; 34] = [
    "foo",
    "foobar",
    "Foo",
    "a/foo",
    "a/b/foo/bar",
    "a/b/c.log",
    "a.log",
    "abc",
    "axc",
    "a.c",
    "ab/c",
    "a/z",
    "a/b/z",
    "a/b/zz",
    "README.md",
    "README-secret.md",
    "docs/README.md",
    "docs/api/index.html",
    "node_modules/x/y.js",
    "web/node_modules/z.js",
    ".git/config",
    ".env",
    "src/main.go",
    "src/main_test.go",
    "src/deep/er/x.go",
    "temp1",
    "tempa",
    "temp/a",
    "[x]",
    "a*b",
    "sp ace",
    "ä.txt",
    "!bang",
    "#hash",
];

/// Of exceptions with wildcards those are not here for which Debian's older command does not look into a folder that is
/// left out, and today's does (`pack` and `ignore` try those).
const PATTERNS: [&str; 69] = [
    "",
    "foo",
    "/foo",
    "foo/",
    "./foo",
    "a/../foo",
    "a//b",
    "a/./b",
    "FOO",
    "*",
    "*\n!foo",
    "*\n!src",
    "*\n!src/main.go",
    "*\n!Dockerfile",
    "*\n!.git",
    "*.log",
    "*/*.log",
    "*/*/*.log",
    "**/*.log",
    "**/foo",
    "**",
    "**/**",
    "a/**",
    "a/**/z",
    "a/**/zz",
    "a/**\n!a/b/z",
    "**/b",
    "**/b/**",
    "**/node_modules",
    "node_modules",
    "**/node_modules/**",
    "temp?",
    "?oo",
    "a?c",
    "a.c",
    "[a-b]*",
    "[^a]*",
    "[A-F]oo",
    "temp[0-9]",
    "temp[^0-9]",
    "\\[x\\]",
    "[[]x]",
    "a\\*b",
    "a*b",
    "sp ace",
    "ä*",
    "?.txt",
    "# comment\nfoo",
    "#hash",
    "\\#hash",
    "!bang",
    "\\!bang",
    "  foo  ",
    "\tfoo",
    "\u{feff}foo",
    "foo\r\nfoobar\r\n",
    "\n\n\nfoo\n\n",
    ".",
    "..",
    "../foo",
    "*.md\n!README*.md\nREADME-secret.md",
    "*.md\nREADME-secret.md\n!README*.md",
    "docs\n!docs/README.md",
    "docs\n!docs/api",
    "src\n!src/deep/er\nsrc/deep/er/x.go",
    ".*",
    "Dockerfile\n.dockerignore",
    "link",
    "dirlink/main.go",
];

const WRONG: [&str; 4] = ["[a", "[]a]", "a\\", "!"];

fn docker(arguments: &[&str]) -> Output {
    let mut command = Command::new("/usr/bin/docker");
    // Debian's, by its path: a machine may have another before it.
    command.args(arguments).env("DOCKER_BUILDKIT", "1").output().expect("the docker command")
}

fn said(arguments: &[&str]) -> Vec<u8> {
    let output = docker(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn line(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("text").trim().to_owned()
}

fn names(tar: &[u8]) -> BTreeSet<String> {
    let mut archive = tar::Archive::new(tar);
    let entries = archive.entries().expect("a tar");
    let names = entries.map(|entry| entry.expect("an entry").path().expect("a path").to_string_lossy().into_owned());
    names.map(|name| name.trim_start_matches("./").trim_end_matches('/').to_owned()).collect()
}

/// What an image has that `docker build` made of a folder; none if it refuses the patterns.
fn built(folder: &Path) -> Option<BTreeSet<String>> {
    let output = docker(&["build", "--quiet", folder.to_str().expect("text")]);
    let image = output.status.success().then(|| line(output.stdout))?;
    let container = line(said(&["create", &image, "none"]));
    let files = names(&said(&["export", &container]));
    said(&["rm", &container]);
    said(&["rmi", "--force", &image]);
    Some(files.into_iter().filter_map(|name| name.strip_prefix("context/").map(str::to_owned)).collect())
}

/// What Slipway sends of it.
async fn sent(folder: &Path) -> Option<BTreeSet<String>> {
    let dockerfile = Dockerfile::Path("Dockerfile".to_owned());
    let context = Context::folder(folder, "", &dockerfile).expect("a context");
    let (files, _) = context.open(&dockerfile, true).ok()?;
    let pieces: Vec<bytes::Bytes> = files.try_collect().await.expect("a tar");
    Some(names(&pieces.concat()).into_iter().filter(|name| !name.is_empty()).collect())
}

#[tokio::test]
#[ignore = "needs the playground"]
async fn a_context_has_what_docker_build_would_take() {
    let dir = tempfile::tempdir().expect("a folder");
    for file in FILES {
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, "text").expect("a file");
    }
    fs::create_dir(dir.path().join("empty")).expect("a folder");
    symlink("foo", dir.path().join("link")).expect("a link");
    symlink("src", dir.path().join("dirlink")).expect("a link");
    fs::write(dir.path().join("Dockerfile"), "FROM scratch\nCOPY . /context/\n").expect("a file");
    let mut different = Vec::new();
    for patterns in PATTERNS.into_iter().chain(WRONG) {
        fs::write(dir.path().join(".dockerignore"), patterns).expect("a file");
        let (sent, built) = (sent(dir.path()).await, built(dir.path()));
        if sent != built {
            different.push(format!("{patterns:?}: Slipway sends {sent:?}, docker build takes {built:?}"));
        }
        if sent.is_none() != WRONG.contains(&patterns) {
            different.push(format!("{patterns:?} is refused or not"));
        }
    }
    assert!(different.is_empty(), "{different:#?}");
}
