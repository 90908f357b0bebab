//! Build runs: started, listed, waited for, cancelled.

use super::{Idempotency, PageRequest, Result, Started, audit, builds, idempotency, page};
use crate::{
    Engine, Error, Principal,
    auth::Verb,
    build as flow,
    bus::Change,
    logs::Logs,
    now,
    state::build_run::Event,
    store::{self, build, build_run, build_step, write_tx},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::{collections::HashSet, time::Duration};
use types::{
    Digest, ErrorCode, Name, Page, Time,
    build::{Build, TagRule},
    build_run::{BuildRun, BuildRunKind, BuildRunPatch, BuildRunStatus, NewBuildRun, StepRun, StepStatus},
    task::BuildRunBrief,
    version::BuildParams,
};
use uuid::Uuid;

/// Build runs that may wait for one engine.
const QUEUE_MAX: u64 = 100;
/// Characters of a note.
pub(crate) const NOTE_MAX: usize = 1000;
/// Build runs whose durations make the usual one.
const USUAL_OF: u64 = 5;

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
        let NewBuildRun { tag, reference, build_args, no_cache, note, overwrite } = new;
        check_note(note.as_deref())?;
        let params = BuildParams { reference, tag, build_args, no_cache };
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

    /// Newest first.
    pub async fn build_runs(&self, who: &Principal, name: &Name, page: PageRequest) -> Result<Page<BuildRun>> {
        let row = self.build_row(who, Verb::Read, name).await?;
        let limit = page::limit(&page)?;
        let mut query = build_run::Entity::find()
            .filter(build_run::COLUMN.build_id.eq(row.id))
            .order_by_desc(build_run::Column::Number)
            .limit(limit as u64 + 1);
        if let Some(cursor) = &page.cursor {
            let before: i32 = cursor.parse().map_err(|_| page::wrong_cursor())?;
            query = query.filter(build_run::COLUMN.number.lt(before));
        }
        let mut rows = query.all(&self.db).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|row| row.number.to_string());
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            items.push(self.build_run_wire(row).await?);
        }
        Ok(Page { items, next_cursor })
    }

    pub async fn build_run(&self, who: &Principal, name: &Name, number: u32) -> Result<BuildRun> {
        let row = self.build_run_row(who, Verb::Read, name, number).await?;
        self.build_run_wire(row).await
    }

    /// The run when it has ended, or as it is when the time is up.
    pub async fn wait_for_build_run(
        &self,
        who: &Principal,
        name: &Name,
        number: u32,
        timeout: Duration,
    ) -> Result<BuildRun> {
        let id = self.build_run_row(who, Verb::Read, name, number).await?.id;
        let mut changes = self.bus.listen();
        let deadline = tokio::time::Instant::now() + timeout;
        loop {
            let run = self.build_run_by_id(id).await?;
            if run.status.is_final() {
                return Ok(run);
            }
            let ours = |change: Change| matches!(change, Change::BuildRun { id: changed, .. } if changed == id);
            if !super::feed::changed_before(&mut changes, deadline, &self.stop, ours).await {
                return self.build_run_by_id(id).await;
            }
        }
    }

    /// Sets a note, or that the run must not be deployed.
    pub async fn patch_build_run(
        &self,
        who: &Principal,
        name: &Name,
        number: u32,
        patch: BuildRunPatch,
    ) -> Result<BuildRun> {
        let row = self.build_run_row(who, Verb::Build, name, number).await?;
        let BuildRunPatch { note, rejected } = patch;
        check_note(note.as_deref())?;
        let change = build_run::ActiveModel {
            id: Set(row.id),
            note: Set(note.or_else(|| row.note.clone())),
            rejected: Set(rejected.unwrap_or(row.rejected)),
            ..Default::default()
        };
        let tx = write_tx(&self.db).await?;
        let changed = build_run::Entity::update(change).exec(&tx).await?;
        let thing = format!("builds/{name}/runs/{number}");
        audit::record(&tx, who, audit::Entry { action: "build_run.mark", thing, from: None, to: None }).await?;
        tx.commit().await?;
        crate::build::tell(self, &changed);
        self.build_run_wire(changed).await
    }

    /// Deletes a run that has ended and that nobody uses, with its log; the image stays.
    pub async fn delete_build_run(&self, who: &Principal, name: &Name, number: u32) -> Result<()> {
        let row = self.build_run_row(who, Verb::Manage, name, number).await?;
        let mut users = self.users_of(&row).await?;
        if !status_of(&row.status)?.is_final() {
            users.push("itself: it has not ended".to_owned());
        }
        users.extend(self.open_items_of_build_run(row.id).await?);
        if !users.is_empty() {
            return Err(Error::InUse { what: format!("Build run {number} of {name}"), users });
        }
        let tx = write_tx(&self.db).await?;
        build_step::Entity::delete_many().filter(build_step::COLUMN.build_run_id.eq(row.id)).exec(&tx).await?;
        build_run::Entity::delete_by_id(row.id).exec(&tx).await?;
        let thing = format!("builds/{name}/runs/{number}");
        audit::record(
            &tx,
            who,
            audit::Entry { action: "build_run.delete", thing, from: row.tag.map(Into::into), to: None },
        )
        .await?;
        tx.commit().await?;
        self.logs.delete(row.id).await.map_err(|why| Error::Internal(why.to_string()))?;
        self.bus.tell(Change::BuildRun { id: row.id, build_id: row.build_id });
        Ok(())
    }

    /// Stops a run; one that has ended is refused.
    pub async fn cancel_build_run(&self, who: &Principal, name: &Name, number: u32) -> Result<BuildRun> {
        let row = self.build_run_row(who, Verb::Build, name, number).await?;
        if status_of(&row.status)?.is_final() {
            let words = format!("Build run {number} of {name} has ended already: {}.", row.status);
            return Err(Error::refused(ErrorCode::Settled, words));
        }
        let thing = format!("builds/{name}/runs/{number}");
        audit::record(&self.db, who, audit::Entry { action: "build_run.cancel", thing, from: None, to: None }).await?;
        self.request_build_cancel(row.id).await?;
        self.build_run_by_id(row.id).await
    }

    /// Moves a run towards its cancelled end and wakes what runs it.
    pub(crate) async fn request_build_cancel(&self, id: Uuid) -> Result<()> {
        let ending = flow::Ending { event: Event::Cancel, failure: None, reason: None, made: None };
        let status = flow::finish(self, id, ending).await?;
        if status == BuildRunStatus::Canceled
            && let Err(why) = self.close_log_of_unstarted(id, status).await
        {
            tracing::warn!(%why, "the log of a cancelled run was not closed");
        }
        self.workers.cancel_build(id);
        Ok(())
    }

    async fn close_log_of_unstarted(&self, id: Uuid, status: BuildRunStatus) -> Result<()> {
        let failed = |why: crate::logs::LogError| Error::Internal(why.to_string());
        let writer = self.logs.open_writer(id, crate::logs::Masker::default()).await.map_err(failed)?;
        writer.close(status.as_str()).await.map_err(failed)?;
        Ok(())
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

    pub(crate) async fn build_run_row(
        &self,
        who: &Principal,
        verb: Verb,
        name: &Name,
        number: u32,
    ) -> Result<build_run::Model> {
        let build = self.build_row(who, verb, name).await?;
        let row = build_run::Entity::find()
            .filter(build_run::COLUMN.build_id.eq(build.id))
            .filter(build_run::COLUMN.number.eq(i32::try_from(number).unwrap_or(-1)))
            .one(&self.db)
            .await?;
        row.ok_or_else(|| Error::NotFound(format!("run {number} of build {name}")))
    }

    pub(crate) async fn build_run_by_id(&self, id: Uuid) -> Result<BuildRun> {
        let row = build_run::Entity::find_by_id(id).one(&self.db).await?;
        self.build_run_wire(row.ok_or_else(|| Error::NotFound("build run".to_owned()))?).await
    }

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

    pub(crate) async fn build_run_wire(&self, row: build_run::Model) -> Result<BuildRun> {
        let steps = build_step::Entity::find()
            .filter(build_step::COLUMN.build_run_id.eq(row.id))
            .order_by_asc(build_step::Column::Index)
            .all(&self.db)
            .await?;
        let status = status_of(&row.status)?;
        let position = if status == BuildRunStatus::Queued { Some(self.queue_position(&row).await?) } else { None };
        let used_by = if status == BuildRunStatus::Succeeded { self.users_of(&row).await? } else { Vec::new() };
        let number = u32::try_from(row.number).unwrap_or_default();
        let url = format!("{}/builds/{}/runs/{number}", self.config.url, row.build_name);
        Ok(BuildRun {
            build: super::stored_name(&row.build_name)?,
            number,
            kind: if row.kind == BuildRunKind::Try.as_str() { BuildRunKind::Try } else { BuildRunKind::Run },
            status,
            reason: row.reason,
            image: row.tag.as_ref().map(|tag| format!("{}:{tag}", row.repository)),
            tag: row.tag,
            digest: row.digest.as_deref().and_then(|digest| Digest::parse(digest).ok()),
            size_bytes: row.size_bytes.and_then(|size| u64::try_from(size).ok()),
            platforms: store::read(&row.platforms)?,
            commit: row.commit,
            reference: row.reference,
            params: store::read(&row.params)?,
            note: row.note,
            rejected: row.rejected,
            requested_by: row.requested_by,
            queue_position: position,
            engine: super::stored_name(&row.engine_name)?,
            created_at: Time::from_millis(row.created_at),
            started_at: row.started_at.map(Time::from_millis),
            ended_at: row.ended_at.map(Time::from_millis),
            duration_ms: row.duration_ms.and_then(|ms| u64::try_from(ms).ok()),
            steps: steps.into_iter().map(step_wire).collect::<Result<_>>()?,
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
    async fn users_of(&self, row: &build_run::Model) -> Result<Vec<String>> {
        let Some(tag) = &row.tag else { return Ok(Vec::new()) };
        self.tasks_of_image(&row.repository, Some((tag, row.digest.as_deref()))).await
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

fn step_wire(row: build_step::Model) -> Result<StepRun> {
    let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
    Ok(StepRun {
        index: u32::try_from(row.index).unwrap_or_default(),
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

/// A stored word of state.
pub(crate) fn status_of(word: &str) -> Result<BuildRunStatus> {
    store::read(&word.into())
}

fn step_status_of(word: &str) -> Result<StepStatus> {
    store::read(&word.into())
}

pub(crate) fn check_note(note: Option<&str>) -> Result<()> {
    if note.is_none_or(|note| note.chars().count() <= NOTE_MAX) {
        return Ok(());
    }
    Err(Error::field("note", format!("must be at most {NOTE_MAX} characters")))
}

/// Refuses a reference and build arguments that could not be used.
pub(crate) fn check_params(params: &BuildParams) -> Result<()> {
    if let Some(reference) = &params.reference {
        crate::git::GitReference::parse(reference).map_err(|why| Error::field("reference", why))?;
    }
    flow::check_run_args(&params.build_args)
}

/// Whether each run of this build needs a tag typed by a person.
pub(crate) fn tag_typed(row: &build::Model) -> Result<bool> {
    Ok(builds::tag_rule(row)? == TagRule::Typed {})
}
