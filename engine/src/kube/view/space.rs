//! One namespace: workloads, what stands between them and their pods, and the pods.

use super::{
    derive::{Child, derive},
    read::WorkloadRecord,
    store::{Kind, Record},
};
use crate::kube::{
    pod::{EventView, PodView},
    workload::{WorkloadKey, WorkloadView},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};
use types::WorkloadKind;

/// Events that are kept for one object: the newest say enough.
const EVENTS_PER_SUBJECT: usize = 20;

#[derive(Debug, Default)]
pub(super) struct Space {
    workloads: BTreeMap<(WorkloadKind, String), Entry>,
    /// From the UID of a workload to its address.
    addresses: HashMap<String, WorkloadKey>,
    children: HashMap<String, (Kind, Child)>,
    children_of: HashMap<String, BTreeSet<String>>,
    pods: HashMap<String, Arc<PodView>>,
    /// By the UID of their owner, then by name.
    pods_of: HashMap<String, BTreeMap<String, Arc<PodView>>>,
    /// By the UID of what they are about, then by their own name.
    events: HashMap<String, BTreeMap<String, EventView>>,
}

#[derive(Debug)]
struct Entry {
    record: WorkloadRecord,
    /// The record with what pods and revisions add.
    view: Arc<WorkloadView>,
}

impl Space {
    /// Answers with the workload that looks different now, or whose pods do.
    pub(super) fn put(&mut self, kind: Kind, record: Record) -> Option<WorkloadKey> {
        match record {
            Record::Workload(record) => self.put_workload(*record),
            Record::Revision(record) => self.put_child(kind, Child::Revision(record)),
            Record::Job(record) => self.put_child(kind, Child::Job(record)),
            Record::Pod(pod) => self.put_pod(*pod),
        }
    }

    pub(super) fn remove(&mut self, kind: Kind, uid: &str) -> Option<WorkloadKey> {
        match kind {
            Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet | Kind::CronJob => self.remove_workload(uid),
            Kind::ReplicaSet | Kind::ControllerRevision | Kind::Job => self.remove_child(uid),
            Kind::Pod => self.remove_pod(uid),
        }
    }

    pub(super) fn uids(&self, kind: Kind) -> Vec<String> {
        let workloads = |of: WorkloadKind| {
            let entries = self.workloads.iter().filter(|((kind, _), _)| *kind == of);
            entries.map(|(_, entry)| entry.view.uid.clone()).collect()
        };
        match kind {
            Kind::Deployment => workloads(WorkloadKind::Deployment),
            Kind::StatefulSet => workloads(WorkloadKind::StatefulSet),
            Kind::DaemonSet => workloads(WorkloadKind::DaemonSet),
            Kind::CronJob => workloads(WorkloadKind::CronJob),
            Kind::ReplicaSet | Kind::ControllerRevision | Kind::Job => {
                let children = self.children.iter().filter(|(_, (of, _))| *of == kind);
                children.map(|(uid, _)| uid.clone()).collect()
            }
            Kind::Pod => self.pods.keys().cloned().collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.workloads.is_empty() && self.children.is_empty() && self.pods.is_empty() && self.events.is_empty()
    }

    pub(super) fn workloads(&self) -> impl Iterator<Item = &Arc<WorkloadView>> {
        self.workloads.values().map(|entry| &entry.view)
    }

    pub(super) fn workload(&self, key: &WorkloadKey) -> Option<&Arc<WorkloadView>> {
        self.workloads.get(&(key.kind, key.name.clone())).map(|entry| &entry.view)
    }

    /// Those it owns itself, and those of its ReplicaSets or Jobs.
    pub(super) fn pods_of<'a>(&'a self, uid: &'a str) -> impl Iterator<Item = &'a Arc<PodView>> + Clone {
        self.owners(uid).filter_map(|owner| self.pods_of.get(owner)).flat_map(BTreeMap::values)
    }

    pub(super) fn pod(&self, name: &str) -> Option<&Arc<PodView>> {
        self.pods_of.values().find_map(|pods| pods.get(name))
    }

    /// About the workload, its ReplicaSets or Jobs, and its pods.
    pub(super) fn events_of<'a>(&'a self, uid: &'a str) -> impl Iterator<Item = &'a EventView> {
        let pods = self.pods_of(uid).map(|pod| pod.uid.as_str());
        self.owners(uid).chain(pods).filter_map(|subject| self.events.get(subject)).flat_map(BTreeMap::values)
    }

    pub(super) fn put_event(&mut self, name: String, event: EventView) -> Option<WorkloadKey> {
        let subject = event.subject_uid.clone();
        let events = self.events.entry(subject.clone()).or_default();
        if events.get(&name) == Some(&event) {
            return None;
        }
        events.insert(name, event);
        if events.len() > EVENTS_PER_SUBJECT {
            let oldest = events.iter().min_by_key(|(_, event)| event.last_at).map(|(name, _)| name.clone());
            oldest.and_then(|name| events.remove(&name));
        }
        let owner = self.pods.get(&subject).and_then(|pod| pod.owner.as_ref()).map(|owner| owner.uid.clone());
        self.address(&owner.unwrap_or(subject))
    }

    pub(super) fn forget_events(&mut self) {
        self.events.clear();
    }

    fn put_workload(&mut self, record: WorkloadRecord) -> Option<WorkloadKey> {
        let key = record.view.key.clone();
        let place = (key.kind, key.name.clone());
        if self.workloads.get(&place).is_some_and(|entry| entry.record == record) {
            return None;
        }
        if let Some(before) = self.workloads.get(&place) {
            self.addresses.remove(&before.view.uid);
        }
        self.addresses.insert(record.view.uid.clone(), key.clone());
        let view = Arc::new(self.derive(&record));
        self.workloads.insert(place, Entry { record, view });
        Some(key)
    }

    fn remove_workload(&mut self, uid: &str) -> Option<WorkloadKey> {
        let key = self.addresses.remove(uid)?;
        self.workloads.remove(&(key.kind, key.name.clone()));
        Some(key)
    }

    fn put_child(&mut self, kind: Kind, child: Child) -> Option<WorkloadKey> {
        let (uid, owner) = (child.uid().to_owned(), child.owner_uid().to_owned());
        if self.children.get(&uid).is_some_and(|(_, before)| *before == child) {
            return None;
        }
        self.children_of.entry(owner.clone()).or_default().insert(uid.clone());
        self.children.insert(uid, (kind, child));
        self.refresh(&owner)
    }

    fn remove_child(&mut self, uid: &str) -> Option<WorkloadKey> {
        let (_, child) = self.children.remove(uid)?;
        if let Some(children) = self.children_of.get_mut(child.owner_uid()) {
            children.remove(uid);
            if children.is_empty() {
                self.children_of.remove(child.owner_uid());
            }
        }
        self.refresh(child.owner_uid())
    }

    fn put_pod(&mut self, pod: PodView) -> Option<WorkloadKey> {
        if self.pods.get(&pod.uid).is_some_and(|before| **before == pod) {
            return None;
        }
        // A pod without an owner belongs to no workload: Slipway shows none.
        let owner = pod.owner.as_ref()?.uid.clone();
        let pod = Arc::new(pod);
        self.pods_of.entry(owner.clone()).or_default().insert(pod.name.clone(), pod.clone());
        self.pods.insert(pod.uid.clone(), pod);
        self.refresh(&owner)
    }

    fn remove_pod(&mut self, uid: &str) -> Option<WorkloadKey> {
        let pod = self.pods.remove(uid)?;
        let owner = pod.owner.as_ref()?.uid.as_str();
        if let Some(pods) = self.pods_of.get_mut(owner) {
            // A StatefulSet's next pod has the same name and may have been seen first.
            if pods.get(&pod.name).is_some_and(|present| present.uid == pod.uid) {
                pods.remove(&pod.name);
            }
            if pods.is_empty() {
                self.pods_of.remove(owner);
            }
        }
        self.events.remove(uid);
        self.refresh(owner)
    }

    /// The workload above an owner: itself, or the one above a ReplicaSet or Job.
    fn address(&self, owner: &str) -> Option<WorkloadKey> {
        let above = self.children.get(owner).map(|(_, child)| child.owner_uid());
        self.addresses.get(above.unwrap_or(owner)).cloned()
    }

    fn owners<'a>(&'a self, uid: &'a str) -> impl Iterator<Item = &'a str> + Clone {
        let children = self.children_of.get(uid).into_iter().flatten().map(String::as_str);
        std::iter::once(uid).chain(children)
    }

    /// Works out anew what pods and revisions add to the workload above `owner`.
    fn refresh(&mut self, owner: &str) -> Option<WorkloadKey> {
        let key = self.address(owner)?;
        let place = (key.kind, key.name.clone());
        let view = self.workloads.get(&place).map(|entry| self.derive(&entry.record))?;
        let entry = self.workloads.get_mut(&place)?;
        if *entry.view != view {
            entry.view = Arc::new(view);
        }
        Some(key)
    }

    fn derive(&self, record: &WorkloadRecord) -> WorkloadView {
        let uid = record.view.uid.as_str();
        let children = self.children_of.get(uid).into_iter().flatten();
        let children = children.filter_map(|uid| self.children.get(uid)).map(|(_, child)| child);
        derive(record, children, self.pods_of(uid).map(Arc::as_ref))
    }
}
