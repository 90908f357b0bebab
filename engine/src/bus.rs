//! What changed, told within the process: whoever waits reads the database again and never polls.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::broadcast;
use uuid::Uuid;

/// Changes that may wait for one reader; a reader that lags behind takes all as changed.
const CHANGES_WAITING: usize = 1024;

/// A committed change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Run {
        id: Uuid,
        map_id: i64,
    },
    BuildRun {
        id: Uuid,
        build_id: i64,
    },
    /// A selection, or the map itself.
    Map {
        id: i64,
    },
    /// A task is held or a map frozen, or that is over.
    Hold,
    /// Clusters, registries, engines or builds were added, changed or removed.
    Settings,
}

/// The one channel of changes.
#[derive(Clone)]
pub(crate) struct Bus {
    sender: broadcast::Sender<Change>,
    told: Arc<AtomicU64>,
}

impl Bus {
    pub(crate) fn new() -> Self {
        Self { sender: broadcast::Sender::new(CHANGES_WAITING), told: Arc::default() }
    }

    /// Tells a change after it was committed; nobody listening is fine.
    pub(crate) fn tell(&self, change: Change) {
        self.told.fetch_add(1, Ordering::SeqCst);
        if self.sender.send(change).is_err() {
            tracing::trace!(?change, "nobody listens");
        }
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }

    /// How many changes were told so far.
    pub(crate) fn told(&self) -> u64 {
        self.told.load(Ordering::SeqCst)
    }
}
