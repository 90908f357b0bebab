//! Changes of logs that nobody writes any more.

use super::{Store, commit::row_of, log, log_chunk, write_tx};
use crate::logs::chunk::Encoded;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use types::Time;
use uuid::Uuid;

/// Chunks deleted in one transaction: writers of other logs wait for it.
const DELETED_AT_ONCE: u64 = 200;

impl Store {
    /// Puts one chunk in the place of all that it holds, if the log is as it was; whether it is.
    pub(in crate::logs) async fn replace(
        &self,
        id: Uuid,
        fence: i64,
        offset: u64,
        chunk: &Encoded,
    ) -> Result<bool, DbErr> {
        let tx = write_tx(&self.db).await?;
        if touch(&tx, id, fence, false).await? == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        log_chunk::Entity::delete_many()
            .filter(log_chunk::COLUMN.log_id.eq(id))
            .filter(log_chunk::COLUMN.first_n.between(chunk.first as i64, chunk.last as i64))
            .exec(&tx)
            .await?;
        log_chunk::Entity::insert(row_of(id, offset, chunk).into_active_model()).exec_without_returning(&tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Says that the log is packed, if it is as it was.
    pub(in crate::logs) async fn set_packed(&self, id: Uuid, fence: i64) -> Result<(), DbErr> {
        touch(&self.db, id, fence, true).await?;
        Ok(())
    }

    /// Logs that a kill left half packed or half deleted: their rows.
    pub(in crate::logs) async fn unfinished(&self) -> Result<Vec<log::Model>, DbErr> {
        let unpacked = log::COLUMN.complete.eq(true).and(log::COLUMN.packed.eq(false));
        log::Entity::find().filter(unpacked.or(log::COLUMN.deleted_at.is_not_null())).all(&self.db).await
    }

    /// Hides the log from readers and fences its writer off.
    pub(in crate::logs) async fn mark_deleted(&self, id: Uuid, at: Time) -> Result<(), DbErr> {
        log::Entity::update_many()
            .col_expr(log::Column::DeletedAt, Expr::value(at.as_millis()))
            .col_expr(log::Column::Fence, Expr::col(log::Column::Fence).add(1))
            .filter(log::COLUMN.id.eq(id))
            .filter(log::COLUMN.deleted_at.is_null())
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Deletes a log that is marked, some chunks at a time, its row last.
    pub(in crate::logs) async fn delete_marked(&self, id: Uuid) -> Result<(), DbErr> {
        loop {
            let of_log = || log_chunk::COLUMN.log_id.eq(id);
            let beyond: Option<i64> = log_chunk::Entity::find()
                .select_only()
                .column(log_chunk::Column::FirstN)
                .filter(of_log())
                .order_by_asc(log_chunk::Column::FirstN)
                .offset(DELETED_AT_ONCE)
                .into_tuple()
                .one(&self.db)
                .await?;
            let mut delete = log_chunk::Entity::delete_many().filter(of_log());
            if let Some(beyond) = beyond {
                delete = delete.filter(log_chunk::COLUMN.first_n.lt(beyond));
            }
            delete.exec(&self.db).await?;
            if beyond.is_none() {
                break;
            }
        }
        log::Entity::delete_by_id(id).exec(&self.db).await?;
        Ok(())
    }
}

/// Compare and set on a log that has ended: takes the row's lock and says whether it is as it was.
async fn touch<C: ConnectionTrait>(db: &C, id: Uuid, fence: i64, packed: bool) -> Result<u64, DbErr> {
    let update = log::Entity::update_many()
        .col_expr(log::Column::Packed, Expr::value(packed))
        .filter(log::COLUMN.id.eq(id))
        .filter(log::COLUMN.fence.eq(fence))
        .filter(log::COLUMN.complete.eq(true))
        .filter(log::COLUMN.deleted_at.is_null());
    Ok(update.exec(db).await?.rows_affected)
}
