//! The step that fetches a code repository.

use super::{
    execute::{Work, say},
    step_end::StepEnd,
    values::Values,
};
use crate::{
    Error, beneath,
    git::{GitCredentials, GitError, GitReference, GitSource, GitUrl},
    line::Lines,
};
use secrecy::SecretString;
use std::{
    num::NonZeroU32,
    path::{Path, PathBuf},
};
use types::{
    build::{Credentials, GitStep, Step, TagRule},
    build_run::BuildCause,
};

/// Clones into the work space; the first repository of the flow gives the commit, and the tag where
/// the rule says so.
pub(crate) async fn run(work: &mut Work, step: &GitStep, lines: &Lines) -> Result<(), StepEnd> {
    let first = work.flow.steps.iter().find(|step| step.enabled() && matches!(step, Step::Git(_)));
    let is_first = first.is_some_and(|first| first.name() == step.name);
    let asked = work.params.reference.clone().filter(|_| is_first).unwrap_or_else(|| step.reference.clone());
    // After a restart the same commit is built, not what the branch has become meanwhile.
    let pinned = work.row.commit.clone().filter(|_| is_first);
    let source = GitSource {
        url: GitUrl::parse(&step.url).map_err(refused)?,
        reference: GitReference::parse(pinned.as_deref().unwrap_or(&asked)).map_err(refused)?,
        depth: NonZeroU32::new(step.depth),
        submodules: step.submodules,
        credentials: credentials(work, step)?,
    };
    let target = target(work, &step.folder).await?;
    say(lines, format!("Clones {} at {asked}", step.url)).await?;
    let checkout = work.engine.git.clone_into(&source, &target, lines, &work.cancel).await.map_err(ended)?;
    say(lines, format!("Commit {} by {}: {}", checkout.short, checkout.author, checkout.subject)).await?;
    if is_first {
        let tag = match &work.flow.tag_rule {
            TagRule::Git { prefix } if work.values.tag.is_none() => {
                Some(super::tag::of_commit(prefix, checkout.commit_tag.as_deref(), &checkout.short))
            }
            TagRule::Git { .. } | TagRule::Typed {} | TagRule::Sequence { .. } | TagRule::Datetime { .. } => None,
        };
        let recorder = super::Recorder { engine: &work.engine, row: &work.row };
        recorder.source(&checkout.commit, tag.as_deref()).await?;
        work.values.commit = Some(checkout.commit);
        work.values.tag = work.values.tag.take().or(tag);
    }
    Ok(())
}

fn credentials(work: &Work, step: &GitStep) -> Result<Option<GitCredentials>, StepEnd> {
    let gone = |why: String| StepEnd::failed(BuildCause::GitFailed, format!("credentials: {why}"));
    opened(step, &work.passwords, &work.values).map_err(gone)
}

/// How a step signs in: with its stored password, or with the secret that it names.
pub(crate) fn opened(
    step: &GitStep,
    passwords: &[(String, SecretString)],
    values: &Values,
) -> Result<Option<GitCredentials>, String> {
    let Some(Credentials { username, password }) = &step.credentials else { return Ok(None) };
    let password = match passwords.iter().find(|(name, _)| *name == step.name) {
        Some((_, password)) => password.clone(),
        None => values.expand(password)?.into(),
    };
    Ok(Some(GitCredentials::Password { username: username.clone(), password }))
}

/// Where the code goes. An earlier repository may have links there, which must not lead it elsewhere.
async fn target(work: &Work, folder: &str) -> Result<PathBuf, StepEnd> {
    let tree = work.tree();
    tokio::fs::create_dir_all(&tree).await.map_err(|why| broken(&tree, &why))?;
    let target = beneath::folder(&tree, folder, true);
    let target = target.map_err(|why| StepEnd::failed(BuildCause::GitFailed, format!("folder {folder}: {why}")))?;
    clear(&target).await?;
    Ok(target)
}

/// An earlier try may have left half a tree.
pub(super) async fn clear(target: &Path) -> Result<(), StepEnd> {
    match tokio::fs::remove_dir_all(target).await {
        Ok(()) => Ok(()),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(why) => Err(broken(target, &why)),
    }
}

fn broken(path: &Path, why: &std::io::Error) -> StepEnd {
    StepEnd::Broken(Error::Internal(format!("{}: {why}", path.display())))
}

fn refused(why: String) -> StepEnd {
    StepEnd::failed(BuildCause::GitFailed, why)
}

fn ended(error: GitError) -> StepEnd {
    let message = error.to_string();
    match error {
        GitError::Cancelled => StepEnd::Cancelled,
        GitError::ReferenceNotFound { .. } => StepEnd::failed(BuildCause::ReferenceNotFound, message),
        GitError::TimedOut(_) => StepEnd::failed(BuildCause::Timeout, message),
        GitError::LogClosed => StepEnd::failed(BuildCause::LogTooLarge, message),
        GitError::RepositoryNotFound
        | GitError::Unauthorized
        | GitError::Unreachable(_)
        | GitError::Refused(_)
        | GitError::Failed(_) => StepEnd::failed(BuildCause::GitFailed, message),
    }
}
