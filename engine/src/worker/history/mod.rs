//! Watches which images the containers of the maps have, and keeps what others have set.
//!
//! What Slipway sets itself is written with the item that sets it; here only what nobody asked Slipway for.

mod look;

use crate::{
    Engine, Error,
    bus::Change,
    kube::{self, Cluster},
    store::service_map,
};
use look::Seen;
use sea_orm::{EntityTrait, QueryFilter};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::broadcast::error::RecvError;
use types::Time;

/// New clusters and maps are found at the latest after so long.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Starts a follower for every cluster of a map that has none.
pub(super) async fn run(engine: Engine) {
    let mut bus = engine.bus.listen();
    let following = Arc::new(Mutex::new(BTreeSet::new()));
    loop {
        if let Err(why) = pass(&engine, &following).await {
            tracing::warn!(%why, "clusters could not be looked at for the history");
        }
        tokio::select! {
            () = settings(&mut bus) => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = engine.stop.cancelled() => return,
        }
    }
}

async fn settings(bus: &mut tokio::sync::broadcast::Receiver<Change>) {
    loop {
        match bus.recv().await {
            Ok(Change::Settings) | Err(RecvError::Lagged(_) | RecvError::Closed) => return,
            Ok(Change::Run { .. } | Change::BuildRun { .. } | Change::Map { .. } | Change::Hold) => {}
        }
    }
}

async fn pass(engine: &Engine, following: &Arc<Mutex<BTreeSet<i64>>>) -> Result<(), Error> {
    let maps = service_map::Entity::find().all(&engine.db).await?;
    for id in maps.into_iter().map(|map| map.cluster_id).collect::<BTreeSet<_>>() {
        let Ok(cluster) = engine.clusters.get(id) else { continue };
        if !super::lock(following).insert(id) {
            continue;
        }
        let (engine, following) = (engine.clone(), following.clone());
        engine.tasks.clone().spawn(async move {
            if let Err(why) = follow(&engine, id, &cluster).await {
                tracing::warn!(%why, cluster = id, "a cluster is not followed for the history; it is tried again");
            }
            super::lock(&following).remove(&id);
        });
    }
    Ok(())
}

/// Follows one cluster until it is replaced, an error comes, or Slipway stops.
async fn follow(engine: &Engine, cluster_id: i64, cluster: &Cluster) -> Result<(), Error> {
    let mut changes = cluster.view().changes();
    let mut bus = engine.bus.listen();
    tokio::select! {
        () = cluster.view().settled() => {}
        () = engine.stop.cancelled() => return Ok(()),
    }
    let mut seen = Seen::new(engine.clone(), cluster_id, cluster.clone());
    seen.all_of(namespaces(engine, cluster_id).await?).await?;
    loop {
        tokio::select! {
            change = changes.recv() => match change {
                Ok(kube::Change::Workload(key)) => seen.one(&key).await?,
                Ok(kube::Change::Status) => {}
                Err(RecvError::Lagged(_)) => seen.all().await?,
                Err(RecvError::Closed) => return Ok(()),
            },
            () = settings(&mut bus) => seen.all_of(namespaces(engine, cluster_id).await?).await?,
            () = engine.stop.cancelled() => return Ok(()),
        }
    }
}

/// The namespaces of a cluster that maps show, each with when the first of them was made.
async fn namespaces(engine: &Engine, cluster_id: i64) -> Result<BTreeMap<String, Time>, Error> {
    let maps =
        service_map::Entity::find().filter(service_map::COLUMN.cluster_id.eq(cluster_id)).all(&engine.db).await?;
    let mut namespaces = BTreeMap::new();
    for map in maps {
        let made = Time::from_millis(map.created_at);
        let first = namespaces.entry(map.namespace).or_insert(made);
        *first = made.min(*first);
    }
    Ok(namespaces)
}
