//! Runs: each is driven by one task, which decides from the database what may go on.

mod builds;
mod ending;
mod turn;
mod view;

pub(super) use turn::wait_for;

use super::{group, item, lease, lock};
use crate::{
    Engine, Error,
    bus::Change,
    now,
    store::{run, write_tx},
};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};
use std::{collections::HashSet, time::Duration};
use tokio::{sync::broadcast::error::RecvError, task::JoinSet};
use turn::GroupKey;
use types::Time;
use uuid::Uuid;
use view::View;

/// A signal that was lost costs at most this.
const LOOK_AGAIN: Duration = Duration::from_secs(15);

/// Starts a driver for every run that has none.
pub(super) async fn run(engine: Engine) {
    loop {
        if let Err(why) = pass(&engine).await {
            tracing::warn!(%why, "runs could not be looked for");
        }
        tokio::select! {
            () = engine.workers.runs.notified() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = engine.stop.cancelled() => return,
        }
    }
}

async fn pass(engine: &Engine) -> Result<(), Error> {
    let open = run::Entity::find()
        .filter(run::COLUMN.ended_at.is_null())
        .order_by_asc(run::Column::Id)
        .all(&engine.db)
        .await?;
    for row in open {
        if lock(&engine.workers.driving).contains_key(&row.id) {
            continue;
        }
        let Some(fence) = lease::claim::<run::Entity>(engine, (&row).into()).await? else { continue };
        lock(&engine.workers.driving).insert(row.id, fence);
        let engine = engine.clone();
        engine.tasks.clone().spawn(async move {
            let id = row.id;
            if let Err(why) = drive(&engine, id).await {
                tracing::error!(%why, run = %id, "a run could not be driven; it is taken up again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            lock(&engine.workers.driving).remove(&id);
            engine.workers.runs.notify_one();
        });
    }
    Ok(())
}

async fn drive(engine: &Engine, id: Uuid) -> Result<(), Error> {
    let mut bus = engine.bus.listen();
    let mut at_work: JoinSet<GroupKey> = JoinSet::new();
    let mut keys: HashSet<GroupKey> = HashSet::new();
    loop {
        let view = View::read(engine, id).await?;
        lease::check(engine, &view.run)?;
        if view.settled() {
            settle(engine, &view).await?;
            // Their last moves are committed, but not yet told, nor are their logs closed.
            while at_work.join_next().await.is_some() {}
            return Ok(());
        }
        if move_on(engine, &view).await? {
            continue;
        }
        for (key, items) in view.ready_groups(engine).await? {
            if keys.insert(key.clone()) {
                let (engine, run) = (engine.clone(), view.run.clone());
                at_work.spawn(async move {
                    group::run(&engine, run, items).await;
                    key
                });
            }
        }
        tokio::select! {
            Some(done) = at_work.join_next() => { done.iter().for_each(|key| { keys.remove(key); }); }
            () = relevant(&mut bus) => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = engine.stop.cancelled() => {
                // Groups notice the stop themselves and leave their items where they are.
                while at_work.join_next().await.is_some() {}
                return Ok(());
            }
        }
    }
}

/// Moves what needs no cluster; whether anything moved.
async fn move_on(engine: &Engine, view: &View) -> Result<bool, Error> {
    Ok(view.follow_builds(engine).await?
        || view.cancel(engine).await?
        || view.skip_after_failure(engine).await?
        || view.go_back(engine).await?)
}

async fn settle(engine: &Engine, view: &View) -> Result<(), Error> {
    if view.run.ended_at.is_none() {
        let tx = write_tx(&engine.db).await?;
        let row = item::run_of(engine, &tx, view.run.id).await?;
        item::derive(&tx, &row).await?;
        tx.commit().await?;
        engine.bus.tell(Change::Run { id: row.id, map_id: row.map_id });
    }
    Ok(())
}

/// Waits for a change that may matter: of any run (queues), build run or hold.
async fn relevant(bus: &mut tokio::sync::broadcast::Receiver<Change>) {
    loop {
        match bus.recv().await {
            Ok(Change::Run { .. } | Change::BuildRun { .. } | Change::Hold)
            | Err(RecvError::Lagged(_) | RecvError::Closed) => return,
            Ok(Change::Map { .. } | Change::Settings) => {}
        }
    }
}

/// When a moment of the database lies, for how long ago it is.
pub(super) fn since(ms: Option<i64>) -> Duration {
    let passed = ms.map_or(0, |ms| now().since_ms(Time::from_millis(ms)));
    Duration::from_millis(passed)
}
