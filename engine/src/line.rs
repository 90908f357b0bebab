//! Lines on their way from what prints them to the log that keeps them.
//!
//! A bounded channel, so that a slow log slows its source down instead of filling the memory. The
//! source waits, but not for ever: see [`Lines::send`].

use bytes::Bytes;
use std::time::Duration;
use tokio::sync::mpsc;
use types::{Time, log::LogStream};

/// Lines that may wait between source and log: some screens full, so that a commit of the log does
/// not stop the source.
const LINES_WAITING: usize = 1024;

/// A log that takes nothing for so long is broken, and its source is better ended than kept.
const STALL_LIMIT: Duration = Duration::from_secs(300);

/// One line, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it was received.
    pub at: Time,
    pub stream: LogStream,
    /// As it was printed: not masked, perhaps not UTF-8, of any length.
    pub text: Bytes,
}

/// Where a source writes its lines to.
#[derive(Clone, Debug)]
pub struct Lines(mpsc::Sender<Line>);

/// Nobody takes lines any more, so that going on would cut the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the log takes no more lines")]
pub struct LinesClosed;

impl Lines {
    /// A channel for the lines of one source, in their order.
    pub fn channel() -> (Self, mpsc::Receiver<Line>) {
        let (sender, receiver) = mpsc::channel(LINES_WAITING);
        (Self(sender), receiver)
    }

    /// Hands a line over; waits while the log is busy, and gives up when it is gone or stalled.
    pub async fn send(&self, line: Line) -> Result<(), LinesClosed> {
        self.0.send_timeout(line, STALL_LIMIT).await.map_err(|_| LinesClosed)
    }

    /// Hands over a line that was received now.
    pub async fn send_now(&self, stream: LogStream, text: impl Into<Bytes>) -> Result<(), LinesClosed> {
        self.send(Line { at: crate::now(), stream, text: text.into() }).await
    }
}
