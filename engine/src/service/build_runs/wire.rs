//! Build runs as REST and the page show them.

use super::super::Result;
use super::status_of;
use crate::{
    Engine, Error,
    store::{self, build_run, build_step},
};
use sea_orm::{EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use types::{
    Digest, Time,
    build_run::{BuildRun, BuildRunKind, BuildRunStatus, StepRun, StepStatus},
};
use uuid::Uuid;

impl Engine {
    pub(crate) async fn build_run_by_id(&self, id: Uuid) -> Result<BuildRun> {
        let row = build_run::Entity::find_by_id(id).one(&self.db).await?;
        self.build_run_wire(row.ok_or_else(|| Error::NotFound("build run".to_owned()))?).await
    }

    pub(crate) async fn build_run_wire(&self, row: build_run::Model) -> Result<BuildRun> {
        let steps = build_step::Entity::find()
            .filter(build_step::COLUMN.build_run_id.eq(row.id))
            .order_by_asc(build_step::Column::Index)
            .all(&self.db)
            .await?;
        let status = status_of(&row.status)?;
        let position = if status == BuildRunStatus::Queued { Some(self.queue_position(&row).await?) } else { None };
        let used_by = if status == BuildRunStatus::Succeeded { self.users_of(&row).await? } else { Vec::new() };
        let usual = if status.is_final() { HashMap::new() } else { self.usual_of_steps(row.build_id).await? };
        let number = u32::try_from(row.number).unwrap_or_default();
        let url = format!("{}/builds/{}/runs/{number}", self.config.url, row.build_name);
        Ok(BuildRun {
            build: super::super::stored_name(&row.build_name)?,
            number,
            repeat_of: row.repeat_of.and_then(|of| u32::try_from(of).ok()),
            edited: row.edited,
            kind: if row.kind == BuildRunKind::Try.as_str() { BuildRunKind::Try } else { BuildRunKind::Run },
            status,
            reason: row.reason,
            image: row.tag.as_ref().map(|tag| format!("{}:{tag}", row.repository)),
            tag: row.tag,
            digest: row.digest.as_deref().and_then(|digest| Digest::parse(digest).ok()),
            size_bytes: row.size_bytes.and_then(|size| u64::try_from(size).ok()),
            platforms: store::read(&row.platforms)?,
            facts: row.facts.as_ref().map(store::read).transpose()?,
            commit: row.commit,
            reference: row.reference,
            params: store::read(&row.params)?,
            note: row.note,
            rejected: row.rejected,
            requested_by: row.requested_by,
            queue_position: position,
            engine: super::super::stored_name(&row.engine_name)?,
            created_at: Time::from_millis(row.created_at),
            started_at: row.started_at.map(Time::from_millis),
            ended_at: row.ended_at.map(Time::from_millis),
            duration_ms: row.duration_ms.and_then(|ms| u64::try_from(ms).ok()),
            steps: steps.into_iter().map(|step| step_wire(step, &usual)).collect::<Result<_>>()?,
            failure: row.failure.as_ref().map(store::read).transpose()?,
            used_by,
            log_url: format!("{url}/log"),
            url,
        })
    }

    async fn queue_position(&self, row: &build_run::Model) -> Result<u32> {
        let before = build_run::Entity::find()
            .filter(build_run::COLUMN.engine_id.eq(row.engine_id))
            .filter(build_run::COLUMN.status.eq(BuildRunStatus::Queued.as_str()))
            .filter(build_run::COLUMN.id.lt(row.id))
            .count(&self.db)
            .await?;
        Ok(u32::try_from(before + 1).unwrap_or(u32::MAX))
    }

    /// Tasks whose container runs the image of this run.
    pub(super) async fn users_of(&self, row: &build_run::Model) -> Result<Vec<String>> {
        let Some(tag) = &row.tag else { return Ok(Vec::new()) };
        self.tasks_of_image(&row.repository, Some((tag, row.digest.as_deref()))).await
    }
}

fn step_wire(row: build_step::Model, usual: &HashMap<String, u64>) -> Result<StepRun> {
    let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
    Ok(StepRun {
        index: u32::try_from(row.index).unwrap_or_default(),
        usual_ms: usual.get(&row.name).copied(),
        name: row.name,
        kind: row.kind,
        status: step_status_of(&row.status)?,
        started_at: row.started_at.map(Time::from_millis),
        duration_ms: number(row.duration_ms),
        first_line: number(row.first_line),
        last_line: number(row.last_line),
        failure: row.failure.as_ref().map(store::read).transpose()?,
    })
}

fn step_status_of(word: &str) -> Result<StepStatus> {
    store::read(&word.into())
}
