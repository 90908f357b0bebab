//! What can go wrong with a call.

use crate::egress::EgressError;

/// Why a call did not give what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The policy of outgoing connections does not allow the address; also after a redirect.
    #[error("refused: {0}")]
    Refused(EgressError),
    /// No connection, or one that broke before the answer began.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable { host: String, reason: String },
    #[error("the answer has the status {status}, expected is {expected}{}", said(.body))]
    Status {
        status: u16,
        expected: String,
        /// At most 1 KiB of what the answer says.
        body: String,
    },
    #[error("the answer is not JSON: {reason}{}", said(.body))]
    NotJson {
        reason: String,
        /// At most 1 KiB of what the answer says.
        body: String,
    },
    #[error("{name}: there is nothing at {pointer:?} in the answer")]
    Nothing { name: String, pointer: String },
    #[error("{name}: what is at {pointer:?} in the answer is {found}, not a value")]
    NoValue { name: String, pointer: String, found: &'static str },
    #[error("the answer is larger than {most} bytes")]
    TooLarge { most: usize },
    #[error("the head of the answer is too large")]
    HeadTooLarge,
    /// A redirect that is not followed.
    #[error("{0}")]
    Redirect(String),
    /// The connection broke while the answer was read.
    #[error("the answer broke off: {0}")]
    BrokeOff(String),
    #[error("it took longer than {} s", .0.as_secs_f64())]
    TimedOut(std::time::Duration),
    #[error("cancelled")]
    Cancelled,
    /// This machine cannot send what was asked for.
    #[error("the call cannot be sent: {0}")]
    Local(String),
}

fn said(body: &str) -> String {
    let body = body.trim();
    if body.is_empty() { String::new() } else { format!("; it says: {body}") }
}
