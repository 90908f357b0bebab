//! Room on the disks that builds fill: below the reserve no build starts, and the queued run says why.

use crate::{Engine, Error, bus::Change, disk::is_short, store::build_run};
use sea_orm::{EntityTrait, QueryFilter, sea_query::Expr};
use types::build_run::BuildRunStatus;

/// Why there is no room for a build on this engine; none: there is. The words are the same as long as
/// the reason is, so that they are written once. A disk that cannot be looked at keeps nobody.
pub(super) async fn lack(engine: &Engine, engine_id: i64) -> Option<String> {
    let reserve = engine.config.disk_reserve_bytes;
    let words = |whose: &str| {
        let mebibytes = reserve.div_ceil(1 << 20);
        format!("waits for disk space: less than the reserve of {mebibytes} MiB is free on the disk of {whose}")
    };
    if is_short(reserve, engine.config.data_dir.clone()).await {
        return Some(words("the server"));
    }
    let entry = engine.engine_entry(engine_id).await.ok()?;
    let root = entry.local_root().await?;
    is_short(reserve, root).await.then(|| words(&format!("the build engine {}", entry.row.name)))
}

/// Writes what a queued run waits for beside its turn, or that it is nothing any more.
pub(super) async fn note(engine: &Engine, row: &build_run::Model, reason: Option<&str>) -> Result<(), Error> {
    if row.reason.as_deref() == reason {
        return Ok(());
    }
    let changed = build_run::Entity::update_many()
        .col_expr(build_run::Column::Reason, Expr::value(reason))
        .filter(build_run::COLUMN.id.eq(row.id))
        .filter(build_run::COLUMN.status.eq(BuildRunStatus::Queued.as_str()))
        .exec(&engine.db)
        .await?;
    if changed.rows_affected == 1 {
        if let Some(reason) = reason {
            tracing::warn!(build_run = format!("{} #{}", row.build_name, row.number), reason, "a build does not start");
        }
        engine.bus.tell(Change::BuildRun { id: row.id, build_id: row.build_id });
    }
    Ok(())
}
