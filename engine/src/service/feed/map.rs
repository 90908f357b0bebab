//! Frames of a map.
//!
//! A `seq` is a hash of what the reader has: it means the same after a restart and on any replica.
//! A reader that comes back with another one reads the page again.

use super::super::Result;
use crate::{
    Engine, Error, Principal,
    auth::Verb,
    bus::Change,
    kube,
    store::{build_run, service_map},
};
use sea_orm::EntityTrait;
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use types::{
    Name, WorkloadKind,
    event::{MapChange, MapFrame, Removed},
    task::{MapTasks, Workload},
};
use uuid::Uuid;

/// Changes that come together are told together: a rollout makes many within a moment.
const TOGETHER: Duration = Duration::from_millis(50);

/// Follows a map for one reader.
pub struct MapFeed {
    engine: Engine,
    who: Principal,
    map: service_map::Model,
    /// What the reader has.
    shown: Arc<MapTasks>,
    waiting: VecDeque<MapFrame>,
    bus: Receiver<Change>,
    changes: Option<Receiver<kube::Change>>,
}

/// What changed since the last look.
#[derive(Default)]
struct News {
    tasks: bool,
    runs: Vec<Uuid>,
    build_runs: Vec<Uuid>,
}

impl Engine {
    /// Frames of what changes in a map, after `after` (a `seq`), or from now on.
    pub async fn follow_map(&self, who: &Principal, map: &Name, after: Option<String>) -> Result<MapFeed> {
        let row = self.map_row(who, Verb::Read, map).await?;
        let changes = self.clusters.get(row.cluster_id).ok().map(|cluster| cluster.view().changes());
        // Listened for before it is read: what comes between is not missed.
        let bus = self.bus.listen();
        let shown = self.tasks_of(who, &row).await?;
        let waiting = if after.is_some_and(|after| after != shown.seq) {
            VecDeque::from([MapFrame { seq: None, change: MapChange::Resync(true) }])
        } else {
            VecDeque::new()
        };
        Ok(MapFeed { engine: self.clone(), who: who.clone(), map: row, shown, waiting, bus, changes })
    }
}

impl MapFeed {
    /// The next frame. `None`: Slipway stops, or the map is gone.
    pub async fn next(&mut self) -> Option<MapFrame> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Some(frame);
            }
            let news = self.wait().await?;
            if let Err(why) = self.look(news).await {
                if !matches!(why, Error::NotFound(_)) {
                    tracing::warn!(%why, map = self.map.name, "a map could not be read for its followers");
                }
                return None;
            }
        }
    }

    async fn wait(&mut self) -> Option<News> {
        let mut news = News::default();
        let stop = self.engine.stop.clone();
        let mut until: Option<tokio::time::Instant> = None;
        loop {
            let pause = async {
                match until {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            let relevant = tokio::select! {
                change = self.bus.recv() => take_bus(&self.map, &mut news, change)?,
                change = next_change(&mut self.changes) => take_cluster(&self.map, &mut news, change),
                () = pause => return Some(news),
                () = stop.cancelled() => return None,
            };
            if relevant && until.is_none() {
                until = Some(tokio::time::Instant::now() + TOGETHER);
            }
        }
    }

    async fn look(&mut self, news: News) -> Result<()> {
        for id in news.runs {
            let run = self.engine.run_by_id(id).await?;
            self.push(MapChange::Run(Box::new(run)));
        }
        for id in news.build_runs {
            if build_run::Entity::find_by_id(id).one(&self.engine.db).await?.is_some() {
                let run = self.engine.build_run_by_id(id).await?;
                self.push(MapChange::BuildRun(Box::new(run)));
            }
        }
        if news.tasks {
            let map = service_map::Entity::find_by_id(self.map.id).one(&self.engine.db).await?;
            self.map = map.ok_or_else(|| Error::NotFound(self.map.name.clone()))?;
            let tasks = self.engine.tasks_of(&self.who, &self.map).await?;
            self.compare(tasks);
        }
        Ok(())
    }

    /// Puts what differs into frames; the last one carries the new `seq`.
    fn compare(&mut self, tasks: Arc<MapTasks>) {
        if tasks.seq == self.shown.seq {
            return;
        }
        let before = self.shown.clone();
        if before.cluster != tasks.cluster {
            self.push(MapChange::Cluster(tasks.cluster.clone()));
        }
        let mut gone: HashMap<Key<'_>, &Workload> = before.workloads.iter().map(|known| (key(known), known)).collect();
        for workload in &tasks.workloads {
            if gone.remove(&key(workload)) != Some(workload) {
                self.push(MapChange::Workload(Box::new(workload.clone())));
            }
        }
        for (kind, name) in gone.into_keys() {
            self.push(MapChange::Removed(Removed { workload: format!("{kind}/{name}") }));
        }
        if let Some(last) = self.waiting.back_mut() {
            last.seq = Some(tasks.seq.clone());
        }
        self.shown = tasks;
    }

    fn push(&mut self, change: MapChange) {
        self.waiting.push_back(MapFrame { seq: Some(self.shown.seq.clone()), change });
    }
}

/// Whether a change of the database is one of this map; `None`: the engine is gone.
fn take_bus(map: &service_map::Model, news: &mut News, change: std::result::Result<Change, RecvError>) -> Option<bool> {
    match change {
        Ok(Change::Run { id, map_id }) if map_id == map.id => {
            news.tasks = true;
            if !news.runs.contains(&id) {
                news.runs.push(id);
            }
        }
        Ok(Change::BuildRun { id, .. }) => {
            news.tasks = true;
            if !news.build_runs.contains(&id) {
                news.build_runs.push(id);
            }
        }
        Ok(Change::Map { id }) if id == map.id => news.tasks = true,
        Ok(Change::Hold | Change::Settings) | Err(RecvError::Lagged(_)) => news.tasks = true,
        Ok(Change::Run { .. } | Change::Map { .. }) => return Some(false),
        Err(RecvError::Closed) => return None,
    }
    Some(true)
}

fn take_cluster(
    map: &service_map::Model,
    news: &mut News,
    change: std::result::Result<kube::Change, RecvError>,
) -> bool {
    let ours = match change {
        Ok(kube::Change::Workload(key)) => key.namespace == map.namespace,
        Ok(kube::Change::Status) | Err(RecvError::Lagged(_) | RecvError::Closed) => true,
    };
    news.tasks |= ours;
    ours
}

/// The next change of the cluster; never, once the cluster is gone or was never there.
async fn next_change(changes: &mut Option<Receiver<kube::Change>>) -> std::result::Result<kube::Change, RecvError> {
    let Some(receiver) = changes else { return std::future::pending().await };
    let change = receiver.recv().await;
    if matches!(change, Err(RecvError::Closed)) {
        *changes = None;
    }
    change
}

/// What a workload is known by within its map.
type Key<'a> = (WorkloadKind, &'a str);

fn key(workload: &Workload) -> Key<'_> {
    (workload.kind, &workload.name)
}
