//! What git is told, and what comes of it.

use super::{GitReference, GitUrl};
use crate::egress::Egress;
use secrecy::SecretString;
use std::{num::NonZeroU32, path::PathBuf, sync::Arc, time::Duration};

/// What holds for every repository.
#[derive(Clone, Debug)]
pub struct GitSettings {
    /// The command, usually `git`.
    pub program: PathBuf,
    /// Folder under which `file:` URLs are allowed; none: they are refused.
    pub file_root: Option<PathBuf>,
    pub egress: Arc<Egress>,
    /// Where host keys of ssh are pinned at first use.
    pub known_hosts: PathBuf,
    /// Of one call, whatever it does.
    pub time_limit: Duration,
}

/// What is cloned.
#[derive(Clone, Debug)]
pub struct GitSource {
    pub url: GitUrl,
    pub reference: GitReference,
    /// Commits of history; none: all of it.
    pub depth: Option<NonZeroU32>,
    pub submodules: bool,
    pub credentials: Option<GitCredentials>,
}

/// How to sign in to a repository's host.
#[derive(Clone, Debug)]
pub enum GitCredentials {
    Password {
        username: String,
        password: SecretString,
    },
    /// A private key in OpenSSH or PEM form, without a pass phrase.
    Key {
        private_key: SecretString,
    },
}

/// What was checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// 40 digits.
    pub commit: String,
    /// 7 digits.
    pub short: String,
    /// A tag of exactly this commit; the one asked for, otherwise the newest version.
    pub commit_tag: Option<String>,
    /// The branch that was asked for.
    pub branch: Option<String>,
    pub subject: String,
    /// As in `Mina <mina@example.com>`.
    pub author: String,
}

/// The `git` command; cheap to clone.
#[derive(Clone, Debug)]
pub struct Git(pub(super) Arc<GitSettings>);

impl Git {
    pub fn new(settings: GitSettings) -> Self {
        Self(Arc::new(settings))
    }
}
