//! New build runs: accepted in one transaction with their tag, their number, their steps and their log.

use super::super::{Idempotency, Result, Started, audit, builds, idempotency};
use super::{check_note, check_params, status_of};
use crate::{
    Engine, Error, Principal,
    auth::Verb,
    build as flow,
    logs::Logs,
    now,
    store::{self, build, build_run, build_step, write_tx},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};
use std::collections::HashSet;
use types::{
    ErrorCode, Name,
    build::Build,
    build_run::{BuildRun, BuildRunKind, BuildRunStatus, NewBuildRun, StepStatus},
    version::BuildParams,
};
use uuid::Uuid;

/// Build runs that may wait for one engine.
const QUEUE_MAX: u64 = 100;

/// What a new run is made from; the tags are asked for before the transaction begins.
pub(crate) struct Prepared {
    in_registry: HashSet<String>,
    image: String,
    flow: Build,
    engine_name: String,
}

/// A new run.
pub(crate) struct NewRow<'a> {
    pub(crate) build: &'a build::Model,
    pub(crate) prepared: &'a Prepared,
    pub(crate) params: BuildParams,
    pub(crate) note: Option<String>,
    pub(crate) overwrite: bool,
    pub(crate) requested_by: &'a str,
}

impl Engine {
    pub async fn start_build_run(
        &self,
        who: &Principal,
        name: &Name,
        new: NewBuildRun,
        key: Option<Idempotency>,
    ) -> Result<Started<BuildRun>> {
        let row = self.build_row(who, Verb::Build, name).await?;
        if let Some(earlier) = idempotency::earlier(&self.db, who, key.as_ref()).await? {
            return self.replayed_build_run(&earlier).await;
        }
        let NewBuildRun { tag, reference, build_args, no_cache, params, note, overwrite } = new;
        check_note(note.as_deref())?;
        let params = BuildParams { reference, tag, build_args, no_cache, params };
        check_params(&params)?;
        let prepared = self.prepare_build_run(&row).await?;
        let tx = write_tx(&self.db).await?;
        if let Some(earlier) = idempotency::earlier(&tx, who, key.as_ref()).await? {
            drop(tx);
            return self.replayed_build_run(&earlier).await;
        }
        let row = build::Entity::find_by_id(row.id)
            .one(&tx)
            .await?
            .ok_or_else(|| Error::NotFound(format!("build {name}")))?;
        let new = NewRow { build: &row, prepared: &prepared, params, note, overwrite, requested_by: who.actor() };
        let run = insert(&tx, new).await?;
        idempotency::remember(&tx, who, key.as_ref(), run.id.to_string()).await?;
        let thing = format!("builds/{name}/runs/{}", run.number);
        let to = run.tag.clone().map(Into::into);
        audit::record(&tx, who, audit::Entry { action: "build_run.start", thing, from: None, to }).await?;
        tx.commit().await?;
        crate::build::tell(self, &run);
        Ok(Started { value: self.build_run_wire(run).await?, replayed: false })
    }

    async fn replayed_build_run(&self, id: &str) -> Result<Started<BuildRun>> {
        let id = Uuid::parse_str(id).map_err(|why| Error::Internal(why.to_string()))?;
        Ok(Started { value: self.build_run_by_id(id).await?, replayed: true })
    }

    /// What a new run needs to know before its transaction: the tags that the registry already has.
    pub(crate) async fn prepare_build_run(&self, row: &build::Model) -> Result<Prepared> {
        let entry = self.registry_entry(row.registry_id).await?;
        let image = self.image_of(row).await?;
        // A registry that is down does not keep a run from being queued: the push will tell.
        let tags = entry.observe(entry.client.tags(&row.repository).await).unwrap_or_default();
        let mut flow = self.build_wire(row).await?;
        flow.steps = store::read(&row.steps)?;
        let engine_name = flow.engine.clone();
        Ok(Prepared { in_registry: tags.into_iter().collect(), image, flow, engine_name })
    }
}

/// Inserts a run with its steps and its log, in the caller's transaction.
pub(crate) async fn insert<C: ConnectionTrait>(tx: &C, new: NewRow<'_>) -> Result<build_run::Model> {
    let NewRow { build, prepared, params, note, overwrite, requested_by } = new;
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
    let rule = builds::tag_rule(build)?;
    let taken = taken_tags(tx, build, &prepared.in_registry, overwrite).await?;
    let chosen = flow::choose(&rule, params.tag.as_deref(), build.sequence, now(), &taken)?;
    let number = builds::count_run(tx, build, chosen.sequence).await?;
    let id = Uuid::now_v7();
    let row = build_run::Model {
        id,
        build_id: build.id,
        build_name: build.name.clone(),
        number,
        kind: BuildRunKind::Run.as_str().to_owned(),
        status: BuildRunStatus::Queued.as_str().to_owned(),
        reason: None,
        tag: chosen.tag,
        repository: prepared.image.clone(),
        digest: None,
        size_bytes: None,
        platforms: serde_json::json!([]),
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
