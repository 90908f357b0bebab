//! Freeing disk in build engines, by their rules.

use super::{Result, audit};
use crate::{
    Engine, Error, Principal,
    docker::DockerError,
    store::{self, build_engine, build_run},
};
use sea_orm::{EntityTrait, PaginatorTrait, QueryFilter};
use types::{
    ErrorCode, Name,
    build_run::BuildRunStatus,
    engine::{PruneRule, Pruned},
};

/// Most bytes of cache that a rule may keep: what is more is a mistyped number.
const KEEP_MAX: u64 = 1 << 50;
/// Most hours of a rule, a year.
const HOURS_MAX: u32 = 8760;

impl Engine {
    /// Prunes an engine now, by its rule; without one, all that nothing uses goes.
    pub async fn prune_engine(&self, who: &Principal, name: &Name) -> Result<Pruned> {
        who.need_admin()?;
        let row = self.engine_row(name).await?;
        let rule = rule_of(&row)?.unwrap_or_default();
        let pruned = self.prune(&row, &rule).await?;
        self.record_pruned(who, &row, &pruned).await?;
        Ok(pruned)
    }

    /// Frees what the rule allows; never what a build run under way uses.
    pub(crate) async fn prune(&self, row: &build_engine::Model, rule: &PruneRule) -> Result<Pruned> {
        let said = |why| engine_error(&row.name, &why);
        let docker = self.engine_entry(row.id).await?.connection().await.map_err(said)?;
        let images = {
            let gate = self.workers.gate(row.id);
            let _nothing_starts = gate.write().await;
            if self.is_at_work(row.id).await? {
                None
            } else {
                Some(docker.prune_dangling_images(rule).await.map_err(said)?)
            }
        };
        self.workers.builds.notify_one();
        let build_cache_freed_bytes = docker.prune_build_cache(rule).await.map_err(said)?;
        let images_freed_bytes = images.unwrap_or_default();
        Ok(Pruned {
            freed_bytes: images_freed_bytes.saturating_add(build_cache_freed_bytes),
            images_freed_bytes,
            build_cache_freed_bytes,
            images_left: images.is_none(),
        })
    }

    /// Writes what was freed into the audit.
    pub(crate) async fn record_pruned(
        &self,
        who: &Principal,
        row: &build_engine::Model,
        pruned: &Pruned,
    ) -> Result<()> {
        let (thing, to) = (format!("engines/{}", row.name), Some(store::write(pruned)?));
        audit::record(&self.db, who, audit::Entry { action: "engine.prune", thing, from: None, to }).await
    }

    /// Whether a build run is under way on an engine.
    async fn is_at_work(&self, engine_id: i64) -> Result<bool> {
        let at_work = [BuildRunStatus::Running.as_str(), BuildRunStatus::Canceling.as_str()];
        let count = build_run::Entity::find()
            .filter(build_run::COLUMN.engine_id.eq(engine_id))
            .filter(build_run::COLUMN.status.is_in(at_work))
            .count(&self.db)
            .await?;
        Ok(count > 0)
    }
}

/// The rule of an engine, if it has one.
pub(crate) fn rule_of(row: &build_engine::Model) -> Result<Option<PruneRule>> {
    row.prune.as_ref().map(store::read).transpose()
}

/// Refuses numbers that cannot be meant.
pub(super) fn check_rule(rule: &PruneRule) -> Result<()> {
    let PruneRule { keep_storage_bytes, until_hours } = *rule;
    if keep_storage_bytes > KEEP_MAX {
        return Err(Error::field("prune.keep_storage_bytes", format!("must be at most {KEEP_MAX}")));
    }
    if until_hours > HOURS_MAX {
        return Err(Error::field("prune.until_hours", format!("must be at most {HOURS_MAX}")));
    }
    Ok(())
}

/// What an engine said, for people.
fn engine_error(name: &str, why: &DockerError) -> Error {
    Error::refused(ErrorCode::EngineUnreachable, format!("Build engine {name}: {why}."))
}
