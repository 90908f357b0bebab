//! A group: the items of one run for one workload and wave. They go in one patch and make one
//! rollout, all or none; forward, or back.

mod apply;
mod turn;
mod working;

pub(super) use working::{Way, Working};

use super::{
    item::{Move, move_item},
    rollout,
    runs::wait_for,
};
use crate::{
    Engine, Error,
    kube::{Cluster, WorkloadKey, WorkloadView},
    state::item::{Event, Turn},
    store::{run, run_item},
};
use futures::future::try_join_all;
use sea_orm::EntityTrait;
use std::{sync::Arc, time::Duration};
use tokio::sync::OwnedSemaphorePermit;
use types::{
    cluster::Reach,
    run::{Cause, Failure, ItemStatus, RunKind, WaitKind},
};

/// The group with what it needs of its cluster.
pub(super) struct Group {
    pub(super) engine: Engine,
    pub(super) run: run::Model,
    pub(super) cluster: Cluster,
    pub(super) key: WorkloadKey,
    pub(super) items: Vec<Working>,
}

/// Takes a group from its turn to its end. What fails within Slipway leaves the items where they
/// are: the run's driver takes them up again.
pub(super) async fn run(engine: &Engine, run: run::Model, rows: Vec<run_item::Model>) {
    let id = run.id;
    if let Err(why) = go(engine, run, rows).await {
        tracing::error!(%why, run = %id, "a rollout could not go on; it is taken up again");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn go(engine: &Engine, run: run::Model, rows: Vec<run_item::Model>) -> Result<(), Error> {
    let Some(first) = rows.first() else { return Ok(()) };
    let kind = first.kind.parse().map_err(Error::Internal)?;
    let key = WorkloadKey { namespace: first.namespace.clone(), kind, name: first.workload.clone() };
    let cluster = match engine.clusters.get(first.cluster_id) {
        Ok(cluster) => cluster,
        Err(why) => return fail_all(engine, &rows, Cause::ClusterUnreachable, &why).await,
    };
    let Some(slot) = slot(engine, &run, &rows).await? else { return Ok(()) };
    if !reachable(engine, &cluster, &rows).await? {
        return Ok(());
    }
    let items = try_join_all(rows.into_iter().map(|row| Working::open(engine, row))).await?;
    let mut group = Group { engine: engine.clone(), run, cluster, key, items };
    let worked = group.work().await;
    group.close_logs().await;
    drop(slot);
    worked
}

impl Group {
    async fn work(&mut self) -> Result<(), Error> {
        if !self.turn().await? {
            return Ok(());
        }
        self.apply().await?;
        rollout::follow(self).await
    }

    async fn close_logs(&self) {
        for item in &self.items {
            let closed = match item.status() {
                Ok(status) if status.is_final() => item.log.close(status.as_str()).await.map(drop),
                Ok(_) | Err(_) => item.log.release().await,
            };
            if let Err(why) = closed {
                tracing::warn!(%why, log = %item.row.log_id, "a log was not closed");
            }
        }
    }

    pub(super) fn live(&self) -> Option<Arc<WorkloadView>> {
        self.cluster.view().workload(self.key.kind, &self.key.namespace, &self.key.name)
    }

    /// Places of the items of which this is true.
    pub(super) fn places(&self, is: impl Fn(&Working) -> Result<bool, Error>) -> Result<Vec<usize>, Error> {
        let mut places = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            if is(item)? {
                places.push(at);
            }
        }
        Ok(places)
    }
}

/// A slot of the cluster; a rollback takes none, since it waits for nobody. None: Slipway stops.
async fn slot(
    engine: &Engine,
    run: &run::Model,
    rows: &[run_item::Model],
) -> Result<Option<Option<OwnedSemaphorePermit>>, Error> {
    let Some(first) = rows.first().filter(|_| run.kind != RunKind::Rollback.as_str()) else { return Ok(Some(None)) };
    let slots = engine.workers.slots(first.cluster_id);
    if let Ok(slot) = slots.clone().try_acquire_owned() {
        return Ok(Some(Some(slot)));
    }
    for row in rows {
        wait_for(engine, row, WaitKind::Slot, None, None).await?;
    }
    tokio::select! {
        slot = slots.acquire_owned() => slot.map(|slot| Some(Some(slot))).map_err(|why| Error::Internal(why.to_string())),
        () = engine.stop.cancelled() => Ok(None),
    }
}

/// Waits until the cluster answers; false when Slipway stops or what has not begun is cancelled meanwhile.
async fn reachable(engine: &Engine, cluster: &Cluster, rows: &[run_item::Model]) -> Result<bool, Error> {
    let mut statuses = cluster.view().status_changes();
    loop {
        if statuses.borrow_and_update().reach == Reach::Reachable {
            tokio::select! {
                () = cluster.view().settled() => return Ok(true),
                () = engine.stop.cancelled() => return Ok(false),
            }
        }
        for row in rows {
            wait_for(engine, row, WaitKind::Cluster, None, None).await?;
        }
        tokio::select! {
            changed = statuses.changed() => if changed.is_err() { return Ok(false) },
            () = engine.stop.cancelled() => return Ok(false),
        }
        let Some(first) = rows.first() else { return Ok(false) };
        let run = run::Entity::find_by_id(first.run_id).one(&engine.db).await?;
        let all_queued = rows.iter().all(|row| row.status == ItemStatus::Queued.as_str());
        if run.is_none_or(|run| run.cancel_requested && all_queued) {
            return Ok(false);
        }
    }
}

async fn fail_all(engine: &Engine, rows: &[run_item::Model], cause: Cause, words: &str) -> Result<(), Error> {
    for row in rows {
        let event = match crate::service::runs::item_status(&row.status)? {
            ItemStatus::Undoing => Event::UndoEnded,
            ItemStatus::Applying => Event::Refused(cause),
            ItemStatus::Rolling => Event::Ended(cause),
            ItemStatus::Queued
            | ItemStatus::Building
            | ItemStatus::Succeeded
            | ItemStatus::Failed
            | ItemStatus::Canceled
            | ItemStatus::Skipped
            | ItemStatus::Superseded
            | ItemStatus::Undone => Event::Turn(Turn::Refused(cause)),
        };
        move_item(engine, row.run_id, row.n, Move::failing(event, failure(cause, words.to_owned()))).await?;
    }
    Ok(())
}

pub(super) fn failure(code: Cause, message: String) -> Failure {
    Failure { code, message, evidence: Vec::new(), advice: None, at_deadline: false }
}
