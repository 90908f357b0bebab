//! Small builders for tables.

use crate::kube::{
    pod::{ContainerState, EventView, Exit, Owner, PodContainer, PodPhase, PodView},
    workload::{ContainerList, ContainerView, Platform, PullPolicy, Replicas, UpdatePolicy, WorkloadKey, WorkloadView},
};
use std::{collections::BTreeMap, sync::Arc};
use types::{
    Time, WorkloadKind,
    task::{Role, WorkloadStatus},
};

pub(crate) const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
pub(crate) const B: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
pub(crate) const C: &str = "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";

/// A workload `web` in `shop` whose rollout of generation 2 is complete, with revision `new` and container `app`.
pub(crate) fn workload(kind: WorkloadKind, wanted: u32) -> WorkloadView {
    let update = match kind {
        WorkloadKind::CronJob => UpdatePolicy::NextJob,
        WorkloadKind::Deployment | WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => {
            UpdatePolicy::Rolling { partition: 0 }
        }
    };
    WorkloadView {
        key: WorkloadKey { namespace: "shop".to_owned(), kind, name: "web".to_owned() },
        uid: "uid-web".to_owned(),
        generation: 2,
        observed_generation: 2,
        labels: BTreeMap::new(),
        replicas: Replicas { wanted, current: wanted, updated: wanted, ready: wanted, available: wanted },
        update,
        ordered: kind == WorkloadKind::StatefulSet,
        paused: false,
        suspended: false,
        managed_by: None,
        containers: vec![template_container("app", &format!("r.io/web:2@{A}"))],
        platform: Platform::default(),
        status: WorkloadStatus::Running,
        revision: Some("new".to_owned()),
        ready_new: Some(wanted),
        replica_failure: None,
        last_job: None,
        stuck: false,
    }
}

pub(crate) fn template_container(name: &str, image: &str) -> ContainerView {
    ContainerView {
        name: name.to_owned(),
        image: image.to_owned(),
        role: Role::Main,
        list: ContainerList::Containers,
        index: 0,
        pull_policy: PullPolicy::IfNotPresent,
        probed: false,
        written_by: Some("kubectl-edit".to_owned()),
        written_at: Some(Time::from_millis(1_000)),
    }
}

/// A running, ready pod of revision `new` with container `app`.
pub(crate) fn pod(name: &str) -> PodView {
    PodView {
        namespace: "shop".to_owned(),
        name: name.to_owned(),
        uid: format!("uid-{name}"),
        owner: Some(Owner { kind: "ReplicaSet".to_owned(), name: "web-new".to_owned(), uid: "uid-rs".to_owned() }),
        revision: Some("new".to_owned()),
        deleting: false,
        phase: PodPhase::Running,
        ready: true,
        node: Some("node-1".to_owned()),
        created_at: Some(Time::from_millis(10_000)),
        mounted: true,
        unschedulable: None,
        reason: None,
        message: None,
        containers: vec![container("app", ContainerState::Running)],
    }
}

/// Ready if it runs; of the planned image, as containerd reports it.
pub(crate) fn container(name: &str, state: ContainerState) -> PodContainer {
    PodContainer {
        name: name.to_owned(),
        role: Role::Main,
        image: format!("r.io/web:2@{A}"),
        image_id: Some(format!("r.io/web@{A}")),
        ready: state == ContainerState::Running,
        probed: false,
        restarts: 0,
        state,
        last_exit: None,
    }
}

pub(crate) fn waiting(reason: &str, message: &str) -> ContainerState {
    ContainerState::Waiting { reason: reason.to_owned(), message: message.to_owned() }
}

/// An end at second 50 by the clock of the cluster.
pub(crate) fn exit(code: i32, reason: &str) -> Exit {
    Exit {
        code,
        signal: None,
        reason: reason.to_owned(),
        message: String::new(),
        started_at: Some(Time::from_millis(49_000)),
        at: Some(Time::from_millis(50_000)),
    }
}

/// A pod of revision `new` with one container in this state, not ready.
pub(crate) fn pod_with(container: PodContainer) -> Arc<PodView> {
    let ready = container.ready;
    Arc::new(PodView { ready, phase: PodPhase::Pending, containers: vec![container], ..pod("web-1") })
}

/// A warning about container `app` of pod `web-1`.
pub(crate) fn event(reason: &str, message: &str, count: u32) -> EventView {
    EventView {
        subject_kind: "Pod".to_owned(),
        subject_name: "web-1".to_owned(),
        subject_uid: "uid-web-1".to_owned(),
        container: Some("app".to_owned()),
        reason: reason.to_owned(),
        message: message.to_owned(),
        count,
        last_at: Some(Time::from_millis(40_000)),
    }
}
