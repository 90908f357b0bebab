//! What is in a cluster, kept fresh by one watch per kind.
//!
//! The cluster is the source of truth: nothing here is stored, and nothing is asked twice. Consumers react to
//! `changes()` and read from memory. While the cluster does not answer the last known things stay, and
//! `status()` says since when they are stale.

mod derive;
mod events;
mod health;
mod heartbeat;
mod read;
mod selector;
mod space;
mod store;
#[cfg(test)]
mod tests;
mod watching;

pub use events::EventsGuard;
pub(super) use read::image_writer;
pub use selector::Selector;

use super::{
    pod::{EventView, PodView},
    workload::{WorkloadKey, WorkloadView},
};
use ::kube::Client;
use events::Followed;
use health::Health;
use k8s_openapi::api::{
    apps::v1::{ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet},
    batch::v1::{CronJob, Job},
    core::v1::Pod,
};
use std::sync::Arc;
use store::{Kind, Store};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use types::{Time, WorkloadKind, cluster::Reach};
use watching::{Site, watch_kind};

/// Kinds that are watched from the start.
const KINDS: [Kind; 6] =
    [Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet, Kind::CronJob, Kind::ReplicaSet, Kind::Pod];

/// Something changed; whoever lags behind (`RecvError::Lagged`) takes all as changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A workload, one of its pods or an event about them came, changed or went.
    Workload(WorkloadKey),
    /// `status()` changed.
    Status,
}

/// How the cluster does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterStatus {
    pub reach: Reach,
    /// Since when it is reachable or not.
    pub since: Option<Time>,
    pub error: Option<String>,
    /// Set while what the view shows are the last known things.
    pub stale_since: Option<Time>,
    pub uid: Option<String>,
    pub version: Option<String>,
    /// Rights that the watches lack, as in `list pods`.
    pub forbidden: Vec<String>,
}

/// The cluster as it was last seen. Reading never waits and never asks the cluster.
#[derive(Clone)]
pub struct ClusterView(Arc<Inner>);

struct Inner {
    store: Arc<Store>,
    health: Arc<Health>,
    followed: Arc<Followed>,
    /// Ends the watches with the last handle.
    _watches: DropGuard,
}

impl ClusterView {
    /// Starts the watches.
    pub(super) fn start(client: Client) -> Self {
        let (restart, restarts) = watch::channel(0);
        let (store, health) = (Arc::new(Store::new()), Arc::new(Health::new(&KINDS)));
        let site = Site { client, store: store.clone(), health: health.clone(), restarts };
        let token = CancellationToken::new();
        let watches = watch_all(site.clone(), restart);
        tokio::spawn(token.clone().run_until_cancelled_owned(watches));
        let followed = Arc::new(Followed::new(site));
        Self(Arc::new(Inner { store, health, followed, _watches: token.drop_guard() }))
    }

    /// The workloads of a namespace, by kind and name.
    pub fn snapshot(&self, namespace: &str, selector: Option<&Selector>) -> Vec<Arc<WorkloadView>> {
        let mut workloads = self.0.store.workloads(namespace);
        if let Some(selector) = selector {
            workloads.retain(|workload| selector.matches(&workload.labels));
        }
        workloads
    }

    pub fn workload(&self, kind: WorkloadKind, namespace: &str, name: &str) -> Option<Arc<WorkloadView>> {
        self.0.store.workload(&WorkloadKey { namespace: namespace.to_owned(), kind, name: name.to_owned() })
    }

    /// The pods of all its revisions, those on their way out included, by name.
    pub fn pods_of(&self, workload: &WorkloadView) -> Vec<Arc<PodView>> {
        self.0.store.pods_of(workload)
    }

    pub fn pod(&self, namespace: &str, name: &str) -> Option<Arc<PodView>> {
        self.0.store.pod(namespace, name)
    }

    /// Has the warning events of the namespace watched until the guard is dropped: during a rollout, not for ever.
    pub fn follow_events(&self, namespace: &str) -> EventsGuard {
        self.0.followed.follow(namespace)
    }

    /// The warning events about a workload, its ReplicaSet and its pods; empty unless they are followed.
    pub fn events_of(&self, workload: &WorkloadView) -> Vec<EventView> {
        self.0.store.events_of(workload)
    }

    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.0.store.changes()
    }

    /// How many changes were announced so far that concern a namespace: while it stays the same, so does all that is
    /// read of the namespace here.
    pub fn version(&self, namespace: &str) -> u64 {
        self.0.store.announced(namespace)
    }

    pub fn status(&self) -> ClusterStatus {
        self.0.health.status()
    }

    pub fn status_changes(&self) -> watch::Receiver<ClusterStatus> {
        self.0.health.subscribe()
    }

    /// Waits until every kind was listed, refused or failed once.
    pub async fn settled(&self) {
        // The sender lives in the view: there is no error to meet.
        self.0.health.settled().wait_for(|settled| *settled).await.ok();
    }
}

/// All watches as one future: dropped, none goes on.
async fn watch_all(site: Site, restart: watch::Sender<u64>) {
    // Only a DaemonSet needs them: the others name their newest revision, or have ReplicaSets.
    let revisions = async {
        site.store.seen(Kind::DaemonSet).await;
        watch_kind::<ControllerRevision>(site.clone(), Kind::ControllerRevision, "list controllerrevisions.apps").await;
    };
    let jobs = async {
        site.store.seen(Kind::CronJob).await;
        watch_kind::<Job>(site.clone(), Kind::Job, "list jobs.batch").await;
    };
    tokio::join!(
        heartbeat::beat(site.clone(), restart),
        watch_kind::<Deployment>(site.clone(), Kind::Deployment, "list deployments.apps"),
        watch_kind::<StatefulSet>(site.clone(), Kind::StatefulSet, "list statefulsets.apps"),
        watch_kind::<DaemonSet>(site.clone(), Kind::DaemonSet, "list daemonsets.apps"),
        watch_kind::<CronJob>(site.clone(), Kind::CronJob, "list cronjobs.batch"),
        watch_kind::<ReplicaSet>(site.clone(), Kind::ReplicaSet, "list replicasets.apps"),
        watch_kind::<Pod>(site.clone(), Kind::Pod, "list pods"),
        revisions,
        jobs,
    );
}
