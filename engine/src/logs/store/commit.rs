//! One commit of a writer: the log's row, the chunks that are replaced, the chunks that are new.

use super::{Store, log, log_chunk, write_tx};
use crate::logs::chunk::{CODEC_ZSTD, Encoded};
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};
use uuid::Uuid;

/// What a commit changes.
pub(in crate::logs) struct Commit {
    pub(in crate::logs) log: Uuid,
    pub(in crate::logs) fence: i64,
    /// Lines that are stored already.
    pub(in crate::logs) lines_before: u64,
    /// Lines and bytes that are stored then.
    pub(in crate::logs) lines: u64,
    pub(in crate::logs) bytes: u64,
    pub(in crate::logs) first_at: Option<i64>,
    pub(in crate::logs) last_at: Option<i64>,
    /// Chunks from this line on are replaced by the new ones.
    pub(in crate::logs) replace_from: u64,
    /// Each with the bytes of the text before it.
    pub(in crate::logs) chunks: Vec<(u64, Encoded)>,
    /// The writer leaves.
    pub(in crate::logs) end: Option<End>,
}

/// How a writer leaves.
#[derive(Clone, Debug)]
pub(in crate::logs) enum End {
    /// For the next writer to go on.
    Released,
    /// For good.
    Closed { status: String, at: i64 },
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::logs) enum Committed {
    Done,
    /// Another writer has the log.
    Fenced,
    /// The log is gone.
    Gone,
}

impl Store {
    /// Commits, if the writer still has the log. May be repeated after an error: what was in already is not put in
    /// again.
    pub(in crate::logs) async fn commit(&self, commit: &Commit) -> Result<Committed, DbErr> {
        let tx = write_tx(&self.db).await?;
        if advance_row(&tx, commit).await? == 0 {
            let row = log::Entity::find_by_id(commit.log).one(&tx).await?;
            tx.rollback().await?;
            return Ok(match row.filter(|row| row.deleted_at.is_none()) {
                None => Committed::Gone,
                // The answer to an earlier try was lost on its way; the lines were not.
                Some(row) if row.fence == commit.fence && row.lines as u64 == commit.lines => Committed::Done,
                Some(_) => Committed::Fenced,
            });
        }
        if commit.replace_from <= commit.lines_before {
            log_chunk::Entity::delete_many()
                .filter(log_chunk::COLUMN.log_id.eq(commit.log))
                .filter(log_chunk::COLUMN.first_n.gte(commit.replace_from as i64))
                .exec(&tx)
                .await?;
        }
        if !commit.chunks.is_empty() {
            let rows =
                commit.chunks.iter().map(|(offset, chunk)| row_of(commit.log, *offset, chunk).into_active_model());
            log_chunk::Entity::insert_many(rows).exec_without_returning(&tx).await?;
        }
        tx.commit().await?;
        Ok(Committed::Done)
    }
}

/// Compare and set: zero rows if the writer has lost the log.
async fn advance_row(tx: &DatabaseTransaction, commit: &Commit) -> Result<u64, DbErr> {
    let mut update = log::Entity::update_many()
        .col_expr(log::Column::Lines, Expr::value(commit.lines as i64))
        .col_expr(log::Column::Bytes, Expr::value(commit.bytes as i64))
        .col_expr(log::Column::FirstAt, Expr::value(commit.first_at))
        .col_expr(log::Column::LastAt, Expr::value(commit.last_at))
        .filter(log::COLUMN.id.eq(commit.log))
        .filter(log::COLUMN.fence.eq(commit.fence))
        .filter(log::COLUMN.lines.eq(commit.lines_before as i64))
        .filter(log::COLUMN.held.eq(true));
    if let Some(end) = &commit.end {
        update = update.col_expr(log::Column::Held, Expr::value(false));
        if let End::Closed { status, at } = end {
            update = update
                .col_expr(log::Column::Complete, Expr::value(true))
                .col_expr(log::Column::Status, Expr::value(status.as_str()))
                .col_expr(log::Column::EndedAt, Expr::value(*at));
        }
    }
    Ok(update.exec(tx).await?.rows_affected)
}

/// The row of a chunk.
pub(in crate::logs) fn row_of(log: Uuid, offset: u64, chunk: &Encoded) -> log_chunk::Model {
    let Encoded { first, last, first_at, last_at, checksum, data } = chunk;
    log_chunk::Model {
        log_id: log,
        first_n: *first as i64,
        last_n: *last as i64,
        offset: offset as i64,
        first_at: *first_at,
        last_at: *last_at,
        checksum: *checksum,
        codec: CODEC_ZSTD,
        data: data.clone(),
    }
}
