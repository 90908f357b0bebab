//! A new build run in the database, with its tag, its number, its steps and its log.

use super::super::{Result, builds};
use super::status_of;
use crate::{
    Error,
    build::{self as flow, Chosen},
    logs::Logs,
    now,
    store::{self, build, build_run, build_step},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};
use std::collections::HashSet;
use types::{
    ErrorCode,
    build::Build,
    build_run::{BuildRunKind, BuildRunStatus, StepStatus},
    version::BuildParams,
};
use uuid::Uuid;

/// Build runs that may wait for one engine.
const QUEUE_MAX: u64 = 100;

/// What a new run is made from; the tags are asked for before the transaction begins.
pub(crate) struct Prepared {
    pub(super) in_registry: HashSet<String>,
    pub(super) image: String,
    pub(super) flow: Build,
    pub(super) engine_name: String,
}

/// A new run.
pub(crate) struct NewRow<'a> {
    pub(crate) build: &'a build::Model,
    pub(crate) prepared: &'a Prepared,
    pub(crate) params: BuildParams,
    pub(crate) note: Option<String>,
    pub(crate) overwrite: bool,
    pub(crate) requested_by: &'a str,
    pub(crate) origin: Origin,
}

/// Where the flow of a new run comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Build,
    /// Steps given with the run.
    Edited,
    /// An earlier run, by its number; with steps of its own where they are edited.
    Repeat {
        of: i32,
        edited: bool,
    },
    /// One step, in a work space that is thrown away.
    Try,
}

impl Origin {
    fn kind(self) -> BuildRunKind {
        match self {
            Origin::Build | Origin::Edited | Origin::Repeat { .. } => BuildRunKind::Run,
            Origin::Try => BuildRunKind::Try,
        }
    }

    fn repeats(self) -> Option<i32> {
        match self {
            Origin::Repeat { of, .. } => Some(of),
            Origin::Build | Origin::Edited | Origin::Try => None,
        }
    }

    fn is_edited(self) -> bool {
        match self {
            Origin::Edited | Origin::Repeat { edited: true, .. } => true,
            Origin::Build | Origin::Repeat { edited: false, .. } | Origin::Try => false,
        }
    }
}

/// Inserts a run with its steps and its log, in the caller's transaction. Of two at once the second waits, and then
/// sees the number and the tag of the first.
pub(crate) async fn insert<C: ConnectionTrait>(tx: &C, new: NewRow<'_>) -> Result<build_run::Model> {
    let NewRow { build, prepared, params, note, overwrite, requested_by, origin } = new;
    let locked = build::Entity::find_by_id(build.id).lock_exclusive().one(tx).await?;
    let build = &locked.ok_or_else(|| Error::NotFound(format!("build {}", build.name)))?;
    let waiting = build_run::Entity::find()
        .filter(build_run::COLUMN.engine_id.eq(build.engine_id))
        .filter(build_run::COLUMN.status.eq(BuildRunStatus::Queued.as_str()))
        .count(tx)
        .await?;
    if waiting >= QUEUE_MAX {
        let words = format!("{QUEUE_MAX} build runs wait for this engine already. Try again later.");
        return Err(Error::refused(ErrorCode::QueueFull, words));
    }
    flow::check_given(&prepared.flow.params, &params.params)?;
    let chosen = match origin {
        // What is only tried makes nothing that needs a tag.
        Origin::Try => Chosen { tag: None, sequence: build.sequence },
        Origin::Build | Origin::Edited | Origin::Repeat { .. } => {
            let taken = taken_tags(tx, build, &prepared.in_registry, overwrite).await?;
            flow::choose(&builds::tag_rule(build)?, params.tag.as_deref(), build.sequence, now(), &taken)?
        }
    };
    let number = builds::count_run(tx, build, chosen.sequence).await?;
    let id = Uuid::now_v7();
    let row = build_run::Model {
        id,
        build_id: build.id,
        build_name: build.name.clone(),
        number,
        kind: origin.kind().as_str().to_owned(),
        repeat_of: origin.repeats(),
        edited: origin.is_edited(),
        status: BuildRunStatus::Queued.as_str().to_owned(),
        reason: None,
        tag: chosen.tag,
        repository: prepared.image.clone(),
        digest: None,
        size_bytes: None,
        platforms: serde_json::json!([]),
        facts: None,
        commit: None,
        reference: params.reference.clone(),
        params: store::write(&params)?,
        flow: store::write(&prepared.flow)?,
        note,
        rejected: false,
        image_gone: false,
        requested_by: requested_by.to_owned(),
        engine_id: build.engine_id,
        engine_name: prepared.engine_name.clone(),
        registry_id: build.registry_id,
        failure: None,
        cancel_requested: false,
        restarts: 0,
        created_at: now().as_millis(),
        started_at: None,
        ended_at: None,
        duration_ms: None,
        holder: None,
        fence: 0,
        leased_until: None,
    };
    build_run::Entity::insert(build_run::ActiveModel::from(row.clone()).reset_all()).exec(tx).await?;
    insert_steps(tx, id, &prepared.flow).await?;
    let owner = format!("builds/{}/runs/{number}", build.name);
    Logs::create_in(tx, id, Some(&owner)).await.map_err(|why| Error::Internal(why.to_string()))?;
    Ok(row)
}

async fn insert_steps<C: ConnectionTrait>(tx: &C, id: Uuid, flow: &Build) -> Result<()> {
    let step = |(index, step): (usize, &types::build::Step)| build_step::ActiveModel {
        build_run_id: Set(id),
        index: Set(i32::try_from(index).unwrap_or(i32::MAX)),
        name: Set(step.name().to_owned()),
        kind: Set(step.kind().to_owned()),
        status: Set(if step.enabled() { StepStatus::Waiting } else { StepStatus::Skipped }.as_str().to_owned()),
        ..Default::default()
    };
    build_step::Entity::insert_many(flow.steps.iter().enumerate().map(step)).exec(tx).await?;
    Ok(())
}

/// Tags of runs that are queued, running or succeeded, and those that the registry has from elsewhere.
async fn taken_tags<C: ConnectionTrait>(
    tx: &C,
    build: &build::Model,
    in_registry: &HashSet<String>,
    overwrite: bool,
) -> Result<HashSet<String>> {
    let rows: Vec<(Option<String>, String)> = build_run::Entity::find()
        .select_only()
        .columns([build_run::Column::Tag, build_run::Column::Status])
        .filter(build_run::COLUMN.build_id.eq(build.id))
        .into_tuple()
        .all(tx)
        .await?;
    let mut own = HashSet::new();
    let mut taken = HashSet::new();
    for (tag, status) in rows {
        let Some(tag) = tag else { continue };
        if !matches!(status_of(&status)?, BuildRunStatus::Failed | BuildRunStatus::Canceled) {
            taken.insert(tag.clone());
        }
        own.insert(tag);
    }
    if !overwrite {
        taken.extend(in_registry.difference(&own).cloned());
    }
    Ok(taken)
}
