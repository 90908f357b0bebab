//! Logs: one writer each, numbered lines, committed before they are shown.
//!
//! A writer (`writer`) puts lines together (`assemble`), hides secrets (`mask`), and commits them in compressed chunks
//! (`chunk`, `tail`, `store`); only then are they shown (`hub`, `follow`). Whatever reads does so by line number, so
//! that it does not matter whether a line comes from memory or from the store. A log whose writer was killed tells so
//! itself. What it does not do: search, and deciding which logs are too old.

mod assemble;
mod batch;
mod chunk;
mod error;
mod follow;
mod hub;
mod lines;
mod mask;
mod pack;
mod plain;
mod read;
mod settings;
mod store;
mod tail;
#[cfg(test)]
mod tests;
mod text;
mod writer;

pub use batch::{Batch, FRAME_BYTES_MAX};
pub use error::LogError;
pub use follow::{FollowEvent, Follower};
pub use mask::{MASK, Masker, SECRET_CHARS_MIN};
pub use settings::{LINE_BYTES_MAX, LogSettings};
pub use text::TextRequest;
pub use writer::LogWriter;

use hub::Hub;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use store::Store;
use tokio::sync::Semaphore;
use types::Time;
use uuid::Uuid;
use writer::{Start, Task};

/// Logs recompressed at once: it is work in the background, and a core is a lot.
const PACKED_AT_ONCE: usize = 1;

/// The store of all logs; cloning costs a pointer.
#[derive(Clone)]
pub struct Logs {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    settings: LogSettings,
    /// Logs that are written or followed in this process.
    hubs: Mutex<HashMap<Uuid, Weak<Hub>>>,
    packing: Semaphore,
}

/// What is known of a log without reading its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogInfo {
    pub owner: Option<String>,
    pub lines: u64,
    /// Length of the whole text, line ends included.
    pub bytes: u64,
    pub complete: bool,
    pub status: Option<String>,
    pub created_at: Time,
    pub ended_at: Option<Time>,
}

impl Logs {
    /// The logs of this database.
    pub fn new(db: DatabaseConnection, settings: LogSettings) -> Self {
        let packing = Semaphore::new(PACKED_AT_ONCE);
        Self { inner: Arc::new(Inner { store: Store { db }, settings, hubs: Mutex::default(), packing }) }
    }

    /// Makes an empty log; one that is there already is left as it is. `owner` is for humans: `builds/web/runs/41`.
    pub async fn create(&self, id: Uuid, owner: Option<&str>) -> Result<(), LogError> {
        Self::create_in(&self.store().db, id, owner).await
    }

    /// [`Logs::create`] in the transaction of what the log belongs to.
    pub async fn create_in<C: ConnectionTrait>(db: &C, id: Uuid, owner: Option<&str>) -> Result<(), LogError> {
        Ok(Store::create(db, id, owner, crate::now()).await?)
    }

    /// Takes the log from whoever wrote it before. If that one lost its end in a kill, a `system` line says between
    /// which times lines may be missing.
    pub async fn open_writer(&self, id: Uuid, masker: Masker) -> Result<LogWriter, LogError> {
        let row = self.store().take(id).await?;
        let lost = row.held.then_some((row.last_at.unwrap_or(row.created_at), row.lines as u64));
        let writer = Task::spawn(self, Start { row, masker })?;
        if let Some((since, last)) = lost {
            let step = self.lines_between(id, last, last).await?.first().map_or(0, |line| line.step);
            let (since, until) = (Time::from_millis(since), crate::now());
            let text = format!(
                "Slipway was stopped while this was written: lines between {since} and {until} may be missing."
            );
            writer.system(step, &text).await?;
        }
        Ok(writer)
    }

    /// What is known of a log.
    pub async fn info(&self, id: Uuid) -> Result<LogInfo, LogError> {
        let row = self.store().row(id).await?;
        Ok(LogInfo {
            owner: row.owner,
            lines: row.lines as u64,
            bytes: row.bytes as u64,
            complete: row.complete,
            status: row.status,
            created_at: Time::from_millis(row.created_at),
            ended_at: row.ended_at.map(Time::from_millis),
        })
    }

    /// Follows the log from the line after `after` on; a number beyond the end means the end.
    pub async fn follow(&self, id: Uuid, after: u64) -> Result<Follower, LogError> {
        let row = self.store().row(id).await?;
        let hub = self.hub(id);
        hub.observe(&row);
        let after = after.min(row.lines as u64);
        Ok(Follower::new(id, self.store().clone(), hub, self.settings().poll_interval, after))
    }

    /// Deletes a log; whoever writes it is fenced off, whoever follows it sees it end.
    pub async fn delete(&self, id: Uuid) -> Result<(), LogError> {
        self.store().mark_deleted(id, crate::now()).await?;
        self.hub(id).delete();
        Ok(self.store().delete_marked(id).await?)
    }

    /// Finishes what a kill cut short: deletions and recompression. For the start and once in a while.
    pub async fn tidy(&self) -> Result<(), LogError> {
        for row in self.store().unfinished().await? {
            match row.deleted_at {
                Some(_) => self.store().delete_marked(row.id).await?,
                None => self.pack(row.id).await?,
            }
        }
        Ok(())
    }

    fn store(&self) -> &Store {
        &self.inner.store
    }

    fn settings(&self) -> &LogSettings {
        &self.inner.settings
    }

    fn packing(&self) -> &Semaphore {
        &self.inner.packing
    }

    /// The meeting point of a log; kept while somebody holds it.
    fn hub(&self, id: Uuid) -> Arc<Hub> {
        // No code that can panic runs under the lock, so what a panic left behind is sound.
        let mut hubs = self.inner.hubs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hub) = hubs.get(&id).and_then(Weak::upgrade) {
            return hub;
        }
        hubs.retain(|_, hub| hub.strong_count() > 0);
        let hub = Arc::new(Hub::new());
        hubs.insert(id, Arc::downgrade(&hub));
        hub
    }
}
