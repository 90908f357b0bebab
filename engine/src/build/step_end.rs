//! How a step ended other than well, and what errors mean for it.

use crate::{Error, docker::DockerError, logs::LogError};
use types::build_run::{BuildCause, BuildFailure};

/// How a step ended other than well.
#[derive(Debug)]
pub(crate) enum StepEnd {
    Failed(BuildFailure),
    Cancelled,
    /// Slipway stops: the step is taken up at the next start.
    Stopped,
    EngineUnreachable(String),
    /// Something of Slipway itself failed: the database, the log.
    Broken(Error),
}

impl StepEnd {
    pub(crate) fn failed(code: BuildCause, message: impl Into<String>) -> Self {
        StepEnd::Failed(BuildFailure { code, message: message.into() })
    }
}

impl From<Error> for StepEnd {
    fn from(error: Error) -> Self {
        StepEnd::Broken(error)
    }
}

impl From<LogError> for StepEnd {
    fn from(error: LogError) -> Self {
        match error {
            LogError::TooLarge { limit } => {
                StepEnd::failed(BuildCause::LogTooLarge, format!("the log has reached its limit of {limit} bytes"))
            }
            other => StepEnd::Broken(Error::Internal(other.to_string())),
        }
    }
}

impl From<DockerError> for StepEnd {
    fn from(error: DockerError) -> Self {
        let message = error.to_string();
        match error {
            DockerError::EngineUnreachable(why) => StepEnd::EngineUnreachable(why),
            DockerError::Cancelled => StepEnd::Cancelled,
            DockerError::DockerfileNotFound(_) => StepEnd::failed(BuildCause::DockerfileNotFound, message),
            DockerError::BuildFailed { .. } => StepEnd::failed(BuildCause::BuildFailed, message),
            DockerError::PushUnauthorized(_) | DockerError::PushFailed(_) => {
                StepEnd::failed(BuildCause::PushFailed, message)
            }
            DockerError::ContextTooLarge { .. } => StepEnd::failed(BuildCause::ContextTooLarge, message),
            DockerError::LogClosed => StepEnd::failed(BuildCause::LogTooLarge, message),
            DockerError::ContextUnreadable(_)
            | DockerError::EngineRefused(_)
            | DockerError::PullFailed { .. }
            | DockerError::NotInWorkSpace(_) => StepEnd::failed(BuildCause::StepFailed, message),
        }
    }
}
