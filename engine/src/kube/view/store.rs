//! The things of a cluster in memory, kept by namespace, with what belongs to what.
//!
//! Watches of different kinds arrive in any order: whatever a record adds to a workload is worked out
//! anew each time something of it changes, so that order does not matter.

use super::{
    Change,
    read::{JobRecord, RevisionRecord, WorkloadRecord},
    space::Space,
};
use crate::kube::{
    pod::{EventView, PodView},
    workload::{WorkloadKey, WorkloadView},
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};
use tokio::sync::{broadcast, watch};

/// Changes that a reader may lag behind before it has to take all as changed.
const CHANGES_KEPT: usize = 1_024;

/// What is kept of one object.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    Workload(Box<WorkloadRecord>),
    Revision(RevisionRecord),
    Job(JobRecord),
    Pod(Box<PodView>),
}

impl Record {
    pub(super) fn namespace(&self) -> &str {
        match self {
            Record::Workload(record) => &record.view.key.namespace,
            Record::Revision(record) => &record.namespace,
            Record::Job(record) => &record.namespace,
            Record::Pod(pod) => &pod.namespace,
        }
    }

    pub(super) fn uid(&self) -> &str {
        match self {
            Record::Workload(record) => &record.view.uid,
            Record::Revision(record) => &record.uid,
            Record::Job(record) => &record.uid,
            Record::Pod(pod) => &pod.uid,
        }
    }
}

/// The kinds that are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Deployment,
    StatefulSet,
    DaemonSet,
    CronJob,
    ReplicaSet,
    ControllerRevision,
    Job,
    Pod,
}

/// How often something was announced.
#[derive(Debug, Default)]
struct Announced {
    status: u64,
    /// By namespace.
    workloads: HashMap<String, u64>,
}

impl Announced {
    fn count(&mut self, change: &Change) {
        match change {
            Change::Status => self.status += 1,
            Change::Workload(key) => match self.workloads.get_mut(&key.namespace) {
                Some(count) => *count += 1,
                None => drop(self.workloads.insert(key.namespace.clone(), 1)),
            },
        }
    }
}

#[derive(Debug)]
pub(super) struct Store {
    spaces: RwLock<HashMap<String, Space>>,
    changes: broadcast::Sender<Change>,
    announced: Mutex<Announced>,
    /// Kinds of which there ever was one: some watches are worth it only then.
    seen: watch::Sender<BTreeSet<Kind>>,
}

impl Store {
    pub(super) fn new() -> Self {
        Self {
            spaces: RwLock::default(),
            changes: broadcast::Sender::new(CHANGES_KEPT),
            announced: Mutex::default(),
            seen: watch::Sender::new(BTreeSet::new()),
        }
    }

    /// Waits until there is one of the kind.
    pub(super) async fn seen(&self, kind: Kind) {
        // The sender lives as long as the store: there is no error to meet.
        self.seen.subscribe().wait_for(|seen| seen.contains(&kind)).await.ok();
    }

    pub(super) fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    pub(super) fn announce(&self, change: Change) {
        self.announced.lock().unwrap_or_else(PoisonError::into_inner).count(&change);
        // Nobody listening is no fault.
        self.changes.send(change).ok();
    }

    /// How many changes were announced so far that a reader of the namespace may see.
    pub(super) fn announced(&self, namespace: &str) -> u64 {
        let announced = self.announced.lock().unwrap_or_else(PoisonError::into_inner);
        announced.status + announced.workloads.get(namespace).copied().unwrap_or_default()
    }

    pub(super) fn put(&self, kind: Kind, record: Record) {
        self.mark_seen(kind);
        let mut spaces = self.write();
        let space = spaces.entry(record.namespace().to_owned()).or_default();
        let changed = space.put(kind, record);
        self.announce_all(changed);
    }

    pub(super) fn remove(&self, kind: Kind, record: &Record) {
        let mut spaces = self.write();
        let Some(space) = spaces.get_mut(record.namespace()) else { return };
        let changed = space.remove(kind, record.uid());
        if space.is_empty() {
            spaces.remove(record.namespace());
        }
        self.announce_all(changed);
    }

    /// Takes a whole list: what is not in it is gone.
    pub(super) fn replace(&self, kind: Kind, records: Vec<Record>) {
        if !records.is_empty() {
            self.mark_seen(kind);
        }
        let listed: HashSet<String> = records.iter().map(|record| record.uid().to_owned()).collect();
        let mut spaces = self.write();
        let mut changed = Vec::new();
        for space in spaces.values_mut() {
            let gone = space.uids(kind).into_iter().filter(|uid| !listed.contains(uid));
            let gone: Vec<String> = gone.collect();
            changed.extend(gone.iter().filter_map(|uid| space.remove(kind, uid)));
        }
        for record in records {
            changed.extend(spaces.entry(record.namespace().to_owned()).or_default().put(kind, record));
        }
        spaces.retain(|_, space| !space.is_empty());
        self.announce_all(changed);
    }

    pub(super) fn put_events(&self, namespace: &str, events: Vec<(String, EventView)>, whole: bool) {
        let mut spaces = self.write();
        let space = spaces.entry(namespace.to_owned()).or_default();
        if whole {
            space.forget_events();
        }
        let changed = events.into_iter().filter_map(|(name, event)| space.put_event(name, event)).collect::<Vec<_>>();
        self.announce_all(changed);
    }

    pub(super) fn forget_events(&self, namespace: &str) {
        if let Some(space) = self.write().get_mut(namespace) {
            space.forget_events();
        }
    }

    pub(super) fn workloads(&self, namespace: &str) -> Vec<Arc<WorkloadView>> {
        self.read().get(namespace).map(|space| space.workloads().cloned().collect()).unwrap_or_default()
    }

    pub(super) fn workload(&self, key: &WorkloadKey) -> Option<Arc<WorkloadView>> {
        self.read().get(&key.namespace)?.workload(key).cloned()
    }

    pub(super) fn pods_of(&self, workload: &WorkloadView) -> Vec<Arc<PodView>> {
        self.read()
            .get(&workload.key.namespace)
            .map(|space| space.pods_of(&workload.uid).cloned().collect())
            .unwrap_or_default()
    }

    pub(super) fn pod(&self, namespace: &str, name: &str) -> Option<Arc<PodView>> {
        self.read().get(namespace)?.pod(name).cloned()
    }

    pub(super) fn events_of(&self, workload: &WorkloadView) -> Vec<EventView> {
        self.read()
            .get(&workload.key.namespace)
            .map(|space| space.events_of(&workload.uid).cloned().collect())
            .unwrap_or_default()
    }

    fn mark_seen(&self, kind: Kind) {
        self.seen.send_if_modified(|seen| seen.insert(kind));
    }

    fn announce_all(&self, changed: impl IntoIterator<Item = WorkloadKey>) {
        let mut changed: Vec<_> = changed.into_iter().collect();
        changed.sort();
        changed.dedup();
        for key in changed {
            self.announce(Change::Workload(key));
        }
    }

    // A panic while the lock was held leaves records that are each whole: the next list mends the rest.
    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, Space>> {
        self.spaces.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, Space>> {
        self.spaces.write().unwrap_or_else(PoisonError::into_inner)
    }
}
