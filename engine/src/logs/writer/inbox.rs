//! What was appended and is not taken up yet.

use crate::logs::LogError;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::{
    sync::{Notify, oneshot},
    time::{Instant, timeout_at},
};
use types::log::LogStream;
use uuid::Uuid;

/// Most bytes that wait: whoever appends more waits, too. With its twin in the task it bounds what a writer costs.
const WAITING_MAX: usize = 1024 * 1024;

/// Output is taken in pieces of this size, so that a large one does not need the inbox for itself.
const PIECE: usize = 64 * 1024;

/// With so much waiting a group is committed without a pause: it fills a chunk.
const URGENT: usize = 256 * 1024;

/// What the task is given.
pub(super) enum Item {
    /// The next `len` bytes.
    Output {
        step: u32,
        stream: LogStream,
        at: i64,
        len: usize,
    },
    Flush(oneshot::Sender<u64>),
    Close {
        status: String,
        reply: oneshot::Sender<u64>,
    },
    Release(oneshot::Sender<u64>),
}

/// Items in order, their bytes in one piece.
#[derive(Default)]
pub(super) struct Delivery {
    pub(super) bytes: Vec<u8>,
    pub(super) items: Vec<Item>,
    /// An answer is awaited, or nothing more will come.
    pressing: bool,
    /// All handles are gone: nothing comes after this.
    pub(super) abandoned: bool,
}

/// Between those who append and the task.
pub(super) struct Inbox {
    pub(super) log: Uuid,
    limit: u64,
    state: Mutex<State>,
    /// Wakes the task.
    arrived: Notify,
    /// Wakes those who wait for room.
    room: Notify,
}

#[derive(Default)]
struct State {
    waiting: Delivery,
    /// Why nothing is taken any more.
    error: Option<LogError>,
    too_large: TooLarge,
}

/// What the task found.
enum Taken {
    All,
    /// Something, but it is not time.
    Early,
    Nothing,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum TooLarge {
    #[default]
    No,
    /// Not told to anybody yet.
    Untold,
    Told,
}

impl Inbox {
    /// `limit` is what [`LogError::TooLarge`] speaks of.
    pub(super) fn new(log: Uuid, limit: u64) -> Self {
        Self { log, limit, state: Mutex::default(), arrived: Notify::new(), room: Notify::new() }
    }

    pub(super) async fn append(&self, step: u32, stream: LogStream, at: i64, bytes: &[u8]) -> Result<(), LogError> {
        for piece in bytes.chunks(PIECE) {
            loop {
                let room = self.room.notified();
                if self.try_append(step, stream, at, piece)? {
                    break;
                }
                room.await;
            }
        }
        Ok(())
    }

    /// Whether there was room.
    fn try_append(&self, step: u32, stream: LogStream, at: i64, piece: &[u8]) -> Result<bool, LogError> {
        self.tell_too_large()?;
        let mut state = self.open()?;
        if state.too_large != TooLarge::No {
            return Ok(true);
        }
        let Delivery { bytes, items, .. } = &mut state.waiting;
        let before = bytes.len();
        if before + piece.len() + items.len() * size_of::<Item>() > WAITING_MAX {
            return Ok(false);
        }
        bytes.extend_from_slice(piece);
        match items.last_mut() {
            Some(Item::Output { step: s, stream: t, at: a, len }) if (*s, *t, *a) == (step, stream, at) => {
                *len += piece.len();
            }
            _ => items.push(Item::Output { step, stream, at, len: piece.len() }),
        }
        let wake = before == 0 || (before < URGENT && before + piece.len() >= URGENT);
        drop(state);
        if wake {
            self.arrived.notify_one();
        }
        Ok(true)
    }

    /// Puts in a question.
    pub(super) fn put(&self, item: Item) -> Result<(), LogError> {
        let mut state = self.open()?;
        state.waiting.items.push(item);
        state.waiting.pressing = true;
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// The first one after the log has reached its limit is told so.
    pub(super) fn tell_too_large(&self) -> Result<(), LogError> {
        let mut state = self.lock();
        if state.too_large != TooLarge::Untold {
            return Ok(());
        }
        state.too_large = TooLarge::Told;
        Err(LogError::TooLarge { limit: self.limit })
    }

    /// Why an answer did not come.
    pub(super) fn error(&self) -> LogError {
        self.lock().error.clone().unwrap_or(LogError::Closed(self.log))
    }

    /// Nobody appends any more.
    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        state.waiting.pressing = true;
        state.waiting.abandoned = true;
        drop(state);
        self.arrived.notify_one();
    }

    /// Waits for something to do, not before `not_before` unless it is much or pressing, and takes all of it; `spent`
    /// is the delivery before, whose memory is used again.
    pub(super) async fn take(&self, mut spent: Delivery, not_before: Instant) -> Delivery {
        spent.bytes.clear();
        spent.items.clear();
        spent.pressing = false;
        loop {
            let arrived = self.arrived.notified();
            match self.try_take(&mut spent, not_before) {
                Taken::All => return spent,
                // Running out is one of the two things waited for.
                Taken::Early => timeout_at(not_before, arrived).await.unwrap_or_default(),
                Taken::Nothing => arrived.await,
            }
        }
    }

    fn try_take(&self, spent: &mut Delivery, not_before: Instant) -> Taken {
        let mut state = self.lock();
        let Delivery { bytes, items, pressing, abandoned: _ } = &state.waiting;
        if !*pressing && items.is_empty() {
            return Taken::Nothing;
        }
        if !*pressing && bytes.len() < URGENT && Instant::now() < not_before {
            return Taken::Early;
        }
        std::mem::swap(&mut state.waiting, spent);
        drop(state);
        self.room.notify_waiters();
        Taken::All
    }

    /// The log has reached its limit.
    pub(super) fn set_too_large(&self) {
        let mut state = self.lock();
        if state.too_large == TooLarge::No {
            state.too_large = TooLarge::Untold;
        }
    }

    /// Takes nothing any more, for the first reason that is given; whoever waits is told.
    pub(super) fn shut(&self, error: LogError) {
        let mut state = self.lock();
        state.error.get_or_insert(error);
        state.waiting = Delivery::default();
        drop(state);
        self.room.notify_waiters();
    }

    fn open(&self) -> Result<MutexGuard<'_, State>, LogError> {
        let state = self.lock();
        match &state.error {
            Some(error) => Err(error.clone()),
            None => Ok(state),
        }
    }

    /// No code that can panic runs under the lock, so what a panic left behind is sound.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
