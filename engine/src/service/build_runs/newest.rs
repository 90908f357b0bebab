//! The newest runs of a build, and what one usually takes.

use super::super::Result;
use super::status_of;
use crate::{
    Engine,
    store::{build_run, build_step},
};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use std::collections::HashMap;
use types::{
    Digest, Time,
    build_run::{BuildRunKind, BuildRunStatus, StepStatus},
    task::BuildRunBrief,
};

/// Build runs whose durations make the usual one.
const USUAL_OF: u64 = 5;

/// Runs of a build that make its image.
pub(crate) fn runs_of(build_id: i64) -> Select<build_run::Entity> {
    of_kind(build_id, BuildRunKind::Run)
}

/// Steps of a build that were tried.
pub(super) fn tries_of(build_id: i64) -> Select<build_run::Entity> {
    of_kind(build_id, BuildRunKind::Try)
}

fn of_kind(build_id: i64, kind: BuildRunKind) -> Select<build_run::Entity> {
    build_run::Entity::find()
        .filter(build_run::COLUMN.build_id.eq(build_id))
        .filter(build_run::COLUMN.kind.eq(kind.as_str()))
}

impl Engine {
    pub(crate) async fn newest_run(&self, build_id: i64) -> Result<Option<build_run::Model>> {
        Ok(runs_of(build_id).order_by_desc(build_run::Column::Number).one(&self.db).await?)
    }

    /// Latest: the highest number among succeeded, not rejected runs whose image still exists.
    pub(crate) async fn newest_success(&self, build_id: i64) -> Result<Option<build_run::Model>> {
        let query = runs_of(build_id)
            .filter(build_run::COLUMN.status.eq(BuildRunStatus::Succeeded.as_str()))
            .filter(build_run::COLUMN.rejected.eq(false))
            .filter(build_run::COLUMN.image_gone.eq(false));
        Ok(query.order_by_desc(build_run::Column::Number).one(&self.db).await?)
    }

    /// What a succeeded run of a build usually takes, in milliseconds.
    pub(crate) async fn usual_ms(&self, build_id: i64) -> Result<Option<u64>> {
        let last = self.last_successes(build_id).await?;
        Ok(median(last.iter().filter_map(|row| row.duration_ms).collect()))
    }

    /// What each step of a build usually takes, in milliseconds, by its name.
    pub(super) async fn usual_of_steps(&self, build_id: i64) -> Result<HashMap<String, u64>> {
        let last = self.last_successes(build_id).await?;
        let steps: Vec<(String, Option<i64>)> = build_step::Entity::find()
            .select_only()
            .columns([build_step::Column::Name, build_step::Column::DurationMs])
            .filter(build_step::COLUMN.build_run_id.is_in(last.iter().map(|row| row.id)))
            .into_tuple()
            .all(&self.db)
            .await?;
        let mut durations: HashMap<String, Vec<i64>> = HashMap::new();
        for (name, ms) in steps {
            durations.entry(name).or_default().extend(ms);
        }
        Ok(durations.into_iter().filter_map(|(name, ms)| Some((name, median(ms)?))).collect())
    }

    async fn last_successes(&self, build_id: i64) -> Result<Vec<build_run::Model>> {
        let succeeded = runs_of(build_id).filter(build_run::COLUMN.status.eq(BuildRunStatus::Succeeded.as_str()));
        Ok(succeeded.order_by_desc(build_run::Column::Number).limit(USUAL_OF).all(&self.db).await?)
    }

    pub(crate) async fn brief(&self, row: Option<build_run::Model>) -> Result<Option<BuildRunBrief>> {
        let Some(row) = row else { return Ok(None) };
        let steps = build_step::Entity::find().filter(build_step::COLUMN.build_run_id.eq(row.id)).all(&self.db).await?;
        let off = |step: &build_step::Model| step.status == StepStatus::Skipped.as_str() && step.started_at.is_none();
        let on = steps.iter().filter(|step| !off(step) || row.ended_at.is_some()).count();
        let begun = steps.iter().filter(|step| step.started_at.is_some()).count();
        Ok(Some(BuildRunBrief {
            number: u32::try_from(row.number).unwrap_or_default(),
            tag: row.tag.clone().unwrap_or_default(),
            status: status_of(&row.status)?,
            digest: row.digest.as_deref().and_then(|digest| Digest::parse(digest).ok()),
            ended_at: row.ended_at.map(Time::from_millis),
            progress: format!("{begun}/{on}"),
        }))
    }
}

/// The middle one of durations, in milliseconds.
fn median(mut durations: Vec<i64>) -> Option<u64> {
    durations.sort_unstable();
    durations.get(durations.len() / 2).and_then(|&ms| u64::try_from(ms).ok())
}
