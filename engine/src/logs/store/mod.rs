//! The two tables of logs, and the only place that knows them.
//!
//! Every change of lines goes through one compare-and-set on the log's row: the fence says who writes, the number of
//! lines says after what. Readers need no lock: each reads its chunks in one statement, so a merge is seen whole or
//! not at all, and line numbers stay what they are.

mod commit;
pub(super) mod log;
pub(super) mod log_chunk;
mod replace;

pub(super) use commit::{Commit, Committed, End};

use super::{LogError, chunk, lines::Lines};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sea_query::{Expr, OnConflict, Query, SelectStatement},
};
use types::Time;
use uuid::Uuid;

/// Reads and writes the tables.
#[derive(Clone)]
pub(super) struct Store {
    pub(super) db: DatabaseConnection,
}

/// A chunk that was read and verified.
pub(super) struct Stored {
    pub(super) lines: Lines,
    /// Bytes of the log's text before the first line.
    pub(super) offset: u64,
}

/// Where reading starts.
#[derive(Clone, Copy)]
pub(super) enum From {
    /// The chunk that holds this line.
    Line(u64),
    /// The chunk that holds this byte of the text.
    Byte(u64),
}

impl Store {
    /// Makes an empty log, unless it is there.
    pub(super) async fn create<C: ConnectionTrait>(
        db: &C,
        id: Uuid,
        owner: Option<&str>,
        at: Time,
    ) -> Result<(), DbErr> {
        let row = log::Model {
            id,
            owner: owner.map(str::to_owned),
            fence: 0,
            held: false,
            lines: 0,
            bytes: 0,
            complete: false,
            packed: false,
            status: None,
            created_at: at.as_millis(),
            ended_at: None,
            first_at: None,
            last_at: None,
            deleted_at: None,
        };
        let there = OnConflict::column(log::Column::Id).do_nothing().to_owned();
        log::Entity::insert(row.into_active_model()).on_conflict(there).exec_without_returning(db).await?;
        Ok(())
    }

    /// The row of a log.
    pub(super) async fn row(&self, id: Uuid) -> Result<log::Model, LogError> {
        let row = log::Entity::find_by_id(id).filter(log::COLUMN.deleted_at.is_null()).one(&self.db).await?;
        row.ok_or(LogError::NotFound(id))
    }

    /// Takes the log for a new writer; returns the row as it was before, but with the new fence.
    pub(super) async fn take(&self, id: Uuid) -> Result<log::Model, LogError> {
        let tx = write_tx(&self.db).await?;
        let found =
            log::Entity::find_by_id(id).filter(log::COLUMN.deleted_at.is_null()).lock_exclusive().one(&tx).await?;
        let before = found.ok_or(LogError::NotFound(id))?;
        let fence = before.fence + 1;
        let taken = log::ActiveModel {
            id: Unchanged(id),
            fence: Set(fence),
            held: Set(true),
            complete: Set(false),
            packed: Set(false),
            status: Set(None),
            ended_at: Set(None),
            ..Default::default()
        };
        log::Entity::update(taken).exec(&tx).await?;
        tx.commit().await?;
        Ok(log::Model { fence, ..before })
    }

    /// Up to `max` chunks from there on that begin at or before line `last`, verified, in order.
    pub(super) async fn chunks(&self, id: Uuid, from: From, last: u64, max: u64) -> Result<Vec<Stored>, LogError> {
        let (column, at) = match from {
            From::Line(n) => (log_chunk::Column::FirstN, n),
            From::Byte(offset) => (log_chunk::Column::Offset, offset),
        };
        let last = i64::try_from(last).unwrap_or(i64::MAX);
        let rows = log_chunk::Entity::find()
            .filter(log_chunk::COLUMN.log_id.eq(id))
            .filter(Expr::col(log_chunk::Column::FirstN).gte(first_of_chunk_with(id, column, at)))
            .filter(log_chunk::COLUMN.first_n.lte(last))
            .order_by_asc(log_chunk::Column::FirstN)
            .limit(max)
            .all(&self.db)
            .await?;
        rows.into_iter().map(read).collect()
    }
}

/// The number that the chunk begins with in which `column` reaches `at`: one step down the index.
fn first_of_chunk_with(id: Uuid, column: log_chunk::Column, at: u64) -> SelectStatement {
    Query::select()
        .column(log_chunk::Column::FirstN)
        .from(log_chunk::Entity)
        .and_where(Expr::col(log_chunk::Column::LogId).eq(id))
        .and_where(Expr::col(column).lte(i64::try_from(at).unwrap_or(i64::MAX)))
        .order_by(column, sea_orm::Order::Desc)
        .limit(1)
        .to_owned()
}

/// Unpacks and verifies a chunk.
pub(super) fn read(row: log_chunk::Model) -> Result<Stored, LogError> {
    let log_chunk::Model { log_id: log, first_n, last_n, offset, first_at: _, last_at: _, checksum, codec, data } = row;
    let first = first_n as u64;
    let corrupt = |why| LogError::Corrupt { log, first, why };
    let lines = chunk::decode(log, first, checksum, codec, &data).map_err(corrupt)?;
    if lines.last() != last_n as u64 {
        return Err(corrupt("it has lines too many or too few"));
    }
    Ok(Stored { lines, offset: offset as u64 })
}

/// Begins a transaction that writes; SQLite takes its write lock at once, where a later one would fail under load.
pub(super) async fn write_tx(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    db.begin_with_options(options).await
}
