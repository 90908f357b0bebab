//! Who works on a run: one process, which holds its lease.
//!
//! Each claim raises the fence of the run, and every write of a worker is one only while the fence is that of its
//! claim: a process that was taken for dead and comes back writes nothing more. What a process has accepted is its
//! own from the start.

use super::lock;
use crate::{
    Engine, Error, now,
    store::{build_run, run},
};
use sea_orm::{ColumnTrait, Condition, DatabaseConnection, DbErr, EntityTrait, QueryFilter, sea_query::Expr};
use std::time::Duration;
use uuid::Uuid;

/// What is not renewed for so long may be claimed by others.
const LEASE: Duration = Duration::from_secs(30);
const RENEWED_EVERY: Duration = Duration::from_secs(10);

/// When a lease that is taken or renewed now runs out.
pub(crate) fn until() -> i64 {
    now().plus_ms(i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX)).as_millis()
}

/// The lease of one thing, as its row has it.
pub(super) struct Lease {
    pub(super) id: Uuid,
    holder: Option<Uuid>,
    fence: i64,
    until: Option<i64>,
}

impl From<&run::Model> for Lease {
    fn from(row: &run::Model) -> Self {
        Self { id: row.id, holder: row.holder, fence: row.fence, until: row.leased_until }
    }
}

impl From<&build_run::Model> for Lease {
    fn from(row: &build_run::Model) -> Self {
        Self { id: row.id, holder: row.holder, fence: row.fence, until: row.leased_until }
    }
}

/// A table of things that are worked on.
pub(super) trait Leased: EntityTrait {
    const ID: Self::Column;
    const HOLDER: Self::Column;
    const FENCE: Self::Column;
    const UNTIL: Self::Column;
}

impl Leased for run::Entity {
    const ID: run::Column = run::Column::Id;
    const HOLDER: run::Column = run::Column::Holder;
    const FENCE: run::Column = run::Column::Fence;
    const UNTIL: run::Column = run::Column::LeasedUntil;
}

impl Leased for build_run::Entity {
    const ID: build_run::Column = build_run::Column::Id;
    const HOLDER: build_run::Column = build_run::Column::Holder;
    const FENCE: build_run::Column = build_run::Column::Fence;
    const UNTIL: build_run::Column = build_run::Column::LeasedUntil;
}

/// The fence to write with. None: another process works on it.
pub(super) async fn claim<E: Leased>(engine: &Engine, lease: Lease) -> Result<Option<i64>, Error> {
    let Lease { id, holder, fence, until: before } = lease;
    if holder.is_some() && holder == engine.holder() {
        return Ok(Some(fence));
    }
    if holder.is_some() && before.is_some_and(|before| before > now().as_millis()) {
        return Ok(None);
    }
    let claimed = E::update_many()
        .col_expr(E::HOLDER, Expr::value(engine.holder()))
        .col_expr(E::FENCE, Expr::value(fence + 1))
        .col_expr(E::UNTIL, Expr::value(until()))
        .filter(Condition::all().add(E::ID.eq(id)).add(E::FENCE.eq(fence)))
        .exec(&engine.db)
        .await?;
    Ok((claimed.rows_affected == 1).then_some(fence + 1))
}

/// Renews what this process holds, until Slipway stops.
pub(super) async fn run(engine: Engine) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(RENEWED_EVERY) => {}
            () = engine.stop.cancelled() => return,
        }
        let Some(holder) = engine.holder() else { continue };
        let renewed = async {
            renew::<run::Entity>(&engine.db, holder).await?;
            renew::<build_run::Entity>(&engine.db, holder).await
        };
        if let Err(why) = renewed.await {
            tracing::warn!(%why, "leases could not be renewed");
        }
    }
}

async fn renew<E: Leased>(db: &DatabaseConnection, holder: Uuid) -> Result<(), DbErr> {
    E::update_many().col_expr(E::UNTIL, Expr::value(until())).filter(E::HOLDER.eq(holder)).exec(db).await?;
    Ok(())
}

/// Gives up what the process before held, which has ended.
pub(super) async fn take_over(engine: &Engine) -> Result<(), Error> {
    let Some(before) = engine.seat.as_ref().and_then(|seat| seat.before) else { return Ok(()) };
    give_up::<run::Entity>(&engine.db, before).await?;
    give_up::<build_run::Entity>(&engine.db, before).await?;
    Ok(())
}

async fn give_up<E: Leased>(db: &DatabaseConnection, holder: Uuid) -> Result<(), DbErr> {
    let nobody: Option<Uuid> = None;
    E::update_many().col_expr(E::HOLDER, Expr::value(nobody)).filter(E::HOLDER.eq(holder)).exec(db).await?;
    Ok(())
}

/// Refuses a write that is not one of the process that works on the run.
pub(super) fn check(engine: &Engine, row: &run::Model) -> Result<(), Error> {
    if lock(&engine.workers.driving).get(&row.id) == Some(&row.fence) {
        return Ok(());
    }
    Err(Error::Fenced(format!("run {}", row.id)))
}
