//! Writers: many hands, one order.
//!
//! A writer is a handle on an inbox; one task empties it, puts lines together, commits them in groups and only then
//! shows them. Whoever appends waits only while the inbox is full.

mod inbox;
mod task;

pub(super) use task::{Start, Task};

use super::LogError;
use inbox::{Inbox, Item};
use std::sync::Arc;
use tokio::sync::oneshot;
use types::{Time, log::LogStream};
use uuid::Uuid;

/// Appends to one log; cloning costs a pointer.
#[derive(Clone)]
pub struct LogWriter {
    hand: Arc<Hand>,
}

/// The last one to go closes the inbox.
struct Hand {
    inbox: Arc<Inbox>,
}

impl LogWriter {
    fn new(inbox: Arc<Inbox>) -> Self {
        Self { hand: Arc::new(Hand { inbox }) }
    }

    /// The log it writes to.
    pub fn log(&self) -> Uuid {
        self.hand.inbox.log
    }

    /// Takes output as it comes, in any pieces; waits while the store is behind.
    ///
    /// `at` is when it was received; now, if there is none. Returns before the lines are stored. An error concerns
    /// what was appended before as well: the log has lost its writer, or (once) has reached its limit.
    pub async fn append(&self, step: u32, stream: LogStream, at: Option<Time>, bytes: &[u8]) -> Result<(), LogError> {
        let at = at.unwrap_or_else(crate::now).as_millis();
        self.hand.inbox.append(step, stream, at, bytes).await
    }

    /// Adds whole lines of Slipway's own to a step.
    pub async fn system(&self, step: u32, text: &str) -> Result<(), LogError> {
        let mut line = text.to_owned();
        line.push('\n');
        self.append(step, LogStream::System, None, line.as_bytes()).await
    }

    /// Ends open lines, waits until all that was appended is stored, and returns the number of the last line.
    pub async fn flush(&self) -> Result<u64, LogError> {
        let last = self.ask(Item::Flush).await?;
        self.hand.inbox.tell_too_large()?;
        Ok(last)
    }

    /// Stores what is left and ends the log with this word of state; returns the number of the last line.
    pub async fn close(&self, status: &str) -> Result<u64, LogError> {
        let status = status.to_owned();
        self.ask(|reply| Item::Close { status, reply }).await
    }

    /// Stores what is left and leaves the log open for the next writer, who then has no reason to speak of missing
    /// lines. For an orderly stop; what is dropped without it counts as having lost its end.
    pub async fn release(&self) -> Result<(), LogError> {
        self.ask(Item::Release).await?;
        Ok(())
    }

    async fn ask(&self, item: impl FnOnce(oneshot::Sender<u64>) -> Item) -> Result<u64, LogError> {
        let (reply, answer) = oneshot::channel();
        self.hand.inbox.put(item(reply))?;
        answer.await.map_err(|_| self.hand.inbox.error())
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.inbox.abandon();
    }
}
