//! Followers: history and what is live in one go, by number.

use super::{
    Batch, LogError,
    hub::{Hub, Turn},
    store::{From, Store},
};
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::sync::watch;
use uuid::Uuid;

/// History is read in pieces of one chunk, which bounds what a follower keeps.
const CHUNKS_AT_ONCE: u64 = 1;

/// Most text of history that a follower keeps; the rest of a larger chunk is read again.
const HISTORY_TEXT_MAX: usize = 128 * 1024;

/// What a follower is told next.
#[derive(Clone, Debug)]
pub enum FollowEvent {
    /// The lines right after those before.
    Lines(Batch),
    /// The reader fell behind; said once each time. The follower catches up by itself: the next lines are those after
    /// `after`. A reader that would rather jump calls [`Follower::seek`].
    Lagged { after: u64 },
    /// The log has ended with this line; `status` is what it was closed with.
    End { last: u64, status: Option<String> },
}

/// Reads a log from a line on to its end, without gap or double.
pub struct Follower {
    log: Uuid,
    store: Store,
    hub: Arc<Hub>,
    changed: watch::Receiver<()>,
    poll_interval: Duration,
    after: u64,
    /// It had all that a writer here had published, so missing the ring is falling behind.
    live: bool,
    history: VecDeque<Batch>,
    ended: bool,
}

impl Follower {
    pub(super) fn new(log: Uuid, store: Store, hub: Arc<Hub>, poll_interval: Duration, after: u64) -> Self {
        let changed = hub.subscribe();
        Self { log, store, hub, changed, poll_interval, after, live: false, history: VecDeque::new(), ended: false }
    }

    /// Waits for what comes next; `None` after the end, or when the log was deleted.
    ///
    /// Safe to drop half way (`select!`): nothing is lost.
    pub async fn next(&mut self) -> Result<Option<FollowEvent>, LogError> {
        while !self.ended {
            if let Some(batch) = self.history.pop_front() {
                return Ok(Some(self.lines(batch)));
            }
            // Seen before it is asked, so that a change after the question is not missed.
            self.changed.borrow_and_update();
            match self.hub.turn(self.after) {
                Turn::Lines(batch) => {
                    self.live = true;
                    return Ok(Some(self.lines(batch)));
                }
                Turn::Behind if self.live => {
                    self.live = false;
                    return Ok(Some(FollowEvent::Lagged { after: self.after }));
                }
                Turn::Behind => self.read_history().await?,
                Turn::Wait { here } => {
                    self.live = here;
                    self.wait(here).await?;
                }
                Turn::Ended { last, status } => {
                    self.ended = true;
                    return Ok(Some(FollowEvent::End { last, status }));
                }
                Turn::Deleted => self.ended = true,
            }
        }
        Ok(None)
    }

    /// Goes on after line `after`, wherever the follower is; the end is told again.
    pub fn seek(&mut self, after: u64) {
        self.after = after;
        self.ended = false;
        self.live = false;
        self.history.clear();
    }

    fn lines(&mut self, batch: Batch) -> FollowEvent {
        self.after = batch.last();
        FollowEvent::Lines(batch)
    }

    async fn read_history(&mut self) -> Result<(), LogError> {
        let from = From::Line(self.after + 1);
        for chunk in self.store.chunks(self.log, from, u64::MAX, CHUNKS_AT_ONCE).await? {
            let lines = chunk.lines.between(self.after + 1, chunk.lines.last());
            let end = lines.fitting(0, HISTORY_TEXT_MAX);
            self.history.extend(Batch::split(&lines.slice(0..end)));
        }
        if self.history.is_empty() {
            // Lines are missing that were there: only a deletion does that, or damage.
            self.store.row(self.log).await?;
            return Err(LogError::Corrupt { log: self.log, first: self.after + 1, why: "the chunk is missing" });
        }
        Ok(())
    }

    /// Waits for the writer here, or asks the store whether one elsewhere has written.
    async fn wait(&mut self, here: bool) -> Result<(), LogError> {
        let changed = self.changed.changed();
        if here {
            // The hub lives as long as its followers.
            return changed.await.map_err(|_| LogError::Closed(self.log));
        }
        if tokio::time::timeout(self.poll_interval, changed).await.is_ok() {
            return Ok(());
        }
        match self.store.row(self.log).await {
            Ok(row) => self.hub.observe(&row),
            Err(LogError::NotFound(_)) => self.ended = true,
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
