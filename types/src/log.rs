//! Logs: numbered lines.

use crate::{Time, plan::words};
use serde::{Deserialize, Serialize};

words! {
    /// Where a line came from.
    LogStream {
        Stdout = "stdout",
        Stderr = "stderr",
        System = "system",
    }
}

/// A line of a log; its number never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogLine {
    /// From 1.
    pub n: u64,
    pub at: Time,
    pub stream: LogStream,
    /// Index of the step, from 0.
    pub step: u32,
    /// UTF-8, masked, with its escape sequences, without the line end.
    pub text: String,
    /// The line goes on in the next one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cont: bool,
}

/// A window of lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogWindow {
    pub lines: Vec<LogLine>,
    /// Numbers of the first and last line given; null where there is none.
    pub first: Option<u64>,
    pub last: Option<u64>,
    /// Lines stored so far.
    pub total: u64,
    /// Whether the log has ended.
    pub complete: bool,
}
