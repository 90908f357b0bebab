//! What can go wrong with a log.

use sea_orm::DbErr;
use std::sync::Arc;
use uuid::Uuid;

/// Why a log could not be written or read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogError {
    /// No such log, or it was deleted.
    #[error("there is no log {0}")]
    NotFound(Uuid),
    /// Another writer has taken the log: whoever gets this is stale and must stop its work.
    #[error("another writer has taken log {0}")]
    Fenced(Uuid),
    /// The log has reached its limit and takes no more lines; told once per log, so that one step fails with it.
    #[error("the log has reached its limit of {limit} bytes")]
    TooLarge { limit: u64 },
    /// The writer was closed or released before.
    #[error("the writer of log {0} is closed")]
    Closed(Uuid),
    /// What is stored is not what was written.
    #[error("the stored lines of log {log} from line {first} on are damaged: {why}")]
    Corrupt { log: Uuid, first: u64, why: &'static str },
    /// The compressor did not get its memory.
    #[error("the compressor failed")]
    Compressor,
    /// The database failed. Shared, since every clone of a writer is told.
    #[error("the database failed")]
    Store(#[source] Arc<DbErr>),
}

impl From<DbErr> for LogError {
    fn from(error: DbErr) -> Self {
        Self::Store(Arc::new(error))
    }
}
