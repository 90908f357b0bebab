//! Runs: accepted, listed, waited for, cancelled.

mod accept;
mod recorded;
mod retry;
mod rollback;
mod undo;
mod wire;

pub(crate) use wire::{created_ms, item_status, run_status, task_of};

use super::{Idempotency, PageRequest, Result, RunFeed, RunFilter, Started, audit, idempotency, page, plans::Planned};
use crate::{
    Engine, Error, Principal,
    auth::{On, Verb},
    bus::Change,
    store::{run, run_item, service_map, write_tx},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::time::Duration;
use types::{
    ErrorCode, Name, Page,
    plan::Wall,
    run::{BlockedItem, CancelRun, NewRun, OnBlocked, Run, RunKind},
};
use uuid::Uuid;

impl Engine {
    /// Runs tasks, one or many: all or nothing.
    pub async fn start_run(
        &self,
        who: &Principal,
        map: &Name,
        new: NewRun,
        key: Option<Idempotency>,
    ) -> Result<Started<Run>> {
        let row = self.map_row(who, Verb::Deploy, map).await?;
        if let Some(earlier) = idempotency::earlier(&self.db, who, key.as_ref()).await? {
            return self.replayed_run(&earlier).await;
        }
        let planned = self.planned(who, &row, &new).await?;
        self.accept_run(who, &row, planned, key).await
    }

    /// Accepts what was planned, whatever the kind of the run.
    async fn accept_run(
        &self,
        who: &Principal,
        map: &service_map::Model,
        mut planned: Planned,
        key: Option<Idempotency>,
    ) -> Result<Started<Run>> {
        if let Some(run) = already_asked(&planned) {
            return Ok(Started { value: self.run_by_id(run).await?, replayed: false });
        }
        self.try_patches(&mut planned).await;
        refuse(&planned)?;
        let prepared = self.prepare_builds(&planned).await?;
        let tx = write_tx(&self.db).await?;
        if let Some(earlier) = idempotency::earlier(&tx, who, key.as_ref()).await? {
            drop(tx);
            return self.replayed_run(&earlier).await;
        }
        let (config, holder) = (&self.config, self.holder());
        let request = accept::Request { who, map, planned: &planned, prepared: &prepared, config, holder };
        let id = accept::insert(&tx, request).await?;
        idempotency::remember(&tx, who, key.as_ref(), id.to_string()).await?;
        audit::record(&tx, who, started(&planned, map, id)?).await?;
        tx.commit().await?;
        self.workers.builds.notify_one();
        self.workers.runs.notify_one();
        for id in planned.intent.of.into_iter().chain([id]) {
            self.bus.tell(Change::Run { id, map_id: map.id });
        }
        if planned.intent.hold.is_some() {
            self.bus.tell(Change::Hold);
        }
        Ok(Started { value: self.run_by_id(id).await?, replayed: false })
    }

    async fn replayed_run(&self, id: &str) -> Result<Started<Run>> {
        let id = Uuid::parse_str(id).map_err(|why| Error::Internal(why.to_string()))?;
        Ok(Started { value: self.run_by_id(id).await?, replayed: true })
    }

    /// Newest first.
    pub async fn runs(&self, who: &Principal, filter: RunFilter, page: PageRequest) -> Result<Page<Run>> {
        let limit = page::limit(&page)?;
        let mut query = run::Entity::find().filter(condition(&filter)).order_by_desc(run::Column::Id);
        if let Some(task) = &filter.task {
            let with = run_item::Entity::find()
                .select_only()
                .column(run_item::Column::RunId)
                .filter(run_item::COLUMN.kind.eq(task.kind.as_str()))
                .filter(run_item::COLUMN.workload.eq(task.workload.as_str()))
                .filter(run_item::COLUMN.container.eq(task.container.as_str()));
            query = query.filter(run::Column::Id.in_subquery(sea_orm::QueryTrait::into_query(with)));
        }
        if !who.may(Verb::Read, &On::Everywhere) {
            let maps = self.maps(who).await?.into_iter().map(|map| map.map.name.to_string());
            query = query.filter(run::COLUMN.map_name.is_in(maps));
        }
        if let Some(cursor) = &page.cursor {
            let before = Uuid::parse_str(cursor).map_err(|_| page::wrong_cursor())?;
            query = query.filter(run::COLUMN.id.lt(before));
        }
        let mut rows = query.limit(limit as u64 + 1).all(&self.db).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|row| row.id.to_string());
        Ok(Page { items: self.runs_wire(rows).await?, next_cursor })
    }

    pub async fn run(&self, who: &Principal, id: Uuid) -> Result<Run> {
        self.run_row(who, Verb::Read, id).await?;
        self.run_by_id(id).await
    }

    /// The run when it is settled, or as it is when the time is up.
    pub async fn wait_for_run(&self, who: &Principal, id: Uuid, timeout: Duration) -> Result<Run> {
        self.run_row(who, Verb::Read, id).await?;
        let mut changes = self.bus.listen();
        let deadline = tokio::time::Instant::now() + timeout;
        loop {
            let run = self.run_by_id(id).await?;
            if run.status.is_settled() {
                return Ok(run);
            }
            let ours = |change: Change| matches!(change, Change::Run { id: changed, .. } if changed == id);
            if !super::feed::changed_before(&mut changes, deadline, &self.stop, ours).await {
                return self.run_by_id(id).await;
            }
        }
    }

    /// Stops a run; what rolls stays as it is or, with `rollback`, goes back with all that the run has changed.
    pub async fn cancel_run(&self, who: &Principal, id: Uuid, cancel: CancelRun) -> Result<Run> {
        let CancelRun { rollback } = cancel;
        let verb = if rollback { Verb::Rollback } else { Verb::Deploy };
        self.run_row(who, verb, id).await?;
        let tx = write_tx(&self.db).await?;
        let row = run::Entity::find_by_id(id).one(&tx).await?;
        let row = row.ok_or_else(|| Error::NotFound(format!("run {id}")))?;
        if run_status(&row.status)?.is_settled() {
            return Err(Error::refused(ErrorCode::Settled, format!("The run is settled already: {}.", row.status)));
        }
        let change = run::ActiveModel {
            id: Set(id),
            cancel_requested: Set(true),
            undo_triggered: Set(row.undo_triggered || rollback),
            version: Set(row.version + 1),
            ..Default::default()
        };
        run::Entity::update(change).exec(&tx).await?;
        let action = if rollback { "run.cancel_and_roll_back" } else { "run.cancel" };
        let thing = format!("maps/{}/runs/{id}", row.map_name);
        audit::record(&tx, who, audit::Entry { action, thing, from: None, to: None }).await?;
        tx.commit().await?;
        self.workers.runs.notify_one();
        self.bus.tell(Change::Run { id, map_id: row.map_id });
        self.run_by_id(id).await
    }

    /// The run, whole, now and each time it changes.
    pub async fn follow_run(&self, who: &Principal, id: Uuid) -> Result<RunFeed> {
        self.run_row(who, Verb::Read, id).await?;
        Ok(RunFeed::new(self.clone(), id))
    }

    /// The row of a run whose map `who` may do `verb` on.
    pub(crate) async fn run_row(&self, who: &Principal, verb: Verb, id: Uuid) -> Result<run::Model> {
        let what = format!("run {id}");
        let row = run::Entity::find_by_id(id).one(&self.db).await?.ok_or_else(|| Error::NotFound(what.clone()))?;
        who.need(verb, &On::Map(super::stored_name(&row.map_name)?), &what)?;
        Ok(row)
    }

    /// Addresses of a map's runs that are not settled.
    pub(crate) async fn unsettled_runs_of_map(&self, map_id: i64) -> Result<Vec<String>> {
        let rows = run::Entity::find()
            .filter(run::COLUMN.map_id.eq(map_id))
            .filter(run::COLUMN.ended_at.is_null())
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| format!("runs/{}", row.id)).collect())
    }

    /// Addresses of items that wait for a build run or go to its image.
    pub(crate) async fn open_items_of_build_run(&self, id: Uuid) -> Result<Vec<String>> {
        let rows = run_item::Entity::find().filter(run_item::COLUMN.build_run_id.eq(id)).all(&self.db).await?;
        let open = |row: &run_item::Model| item_status(&row.status).is_ok_and(|status| !status.is_final());
        Ok(rows.iter().filter(|row| open(row)).map(|row| format!("runs/{}/items/{}", row.run_id, row.n)).collect())
    }

    /// The map of a row, while it is there.
    pub(crate) async fn map_of_run(&self, row: &run::Model) -> Result<Option<service_map::Model>> {
        Ok(service_map::Entity::find_by_id(row.map_id).one(&self.db).await?)
    }
}

/// Asking for what is already running or queued starts nothing and answers with that run.
fn already_asked(planned: &Planned) -> Option<Uuid> {
    let mut runs = planned.items.iter().zip(&planned.plan.items).map(|(item, shown)| {
        let only = shown.blocked_by.iter().all(|wall| wall.code == Wall::RunInProgress);
        item.in_progress.filter(|_| only)
    });
    let first = runs.next()??;
    runs.all(|run| run == Some(first)).then_some(first)
}

fn started(planned: &Planned, map: &service_map::Model, id: Uuid) -> Result<audit::Entry<'static>> {
    let action = match planned.intent.kind {
        RunKind::Deploy | RunKind::Restart => "run.start",
        RunKind::Rollback => "run.roll_back",
        RunKind::Undo => "run.undo",
        RunKind::Retry => "run.retry",
    };
    let said = serde_json::json!({"plan": planned.plan, "override_hold": planned.intent.override_hold});
    Ok(audit::Entry { action, thing: format!("maps/{}/runs/{id}", map.name), from: None, to: Some(said) })
}

/// All or nothing: blocked items refuse the whole; a version that already runs is only skipped.
fn refuse(planned: &Planned) -> Result<()> {
    let intent = &planned.intent;
    if intent.plan_hash.as_ref().is_some_and(|hash| *hash != planned.plan.plan_hash) {
        return Err(Error::PlanStale(Box::new(planned.plan.clone())));
    }
    if planned.items.is_empty() {
        return Err(Error::refused(ErrorCode::NothingToDo, "No task can run with its selection."));
    }
    let superseded: Vec<String> = planned
        .items
        .iter()
        .filter_map(|item| item.superseded.as_ref().map(|words| format!("{}: {words}", item.task)))
        .collect();
    if superseded.len() == planned.items.len() {
        let words =
            format!("All of it was changed since. {}. To put it back all the same, use force.", superseded.join(". "));
        return Err(Error::refused(ErrorCode::NothingToDo, words));
    }
    if intent.on_blocked == OnBlocked::Skip {
        return Ok(());
    }
    let blocked: Vec<BlockedItem> = planned
        .plan
        .items
        .iter()
        .zip(&planned.items)
        .filter(|(shown, item)| !shown.runnable && !item.same_version && item.superseded.is_none())
        .map(|(shown, _)| BlockedItem { n: shown.n, task: shown.task.clone(), blocked_by: shown.blocked_by.clone() })
        .collect();
    if blocked.is_empty() { Ok(()) } else { Err(Error::Blocked(blocked)) }
}

fn condition(filter: &RunFilter) -> Condition {
    let RunFilter { map, status, kind, task: _, by, since, until } = filter;
    let mut condition = Condition::all();
    if let Some(map) = map {
        condition = condition.add(run::COLUMN.map_name.eq(map.as_str()));
    }
    if let Some(status) = status {
        condition = condition.add(run::COLUMN.status.eq(status.as_str()));
    }
    if let Some(kind) = kind {
        condition = condition.add(run::COLUMN.kind.eq(kind.as_str()));
    }
    if let Some(by) = by {
        condition = condition.add(run::COLUMN.requested_by.eq(by.as_str()));
    }
    if let Some(since) = since {
        condition = condition.add(run::COLUMN.created_at.gte(since.as_millis()));
    }
    if let Some(until) = until {
        condition = condition.add(run::COLUMN.created_at.lt(until.as_millis()));
    }
    condition
}
