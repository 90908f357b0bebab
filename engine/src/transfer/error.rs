//! What can go wrong with a transfer.

use crate::{egress::EgressError, line::LinesClosed};
use std::time::Duration;

/// Why files were not moved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// The policy of outgoing connections does not allow the address.
    #[error("refused: {0}")]
    Refused(EgressError),
    #[error("{host} cannot be reached: {reason}")]
    Unreachable { host: String, reason: String },
    /// Another server answers, or the server has another key: somebody has to look.
    #[error("the server shows the host key {found}, expected is {expected}: it is another server or has another key")]
    HostKey { expected: String, found: String },
    /// The certificate is wrong, or there is no TLS at all.
    #[error("no secure connection: {0}")]
    Tls(String),
    #[error("the server does not let this user in with this password")]
    Unauthorized,
    #[error("there is no file that matches {0}")]
    NothingMatches(String),
    #[error("{0} is not a regular file")]
    NoFile(String),
    #[error("the server lists {0:?}, which is not the name of a file")]
    UnsafeName(String),
    #[error("there are more than {0} files")]
    TooManyFiles(usize),
    #[error("the files are larger than {0} bytes")]
    TooLarge(u64),
    /// Far more entries than a folder has that somebody looks after.
    #[error("the list of the folder is too long to be read")]
    ListTooLong,
    #[error("the server was silent for {} s", .0.as_secs_f64())]
    Stalled(Duration),
    #[error("it took longer than {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    #[error("cancelled")]
    Cancelled,
    #[error("the server refuses: {0}")]
    Server(String),
    #[error("the connection broke: {0}")]
    Broke(String),
    /// This machine could not read or write.
    #[error("{0}")]
    Local(String),
    /// Nobody takes the lines any more.
    #[error("the log takes no more lines")]
    LogClosed,
}

impl From<LinesClosed> for TransferError {
    fn from(_: LinesClosed) -> Self {
        Self::LogClosed
    }
}

impl TransferError {
    /// Of a connection; silence is told as such.
    pub(super) fn broke(error: &std::io::Error, idle: Duration) -> Self {
        match error.kind() {
            std::io::ErrorKind::TimedOut => Self::Stalled(idle),
            _ => Self::Broke(error.to_string()),
        }
    }
}
