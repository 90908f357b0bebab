//! The limits of logs, each with its reason.

use std::time::Duration;

/// Most bytes of a line's text; what is longer goes on in the next line. Readers render a line as one piece.
pub const LINE_BYTES_MAX: usize = 16 * 1024;

/// What an operator can set.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// Most bytes of a log's text, 1 GiB by default: a step that prints without end must not fill the disk.
    pub bytes_max: u64,
    /// How long a failing database is tried again before the writer gives up, 60 s by default: longer than a
    /// restart of a database, shorter than the patience of who waits for the build.
    pub store_patience: Duration,
    /// How often a follower asks for new lines of a log that another process writes, 500 ms by default.
    pub poll_interval: Duration,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            bytes_max: 1024 * 1024 * 1024,
            store_patience: Duration::from_secs(60),
            poll_interval: Duration::from_millis(500),
        }
    }
}
