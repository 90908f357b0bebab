//! Where the writer of a log meets those who follow it.
//!
//! The writer puts committed lines into a short ring; followers take them out by number, each at its own pace. Nothing
//! is kept per follower, so a slow one costs nobody anything: what has left the ring it reads from the store. Because
//! the number of the last line and the ring change under one lock, and a follower asks by number, there is no gap and
//! no double between history and what is live.

use super::{Batch, lines::Lines, store::log};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// What the ring may cost: a reader may fall behind by so much before it has to ask the store; two groups of a writer
/// that never rests. Per log, not per reader.
const RING_COST_MAX: usize = 2 * 1024 * 1024;

/// The meeting point of one log.
pub(super) struct Hub {
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    /// Number of the last line that is known to be stored.
    last: u64,
    /// The fence of the writer in this process.
    writer: Option<i64>,
    end: Option<Ending>,
    ring: VecDeque<Batch>,
    cost: usize,
}

/// Why no more lines come.
#[derive(Clone, Debug)]
enum Ending {
    Closed(Option<String>),
    Deleted,
}

/// What a follower does next.
pub(super) enum Turn {
    Lines(Batch),
    /// Lines are stored that the ring has no more: read them.
    Behind,
    /// All is read; more may come. `here`: from a writer in this process.
    Wait {
        here: bool,
    },
    Ended {
        last: u64,
        status: Option<String>,
    },
    Deleted,
}

impl Hub {
    pub(super) fn new() -> Self {
        Self { state: Mutex::default(), changed: watch::Sender::new(()) }
    }

    /// Tells when to ask again.
    pub(super) fn subscribe(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// A writer takes its seat.
    pub(super) fn enter(&self, fence: i64, last: u64) {
        let mut state = self.lock();
        state.writer = Some(fence);
        state.end = None;
        state.last = state.last.max(last);
        drop(state);
        self.changed.send_replace(());
    }

    /// Shows lines that are stored.
    pub(super) fn publish(&self, group: &Lines) {
        let followed = self.changed.receiver_count() > 0;
        let batches = if followed { Batch::split(group) } else { Vec::new() };
        let mut state = self.lock();
        if !followed || state.last + 1 != group.first() {
            state.ring.clear();
            state.cost = 0;
        }
        for batch in batches {
            state.cost += batch.cost();
            state.ring.push_back(batch);
        }
        while state.cost > RING_COST_MAX
            && let Some(oldest) = state.ring.pop_front()
        {
            state.cost -= oldest.cost();
        }
        state.last = state.last.max(group.last());
        drop(state);
        self.changed.send_replace(());
    }

    /// The log was closed with this status.
    pub(super) fn close(&self, status: String) {
        self.lock().end = Some(Ending::Closed(Some(status)));
        self.changed.send_replace(());
    }

    /// The log is gone.
    pub(super) fn delete(&self) {
        self.lock().end = Some(Ending::Deleted);
        self.changed.send_replace(());
    }

    /// The writer leaves its seat, unless another one has it by now.
    pub(super) fn leave(&self, fence: i64) {
        self.lock().writer.take_if(|writer| *writer == fence);
        self.changed.send_replace(());
    }

    /// Takes over what the store says, where no writer here knows better.
    pub(super) fn observe(&self, row: &log::Model) {
        let mut state = self.lock();
        if state.writer.is_some() {
            return;
        }
        state.last = state.last.max(row.lines as u64);
        if row.complete {
            state.end.get_or_insert(Ending::Closed(row.status.clone()));
        }
    }

    /// What a follower that has all lines up to `after` does next.
    pub(super) fn turn(&self, after: u64) -> Turn {
        let state = self.lock();
        if let Some(Ending::Deleted) = state.end {
            return Turn::Deleted;
        }
        let next = state.ring.partition_point(|batch| batch.last() <= after);
        if let Some(batch) = state.ring.get(next).filter(|batch| batch.first() <= after + 1) {
            return Turn::Lines(batch.after(after));
        }
        if after < state.last {
            return Turn::Behind;
        }
        match &state.end {
            Some(Ending::Closed(status)) => Turn::Ended { last: state.last, status: status.clone() },
            Some(Ending::Deleted) => Turn::Deleted,
            None => Turn::Wait { here: state.writer.is_some() },
        }
    }

    /// No code that can panic runs under the lock, so what a panic left behind is sound.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
