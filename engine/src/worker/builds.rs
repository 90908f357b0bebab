//! The queue of build runs: first come, first served, within the slots of engines and builds.

use super::{lease, lock, room};
use crate::{
    Engine, Error,
    build::{self, By, Ending},
    now,
    service::build_runs::status_of,
    state::build_run::Event,
    store::{self, build as builds, build_engine, build_run, build_step},
};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use tokio_util::sync::CancellationToken;
use types::{
    Time,
    build::Build,
    build_run::{BuildCause, BuildFailure, BuildRunStatus, StepStatus},
};
use uuid::Uuid;

/// A signal that was lost costs at most this.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// A run is started again this often after stops of the server.
const RESTARTS_MAX: i32 = 2;

/// A queued run gives up on an engine that did not answer for a day.
const ENGINE_GONE_MS: u64 = 86_400_000;

pub(super) async fn run(engine: Engine) {
    loop {
        if let Err(why) = pass(&engine).await {
            tracing::warn!(%why, "the queue of builds could not be worked off");
        }
        tokio::select! {
            () = engine.workers.builds.notified() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = engine.stop.cancelled() => return,
        }
    }
}

/// Build runs that nobody works on any more: they start again, or end truly.
pub(super) async fn take_up(engine: &Engine) -> Result<(), Error> {
    let at_work = [BuildRunStatus::Running.as_str(), BuildRunStatus::Canceling.as_str()];
    let rows = build_run::Entity::find().filter(build_run::COLUMN.status.is_in(at_work)).all(&engine.db).await?;
    for mut row in rows {
        if lock(&engine.workers.building).contains_key(&row.id) {
            continue;
        }
        let Some(fence) = lease::claim::<build_run::Entity>(engine, (&row).into()).await? else { continue };
        row.fence = fence;
        take_up_one(engine, row).await?;
    }
    Ok(())
}

async fn take_up_one(engine: &Engine, mut row: build_run::Model) -> Result<(), Error> {
    let by = By::Worker { fence: row.fence };
    let (flow, status): (Build, _) = (store::read(&row.flow)?, status_of(&row.status)?);
    // Its connection to the engine ended with the server, and with it what it ran there; only
    // containers go on, so that somebody must end them.
    if status == BuildRunStatus::Canceling && !build::uses_containers(&flow) {
        let ending = Ending { event: Event::ConfirmedGone, failure: None, reason: None, made: None };
        return end_unattended(engine, row.id, by, ending).await;
    }
    if status == BuildRunStatus::Canceling || goes_on_by_itself(engine, &row, &flow).await? {
        spawn(engine, row, true);
        return Ok(());
    }
    if row.restarts >= RESTARTS_MAX {
        let message = format!("the server was stopped {} times while it ran", RESTARTS_MAX + 1);
        let failure = BuildFailure { code: BuildCause::Interrupted, message };
        let event = Event::Failed(BuildCause::Interrupted);
        let ending = Ending { event, failure: Some(failure), reason: None, made: None };
        return end_unattended(engine, row.id, by, ending).await;
    }
    row.restarts += 1;
    build_run::Entity::update_many()
        .col_expr(build_run::Column::Restarts, Expr::value(row.restarts))
        .filter(build_run::COLUMN.id.eq(row.id))
        .filter(build_run::COLUMN.fence.eq(row.fence))
        .exec(&engine.db)
        .await?;
    spawn(engine, row, true);
    Ok(())
}

/// Whether the step under way is one that does not start again.
async fn goes_on_by_itself(engine: &Engine, row: &build_run::Model, flow: &Build) -> Result<bool, Error> {
    let running = build_step::Entity::find()
        .filter(build_step::COLUMN.build_run_id.eq(row.id))
        .filter(build_step::COLUMN.status.eq(StepStatus::Running.as_str()))
        .one(&engine.db)
        .await?;
    let index = running.and_then(|step| usize::try_from(step.index).ok());
    Ok(index.and_then(|index| flow.steps.get(index)).is_some_and(build::in_container))
}

/// Ends a run that nothing works on, and its log.
async fn end_unattended(engine: &Engine, id: Uuid, by: By, ending: Ending) -> Result<(), Error> {
    let words =
        ending.failure.as_ref().map(|failure| format!("failed ({}): {}", failure.code.as_str(), failure.message));
    let status = build::finish(engine, id, by, ending).await?;
    let failed = |why: crate::logs::LogError| Error::Internal(why.to_string());
    let log = engine.logs.open_writer(id, crate::logs::Masker::default()).await.map_err(failed)?;
    if let Some(words) = words {
        log.system(0, &words).await.map_err(failed)?;
    }
    log.close(status.as_str()).await.map_err(failed)?;
    Ok(())
}

pub(super) async fn pass(engine: &Engine) -> Result<(), Error> {
    take_up(engine).await?;
    let queued = build_run::Entity::find()
        .filter(build_run::COLUMN.status.eq(BuildRunStatus::Queued.as_str()))
        .order_by_asc(build_run::Column::Id)
        .all(&engine.db)
        .await?;
    let mut busy = Busy::read(engine).await?;
    for row in queued {
        if engine.stop.is_cancelled() {
            return Ok(());
        }
        let ready = busy.has_slot(engine, &row).await? && engine_is_up(engine, &row, &mut busy).await?;
        let lack = if ready { busy.lack_of_room(engine, &row).await } else { None };
        room::note(engine, &row, lack.as_deref()).await?;
        if !ready || lack.is_some() {
            continue;
        }
        // An engine that is being pruned is one for the next pass.
        let gate = engine.workers.gate(row.engine_id);
        let Ok(_starting) = gate.try_read() else { continue };
        let started = Ending { event: Event::Started, failure: None, reason: None, made: None };
        if build::finish(engine, row.id, By::Anybody, started).await? == BuildRunStatus::Running {
            busy.take(&row);
            let row = build_run::Entity::find_by_id(row.id).one(&engine.db).await?;
            // Another process may have been quicker.
            row.into_iter().filter(|row| row.holder == engine.holder()).for_each(|row| spawn(engine, row, false));
        }
    }
    Ok(())
}

/// What is taken: runs at work by engine and by build, engines that do not answer or have no room.
#[derive(Default)]
struct Busy {
    engines: HashMap<i64, u32>,
    builds: HashMap<i64, u32>,
    down: HashSet<i64>,
    /// Engines that were looked at, each with what it lacks.
    rooms: HashMap<i64, Option<String>>,
}

impl Busy {
    async fn read(engine: &Engine) -> Result<Self, Error> {
        let at_work = [BuildRunStatus::Running.as_str(), BuildRunStatus::Canceling.as_str()];
        let rows = build_run::Entity::find().filter(build_run::COLUMN.status.is_in(at_work)).all(&engine.db).await?;
        let mut busy = Busy::default();
        rows.iter().for_each(|row| busy.take(row));
        Ok(busy)
    }

    fn take(&mut self, row: &build_run::Model) {
        *self.engines.entry(row.engine_id).or_default() += 1;
        // What is only tried waits for no run of its build, and keeps none waiting.
        if !build::is_try(row) {
            *self.builds.entry(row.build_id).or_default() += 1;
        }
    }

    async fn has_slot(&self, engine: &Engine, row: &build_run::Model) -> Result<bool, Error> {
        let of_engine = build_engine::Entity::find_by_id(row.engine_id).one(&engine.db).await?;
        let cap = of_engine.and_then(|row| row.parallel_builds).and_then(|cap| u32::try_from(cap).ok());
        let of_build = builds::Entity::find_by_id(row.build_id).one(&engine.db).await?;
        let parallel = of_build.and_then(|row| u32::try_from(row.max_parallel).ok()).unwrap_or(1);
        let taken = |map: &HashMap<i64, u32>, id: i64| map.get(&id).copied().unwrap_or_default();
        Ok(taken(&self.engines, row.engine_id) < cap.unwrap_or(engine.config.parallel_builds)
            && (build::is_try(row) || taken(&self.builds, row.build_id) < parallel))
    }

    /// Why there is no room for a run; each engine is looked at once in a pass.
    async fn lack_of_room(&mut self, engine: &Engine, row: &build_run::Model) -> Option<String> {
        if let Some(known) = self.rooms.get(&row.engine_id) {
            return known.clone();
        }
        let lack = room::lack(engine, row.engine_id).await;
        self.rooms.insert(row.engine_id, lack.clone());
        lack
    }
}

/// A run waits for its engine, for a day at most.
async fn engine_is_up(engine: &Engine, row: &build_run::Model, busy: &mut Busy) -> Result<bool, Error> {
    if !busy.down.contains(&row.engine_id) {
        let up = match engine.engine_entry(row.engine_id).await {
            Ok(entry) => entry.connection().await.is_ok(),
            Err(_) => false,
        };
        if up {
            return Ok(true);
        }
        busy.down.insert(row.engine_id);
    }
    if now().since_ms(Time::from_millis(row.created_at)) > ENGINE_GONE_MS {
        let failure = BuildFailure {
            code: BuildCause::EngineUnreachable,
            message: "the build engine did not answer for a day".to_owned(),
        };
        let ending = Ending { event: Event::EngineGone, failure: Some(failure), reason: None, made: None };
        end_unattended(engine, row.id, By::Anybody, ending).await?;
    }
    Ok(false)
}

fn spawn(engine: &Engine, row: build_run::Model, taken_up: bool) {
    let id = row.id;
    let cancel = CancellationToken::new();
    lock(&engine.workers.building).insert(id, cancel.clone());
    // A cancel that came before this run was known here is in the database.
    if status_of(&row.status).is_ok_and(|status| status == BuildRunStatus::Canceling) {
        cancel.cancel();
    }
    let engine = engine.clone();
    engine.tasks.clone().spawn(async move {
        build::execute(engine.clone(), row, cancel, taken_up).await;
        lock(&engine.workers.building).remove(&id);
        engine.workers.builds.notify_one();
    });
}
