//! The transaction that accepts a run: the run, its items, its builds, and the selections it spends.

use super::super::{
    Result,
    build_runs::{self, NewRow, Origin, Prepared},
    holds,
    plans::{Planned, PlannedItem, params_of},
};
use crate::{
    Config, Engine, Error, Principal, Via,
    logs::Logs,
    now,
    state::item::SAME_VERSION,
    store::{self, build, run, run_item, selection, service_map},
    worker::leased_until,
};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use std::collections::HashMap;
use types::{
    Time,
    plan::{Action, PlanItem},
    run::{ItemStatus, Phase, PhaseName, RunKind, RunStatus, Trigger},
    version::BuildParams,
};
use uuid::Uuid;

/// What is accepted.
pub(super) struct Request<'a> {
    pub(super) who: &'a Principal,
    pub(super) map: &'a service_map::Model,
    pub(super) planned: &'a Planned,
    pub(super) prepared: &'a HashMap<String, Prepared>,
    pub(super) config: &'a Config,
    /// Who works on it from the start.
    pub(super) holder: Option<Uuid>,
}

impl Engine {
    /// What the builds of a plan need to know before the transaction, by the name of the build.
    pub(super) async fn prepare_builds(&self, planned: &Planned) -> Result<HashMap<String, Prepared>> {
        let mut prepared = HashMap::new();
        for item in &planned.plan.items {
            let Some(build) = item.build.as_ref().filter(|_| item.runnable) else { continue };
            if prepared.contains_key(&build.name) {
                continue;
            }
            let known = planned.scene.builds.iter().find(|known| known.row.name == build.name);
            let known = known.ok_or_else(|| Error::NotFound(format!("build {}", build.name)))?;
            prepared.insert(build.name.clone(), self.prepare_build_run(&known.row).await?);
        }
        Ok(prepared)
    }
}

/// Inserts everything; the id of the run.
pub(super) async fn insert<C: ConnectionTrait>(tx: &C, request: Request<'_>) -> Result<Uuid> {
    let id = Uuid::now_v7();
    insert_run(tx, id, &request).await?;
    lock_builds(tx, request.prepared.keys()).await?;
    let mut shared: HashMap<(String, String), Uuid> = HashMap::new();
    for (item, shown) in request.planned.items.iter().zip(&request.planned.plan.items) {
        let build_run_id = match shown.build.as_ref().filter(|_| shown.runnable) {
            Some(build) => Some(join_build(tx, &request, &build.name, params_of(&item.version), &mut shared).await?),
            None => None,
        };
        insert_item(tx, id, &request, (item, shown), build_run_id).await?;
    }
    match request.planned.intent.kind {
        RunKind::Deploy | RunKind::Restart => spend_selections(tx, &request).await?,
        RunKind::Rollback | RunKind::Undo | RunKind::Retry => {}
    }
    hold(tx, id, &request).await?;
    mark_earlier(tx, id, &request).await?;
    Ok(id)
}

/// All in one order: of two runs with the same builds neither waits for the other in vain.
async fn lock_builds<C: ConnectionTrait>(tx: &C, names: impl Iterator<Item = &String>) -> Result<()> {
    let of_run = build::COLUMN.name.is_in(names);
    build::Entity::find().filter(of_run).order_by_asc(build::Column::Id).lock_exclusive().all(tx).await?;
    Ok(())
}

async fn insert_run<C: ConnectionTrait>(tx: &C, id: Uuid, request: &Request<'_>) -> Result<()> {
    let Request { who, map, planned, prepared: _, config: _, holder } = request;
    let intent = &planned.intent;
    let trigger = match who.via {
        Via::Token(_) => Trigger::Token,
        Via::Session | Via::Host => Trigger::User,
    };
    let nothing_runs = planned.plan.items.iter().all(|item| !item.runnable);
    let row = run::ActiveModel {
        id: Set(id),
        map_id: Set(map.id),
        map_name: Set(map.name.clone()),
        kind: Set(kind(planned).as_str().to_owned()),
        trigger: Set(trigger.as_str().to_owned()),
        of: Set(intent.of),
        status: Set(RunStatus::Queued.as_str().to_owned()),
        requested_by: Set(who.actor().to_owned()),
        user_id: Set(Some(who.user_id)),
        note: Set(intent.note.clone()),
        on_failure: Set(intent.on_failure.as_str().to_owned()),
        plan_hash: Set(planned.plan.plan_hash.clone()),
        cancel_requested: Set(false),
        undo_triggered: Set(false),
        retried_by: Set(None),
        undone_by: Set(None),
        reverted_by: Set(None),
        version: Set(1),
        created_at: Set(super::created_ms(id)),
        started_at: Set(nothing_runs.then(|| now().as_millis())),
        ended_at: Set(None),
        holder: Set(*holder),
        fence: Set(1),
        leased_until: Set(Some(leased_until())),
    };
    run::Entity::insert(row).exec(tx).await?;
    Ok(())
}

/// A deploy that only restarts is a restart.
fn kind(planned: &Planned) -> RunKind {
    let only_restarts = planned.plan.items.iter().all(|item| matches!(item.action, Action::Restart));
    match planned.intent.kind {
        RunKind::Deploy | RunKind::Restart if only_restarts => RunKind::Restart,
        RunKind::Deploy | RunKind::Restart => RunKind::Deploy,
        RunKind::Rollback | RunKind::Undo | RunKind::Retry => planned.intent.kind,
    }
}

/// A way back holds its tasks.
async fn hold<C: ConnectionTrait>(tx: &C, id: Uuid, request: &Request<'_>) -> Result<()> {
    let Some(reason) = &request.planned.intent.hold else { return Ok(()) };
    for item in request.planned.items.iter().filter(|item| item.superseded.is_none()) {
        let new = holds::NewRow { map: request.map, task: &item.task, reason, until: None, run_id: Some(id) };
        holds::set(tx, request.who, new).await?;
    }
    Ok(())
}

/// The run that is retried or undone tells by which.
async fn mark_earlier<C: ConnectionTrait>(tx: &C, id: Uuid, request: &Request<'_>) -> Result<()> {
    let Some(of) = request.planned.intent.of else { return Ok(()) };
    let mark = match request.planned.intent.kind {
        RunKind::Retry => run::ActiveModel { retried_by: Set(Some(id)), ..Default::default() },
        RunKind::Undo => run::ActiveModel { undone_by: Set(Some(id)), ..Default::default() },
        RunKind::Deploy | RunKind::Restart | RunKind::Rollback => return Ok(()),
    };
    run::Entity::update_many()
        .set(mark)
        .col_expr(run::Column::Version, Expr::col(run::Column::Version).add(1))
        .filter(run::COLUMN.id.eq(of))
        .exec(tx)
        .await?;
    Ok(())
}

/// Items that need the same build with the same parameters share one run of it.
async fn join_build<C: ConnectionTrait>(
    tx: &C,
    request: &Request<'_>,
    name: &str,
    params: BuildParams,
    shared: &mut HashMap<(String, String), Uuid>,
) -> Result<Uuid> {
    let key = (name.to_owned(), store::write(&params)?.to_string());
    if let Some(&id) = shared.get(&key) {
        return Ok(id);
    }
    let prepared = request.prepared.get(name).ok_or_else(|| Error::NotFound(format!("build {name}")))?;
    let row = build::Entity::find().filter(build::COLUMN.name.eq(name)).one(tx).await?;
    let row = row.ok_or_else(|| Error::NotFound(format!("build {name}")))?;
    let new = NewRow {
        build: &row,
        prepared,
        params,
        note: request.planned.intent.note.clone(),
        overwrite: false,
        requested_by: request.who.actor(),
        origin: Origin::Build,
    };
    let id = build_runs::insert(tx, new).await?.id;
    shared.insert(key, id);
    Ok(id)
}

async fn insert_item<C: ConnectionTrait>(
    tx: &C,
    run_id: Uuid,
    request: &Request<'_>,
    (item, shown): (&PlannedItem, &PlanItem),
    build_run_id: Option<Uuid>,
) -> Result<()> {
    let (status, reason) = first_state(item, shown, build_run_id.is_some());
    let log_id = Uuid::now_v7();
    let owner = format!("runs/{run_id}/items/{}", shown.n);
    Logs::create_in(tx, log_id, Some(&owner)).await.map_err(|why| Error::Internal(why.to_string()))?;
    older_items_are_not_the_newest(tx, request.map, item).await?;
    let row = run_item::ActiveModel {
        run_id: Set(run_id),
        n: Set(i32::try_from(shown.n).unwrap_or(i32::MAX)),
        cluster_id: Set(request.map.cluster_id),
        namespace: Set(request.map.namespace.clone()),
        kind: Set(item.task.kind.as_str().to_owned()),
        workload: Set(item.task.workload.clone()),
        container: Set(item.task.container.clone()),
        wave: Set(i32::try_from(item.wave).unwrap_or(1)),
        status: Set(status.as_str().to_owned()),
        reason: Set(reason),
        changed: Set(false),
        version: Set(store::write(&item.version)?),
        from_image: Set(shown.from.as_ref().map(store::write).transpose()?),
        to_image: Set(shown.to.as_ref().map(store::write).transpose()?),
        digest_set: Set(Some(store::write(&item.digests)?)),
        build_run_id: Set(build_run_id),
        uid: Set(item.uid.clone()),
        generation: Set(None),
        ready: Set(None),
        replicas: Set(None),
        proof: Set(None),
        phases: Set(store::write(&first_phase(status, super::created_ms(run_id)))?),
        waiting_for: Set(None),
        trouble: Set(None),
        failure: Set(None),
        deadline_ms: Set(deadline_ms(request, item)),
        applied_at: Set(None),
        restart: Set(shown.action == Action::Restart),
        log_id: Set(log_id),
        latest: Set(true),
        back_image: Set(item.back.as_ref().map(|(image, _)| store::write(image)).transpose()?),
        back_digest_set: Set(item.back.as_ref().map(|(_, digests)| store::write(digests)).transpose()?),
        undo_generation: Set(None),
        undo_applied_at: Set(None),
        source_rule: Set(item.source.as_str().to_owned()),
        hold_rule: Set(item.asking.hold.as_str().to_owned()),
        undo_on_deadline: Set(item.undo_on_deadline.unwrap_or(request.map.undo_on_deadline)),
    };
    run_item::Entity::insert(row).exec(tx).await?;
    Ok(())
}

fn first_state(item: &PlannedItem, shown: &PlanItem, builds: bool) -> (ItemStatus, Option<String>) {
    if let Some(words) = &item.superseded {
        return (ItemStatus::Superseded, Some(words.clone()));
    }
    if item.same_version {
        return (ItemStatus::Skipped, Some(SAME_VERSION.to_owned()));
    }
    if !shown.runnable {
        return (ItemStatus::Skipped, shown.blocked_by.first().map(|wall| wall.code.as_str().to_owned()));
    }
    (if builds { ItemStatus::Building } else { ItemStatus::Queued }, None)
}

fn first_phase(status: ItemStatus, at: i64) -> Vec<Phase> {
    let at = Time::from_millis(at);
    match status {
        ItemStatus::Building => vec![Phase { phase: PhaseName::Building, at, duration_ms: None }],
        ItemStatus::Queued => vec![Phase { phase: PhaseName::Queued, at, duration_ms: None }],
        ItemStatus::Applying
        | ItemStatus::Rolling
        | ItemStatus::Undoing
        | ItemStatus::Succeeded
        | ItemStatus::Failed
        | ItemStatus::Canceled
        | ItemStatus::Skipped
        | ItemStatus::Superseded
        | ItemStatus::Undone => Vec::new(),
    }
}

/// The nearest deadline that is said: the item's, the task's, the map's, the server's.
fn deadline_ms(request: &Request<'_>, item: &PlannedItem) -> i64 {
    let said = item.deadline_ms.and_then(|ms| i64::try_from(ms).ok()).or(request.map.deadline_ms);
    said.unwrap_or_else(|| i64::try_from(request.config.rollout_deadline.as_millis()).unwrap_or(i64::MAX))
}

async fn older_items_are_not_the_newest<C: ConnectionTrait>(
    tx: &C,
    map: &service_map::Model,
    item: &PlannedItem,
) -> Result<()> {
    run_item::Entity::update_many()
        .col_expr(run_item::Column::Latest, Expr::value(false))
        .filter(run_item::COLUMN.cluster_id.eq(map.cluster_id))
        .filter(run_item::COLUMN.namespace.eq(map.namespace.as_str()))
        .filter(run_item::COLUMN.kind.eq(item.task.kind.as_str()))
        .filter(run_item::COLUMN.workload.eq(item.task.workload.as_str()))
        .filter(run_item::COLUMN.container.eq(item.task.container.as_str()))
        .filter(run_item::COLUMN.latest.eq(true))
        .exec(tx)
        .await?;
    Ok(())
}

/// An accepted run removes the stored selections of its items, except `latest`.
async fn spend_selections<C: ConnectionTrait>(tx: &C, request: &Request<'_>) -> Result<()> {
    let latest = |task: &str| {
        let chosen = request.planned.scene.selections.get(task);
        chosen.is_some_and(|chosen| matches!(chosen.version, types::Version::Latest(_)))
    };
    let tasks = request.planned.items.iter().map(|item| item.task.to_string());
    let spent: Vec<String> = tasks.filter(|task| !latest(task)).collect();
    selection::Entity::delete_many()
        .filter(selection::COLUMN.map_id.eq(request.map.id))
        .filter(selection::COLUMN.task.is_in(spent))
        .exec(tx)
        .await?;
    Ok(())
}
