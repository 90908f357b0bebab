//! Cloning, as shallow as is asked for, and listing what could be cloned.

use super::{
    Checkout, Git, GitCredentials, GitError, GitSource, GitUrl, Refs,
    address::Access,
    command::Session,
    refs::Offered,
    resolve::{Wanted, not_found, resolve},
    submodules,
};
use crate::line::Lines;
use std::{fs, future::Future, num::NonZeroU32, path::Path};
use tokio_util::sync::CancellationToken;
use types::log::LogStream;

impl Git {
    /// Clones into `dir`, which is made; what git says goes to `lines`. Ends, with all that git
    /// started, on cancel, at the time limit, and when it is dropped; what it wrote stays.
    pub async fn clone_into(
        &self,
        source: &GitSource,
        dir: &Path,
        lines: &Lines,
        cancel: &CancellationToken,
    ) -> Result<Checkout, GitError> {
        self.limited(cancel, self.clone_all(source, dir, lines)).await
    }

    /// Branches and tags, for pickers.
    pub async fn ls_refs(&self, url: &GitUrl, credentials: Option<&GitCredentials>) -> Result<Refs, GitError> {
        let listing = async {
            let access = Access::prepare(&self.0, url, credentials).await?;
            let session = Session { settings: &self.0, access: &access, lines: None };
            Ok(Refs::from(session.offered().await?))
        };
        self.limited(&CancellationToken::new(), listing).await
    }

    async fn limited<T>(
        &self,
        cancel: &CancellationToken,
        work: impl Future<Output = Result<T, GitError>>,
    ) -> Result<T, GitError> {
        let limit = self.0.time_limit;
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(GitError::Cancelled),
            outcome = tokio::time::timeout(limit, work) => {
                outcome.unwrap_or(Err(GitError::TimedOut(limit.as_secs())))
            }
        }
    }

    async fn clone_all(&self, source: &GitSource, dir: &Path, lines: &Lines) -> Result<Checkout, GitError> {
        let GitSource { url, reference, depth, submodules, credentials } = source;
        let access = Access::prepare(&self.0, url, credentials.as_ref()).await?;
        let session = Session { settings: &self.0, access: &access, lines: Some(lines) };
        let offered = session.offered().await?;
        let wanted = resolve(reference, &offered)?;
        lines.send_now(LogStream::System, format!("Fetching {wanted} of {}", url.as_str())).await?;
        let commit = session.check_out(dir, &wanted, *depth).await?;
        let commit = commit.ok_or_else(|| not_found(reference, &offered))?;
        let checkout = session.describe(dir, &commit, &wanted, &offered).await?;
        lines.send_now(LogStream::System, format!("Checked out {} {}", checkout.short, checkout.subject)).await?;
        if *submodules {
            submodules::check_out(&self.0, source, dir, lines).await?;
        }
        Ok(checkout)
    }
}

impl Session<'_> {
    /// Only branches and tags: a large host has ten times as many other references.
    async fn offered(&self) -> Result<Offered, GitError> {
        let args = ["ls-remote", "--symref", "--", &self.access.url, "HEAD", "refs/heads/*", "refs/tags/*"];
        Ok(Offered::parse(&self.git(self.access.home.path(), &args).await?))
    }

    /// Fetches into a new repository and checks out; gives the commit, or none if there is none.
    pub(super) async fn check_out(
        &self,
        dir: &Path,
        wanted: &Wanted,
        depth: Option<NonZeroU32>,
    ) -> Result<Option<String>, GitError> {
        fs::create_dir_all(dir).map_err(|error| GitError::local(&error))?;
        self.git(dir, &["init", "--quiet", "--template="]).await?;
        let name = match wanted {
            Wanted::Branch(branch) => self.fetch(dir, &format!("refs/heads/{branch}"), depth).await?,
            Wanted::Tag(tag) => self.fetch(dir, &format!("refs/tags/{tag}"), depth).await?,
            Wanted::Commit(commit) => self.fetch_commit(dir, commit, depth).await?,
            Wanted::Short(short) => self.fetch_all(dir, short).await?,
        };
        let verify = ["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")];
        let commit = match self.quiet().git(dir, &verify).await {
            Ok(commit) => commit.trim().to_owned(),
            Err(GitError::Failed(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        self.git(dir, &["checkout", "--quiet", "--detach", &commit]).await?;
        Ok(Some(commit))
    }

    async fn fetch(&self, dir: &Path, name: &str, depth: Option<NonZeroU32>) -> Result<String, GitError> {
        let depth = depth.map(|depth| format!("--depth={depth}"));
        let mut args = vec!["fetch", "--quiet", "--no-tags"];
        args.extend(depth.as_deref());
        args.extend(["--", &self.access.url, name]);
        self.git(dir, &args).await?;
        Ok("FETCH_HEAD".to_owned())
    }

    /// Most servers give any commit that is asked for; from the others all is fetched.
    async fn fetch_commit(&self, dir: &Path, commit: &str, depth: Option<NonZeroU32>) -> Result<String, GitError> {
        match self.quiet().fetch(dir, commit, depth).await {
            Ok(_) => Ok(commit.to_owned()),
            Err(GitError::Unauthorized) => Err(GitError::Unauthorized),
            Err(_) => self.fetch_all(dir, commit).await,
        }
    }

    async fn fetch_all(&self, dir: &Path, commit: &str) -> Result<String, GitError> {
        let specs = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"];
        let args = ["fetch", "--quiet", "--no-tags", "--", &self.access.url, specs[0], specs[1]];
        self.git(dir, &args).await?;
        Ok(commit.to_owned())
    }

    async fn describe(
        &self,
        dir: &Path,
        commit: &str,
        wanted: &Wanted,
        offered: &Offered,
    ) -> Result<Checkout, GitError> {
        let shown = self.git(dir, &["log", "-1", "--no-color", "--format=%s%x00%an <%ae>", commit]).await?;
        let (subject, author) = shown.trim_end().split_once('\0').unwrap_or_default();
        let (branch, tag) = match wanted {
            Wanted::Branch(branch) => (Some(branch.clone()), None),
            Wanted::Tag(tag) => (None, Some(tag.as_str())),
            Wanted::Commit(_) | Wanted::Short(_) => (None, None),
        };
        Ok(Checkout {
            short: commit.chars().take(7).collect(),
            commit: commit.to_owned(),
            commit_tag: offered.tag_of(commit, tag),
            branch,
            subject: subject.to_owned(),
            author: author.to_owned(),
        })
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Branch(name) => write!(f, "branch {name}"),
            Self::Tag(name) => write!(f, "tag {name}"),
            Self::Commit(digits) | Self::Short(digits) => write!(f, "commit {digits}"),
        }
    }
}
