//! Prunes engines that have a rule for it.

use crate::{Engine, Error, Principal, now, service::pruning::rule_of, store::build_engine};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use std::time::Duration;

/// How often it is looked whether an engine is due.
const EVERY: Duration = Duration::from_secs(60);

/// An engine is pruned this often: builds fill a disk in hours, and each pruning makes the engine look at all it has.
const DUE_MS: i64 = 600_000;

pub(super) async fn run(engine: Engine) {
    loop {
        if let Err(why) = pass(&engine).await {
            tracing::warn!(%why, "build engines could not be pruned");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = engine.stop.cancelled() => return,
        }
    }
}

pub(super) async fn pass(engine: &Engine) -> Result<(), Error> {
    for row in build_engine::Entity::find().all(&engine.db).await? {
        let Some(rule) = rule_of(&row)? else { continue };
        if !claim(engine, &row).await? {
            continue;
        }
        match engine.prune(&row, &rule).await {
            Ok(pruned) if pruned.freed_bytes > 0 => {
                tracing::info!(engine = row.name, pruned.freed_bytes, "pruned by rule");
                engine.record_pruned(&Principal::host(), &row, &pruned).await?;
            }
            Ok(_) => {}
            Err(why) => tracing::warn!(%why, engine = row.name, "a build engine could not be pruned"),
        }
    }
    Ok(())
}

/// Whether it is this process that prunes it now.
async fn claim(engine: &Engine, row: &build_engine::Model) -> Result<bool, Error> {
    let now = now().as_millis();
    let due = Condition::any()
        .add(build_engine::Column::PrunedAt.is_null())
        .add(build_engine::Column::PrunedAt.lte(now - DUE_MS));
    let claimed = build_engine::Entity::update_many()
        .col_expr(build_engine::Column::PrunedAt, Expr::value(now))
        .filter(build_engine::COLUMN.id.eq(row.id))
        .filter(due)
        .exec(&engine.db)
        .await?;
    Ok(claimed.rows_affected == 1)
}
