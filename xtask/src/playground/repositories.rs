//! The git repositories of the shop: the same commits, to the hash, on every
//! machine, since author and time are fixed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Playground;
use crate::{checkout, command};

const SOURCES: &str = "deploy/playground/shop/repositories";

struct Repository {
    name: &'static str,
    main: &'static [Commit],
    /// One more commit on top of `main`, on a branch of its own.
    broken: Commit,
}

/// A commit: the files of its folder laid over those of the one before.
struct Commit {
    folder: &'static str,
    at: &'static str,
    message: &'static str,
    tag: Option<&'static str>,
}

const REPOSITORIES: [Repository; 2] = [
    Repository {
        name: "web",
        main: &[
            Commit { folder: "1", at: "2024-03-04T09:12:00Z", message: "Serve a page", tag: None },
            Commit { folder: "2", at: "2024-03-05T14:40:00Z", message: "Press every page while building", tag: None },
            Commit { folder: "3", at: "2024-03-11T10:05:00Z", message: "Answer on /ready", tag: Some("v1.0.0") },
            Commit { folder: "4", at: "2024-03-19T16:31:00Z", message: "Show the version in the page", tag: None },
        ],
        broken: Commit {
            folder: "broken",
            at: "2024-03-20T08:55:00Z",
            message: "Check the pages before pressing them",
            tag: None,
        },
    },
    Repository {
        name: "api",
        main: &[
            Commit { folder: "1", at: "2024-03-04T11:20:00Z", message: "Answer with the stock", tag: None },
            Commit { folder: "2", at: "2024-03-08T13:02:00Z", message: "Write a report", tag: Some("v1.0.0") },
            Commit { folder: "3", at: "2024-03-21T09:47:00Z", message: "Count while building", tag: None },
        ],
        broken: Commit {
            folder: "broken",
            at: "2024-03-22T15:18:00Z",
            message: "Price in a currency that is not there",
            tag: None,
        },
    },
];

/// Where file URLs may lead.
pub(crate) fn folder(playground: &Playground) -> PathBuf {
    playground.place.data("git")
}

/// Made once; what is committed to them later is left alone.
pub(crate) fn ensure(playground: &Playground) -> Result<()> {
    for repository in &REPOSITORIES {
        let path = folder(playground).join(format!("{}.git", repository.name));
        if path.exists() {
            continue;
        }
        repository.make(playground, &path).with_context(|| format!("cannot make the repository {}", path.display()))?;
    }
    Ok(())
}

impl Repository {
    fn make(&self, playground: &Playground, path: &Path) -> Result<()> {
        let unfinished = path.with_extension("new");
        let tree = playground.place.data("git-tree");
        for folder in [&unfinished, &tree] {
            if folder.exists() {
                fs::remove_dir_all(folder)?;
            }
            fs::create_dir_all(folder)?;
        }
        let git = Git { repository: &unfinished, tree: &tree };
        command::output(
            Command::new("git").args(["init", "--quiet", "--bare", "--initial-branch=main"]).arg(&unfinished),
        )?;
        for commit in self.main {
            commit.add(&git, self.name)?;
        }
        git.run(&["branch", "broken"])?;
        git.run(&["symbolic-ref", "HEAD", "refs/heads/broken"])?;
        self.broken.add(&git, self.name)?;
        git.run(&["symbolic-ref", "HEAD", "refs/heads/main"])?;
        // So that a single commit can be fetched by its hash.
        git.run(&["config", "uploadpack.allowAnySHA1InWant", "true"])?;
        fs::remove_dir_all(&tree)?;
        fs::rename(&unfinished, path)?;
        Ok(())
    }
}

impl Commit {
    fn add(&self, git: &Git, repository: &str) -> Result<()> {
        let Self { folder, at, message, tag } = self;
        let files = checkout::root()?.join(SOURCES).join(repository).join(folder);
        command::output(Command::new("cp").arg("-rT").arg(files).arg(git.tree))?;
        git.run(&["add", "--all"])?;
        command::output(
            git.command(&["commit", "--quiet", "--message", message])
                .envs([("GIT_AUTHOR_DATE", *at), ("GIT_COMMITTER_DATE", *at)]),
        )?;
        if let Some(tag) = tag {
            git.run(&["tag", tag])?;
        }
        Ok(())
    }
}

struct Git<'a> {
    repository: &'a Path,
    tree: &'a Path,
}

impl Git<'_> {
    fn run(&self, words: &[&str]) -> Result<()> {
        command::output(&mut self.command(words)).map(drop)
    }

    /// Without the settings of the user or the machine.
    fn command(&self, words: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.args(["-c", "core.bare=false"]).args(words).current_dir(self.tree).envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
            ("GIT_AUTHOR_NAME", "Mina Petrova"),
            ("GIT_AUTHOR_EMAIL", "mina@shop.example"),
            ("GIT_COMMITTER_NAME", "Mina Petrova"),
            ("GIT_COMMITTER_EMAIL", "mina@shop.example"),
        ]);
        git.env("GIT_DIR", self.repository).env("GIT_WORK_TREE", self.tree);
        git
    }
}
