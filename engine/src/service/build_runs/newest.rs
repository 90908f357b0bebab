//! The newest runs of a build, and what one usually takes.

use super::super::Result;
use super::status_of;
use crate::{
    Engine,
    store::{build_run, build_step},
};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use types::{
    Digest, Time,
    build_run::{BuildRunStatus, StepStatus},
    task::BuildRunBrief,
};

/// Build runs whose durations make the usual one.
const USUAL_OF: u64 = 5;

impl Engine {
    pub(crate) async fn newest_run(&self, build_id: i64) -> Result<Option<build_run::Model>> {
        let query = build_run::Entity::find().filter(build_run::COLUMN.build_id.eq(build_id));
        Ok(query.order_by_desc(build_run::Column::Number).one(&self.db).await?)
    }

    /// Latest: the highest number among succeeded, not rejected runs whose image still exists.
    pub(crate) async fn newest_success(&self, build_id: i64) -> Result<Option<build_run::Model>> {
        let query = build_run::Entity::find()
            .filter(build_run::COLUMN.build_id.eq(build_id))
            .filter(build_run::COLUMN.status.eq(BuildRunStatus::Succeeded.as_str()))
            .filter(build_run::COLUMN.rejected.eq(false))
            .filter(build_run::COLUMN.image_gone.eq(false));
        Ok(query.order_by_desc(build_run::Column::Number).one(&self.db).await?)
    }

    /// What a succeeded run of a build usually takes, in milliseconds.
    pub(crate) async fn usual_ms(&self, build_id: i64) -> Result<Option<u64>> {
        let rows = build_run::Entity::find()
            .filter(build_run::COLUMN.build_id.eq(build_id))
            .filter(build_run::COLUMN.status.eq(BuildRunStatus::Succeeded.as_str()))
            .order_by_desc(build_run::Column::Number)
            .limit(USUAL_OF)
            .all(&self.db)
            .await?;
        let mut durations: Vec<u64> = rows.iter().filter_map(|row| u64::try_from(row.duration_ms?).ok()).collect();
        durations.sort_unstable();
        Ok(durations.get(durations.len() / 2).copied())
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
