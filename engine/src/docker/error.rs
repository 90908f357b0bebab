//! What can go wrong in a build engine.

/// Why an engine did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DockerError {
    /// No connection, or one that broke in the middle.
    #[error("the build engine cannot be reached: {0}")]
    EngineUnreachable(String),
    #[error("there is no Dockerfile at {0}")]
    DockerfileNotFound(String),
    /// An instruction failed, or the Dockerfile is wrong.
    #[error("{message}")]
    BuildFailed { message: String, exit_code: Option<i64> },
    /// Reference and reason.
    #[error("the image {image} cannot be pulled: {why}")]
    PullFailed { image: String, why: String },
    #[error("there is no {0} in the work space")]
    NotInWorkSpace(String),
    #[error("the registry refuses the push: {0}")]
    PushUnauthorized(String),
    #[error("the push failed: {0}")]
    PushFailed(String),
    #[error("cancelled")]
    Cancelled,
    /// Limit and value, in bytes.
    #[error("the context is larger than {limit} bytes: it has at least {value}")]
    ContextTooLarge { limit: u64, value: u64 },
    /// The context could not be read.
    #[error("the context cannot be read: {0}")]
    ContextUnreadable(String),
    /// Nobody takes the lines any more.
    #[error("the log takes no more lines")]
    LogClosed,
    /// The engine answers, but refuses or says what it must not.
    #[error("the build engine refuses: {0}")]
    EngineRefused(String),
}

impl From<crate::line::LinesClosed> for DockerError {
    fn from(_: crate::line::LinesClosed) -> Self {
        Self::LogClosed
    }
}
