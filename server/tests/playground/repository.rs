//! Repositories of tests, beside those of the shop.

use crate::ground::{output, setting};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A repository that goes with the test.
pub(crate) struct Repository(PathBuf);

impl Repository {
    /// One commit with what `fill` puts into a folder.
    pub(crate) fn new(name: &str, fill: impl FnOnce(&Path)) -> Self {
        let path = PathBuf::from(setting("SLIPWAY_GIT_FILE_ROOT")).join(format!("{name}.git"));
        let repository = Self(path);
        fs::create_dir_all(&repository.0).expect("a folder");
        fill(&repository.0);
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.git(&["add", "--all"]);
        repository.git(&["commit", "--quiet", "--message=Harm"]);
        repository
    }

    /// What git says to these words.
    pub(crate) fn git(&self, words: &[&str]) -> String {
        let who = ["-c", "user.name=Mina", "-c", "user.email=mina@shop.example"];
        output(Command::new("git").arg("-C").arg(&self.0).args(who).args(words))
    }

    /// What git says to these words and what is in a file.
    pub(crate) fn fed(&self, words: &[&str], input: &Path) -> String {
        let input = fs::File::open(input).expect("a file");
        output(Command::new("git").arg("-C").arg(&self.0).args(words).stdin(input))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn step(&self, folder: &str) -> Value {
        let url = format!("file://{}", self.0.display());
        json!({"type": "git", "name": format!("code-{}", folder.replace('/', "-")), "url": url, "folder": folder})
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap_or_else(|why| eprintln!("{why}"));
    }
}
