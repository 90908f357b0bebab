//! What can go wrong with a repository.

use crate::line::LinesClosed;

/// Why a repository could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GitError {
    #[error("there is no branch, tag or commit {reference}{}", suggestion(did_you_mean.as_deref()))]
    ReferenceNotFound { reference: String, did_you_mean: Option<String> },
    #[error("there is no such repository, or it is not visible with these credentials")]
    RepositoryNotFound,
    #[error("the credentials are missing, wrong, or not enough for this repository")]
    Unauthorized,
    #[error("the repository cannot be reached: {0}")]
    Unreachable(String),
    /// Slipway itself refuses, before or while git runs.
    #[error("refused: {0}")]
    Refused(String),
    #[error("cancelled")]
    Cancelled,
    /// Seconds.
    #[error("it took longer than {0} s")]
    TimedOut(u64),
    /// Nobody takes the lines any more.
    #[error("the log takes no more lines")]
    LogClosed,
    /// The last lines that git printed.
    #[error("git failed: {0}")]
    Failed(String),
}

impl From<LinesClosed> for GitError {
    fn from(_: LinesClosed) -> Self {
        Self::LogClosed
    }
}

impl GitError {
    /// Of what this machine could not do.
    pub(super) fn local(error: &std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

fn suggestion(did_you_mean: Option<&str>) -> String {
    did_you_mean.map(|name| format!(", did you mean {name}?")).unwrap_or_default()
}
