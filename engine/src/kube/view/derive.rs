//! What revisions, Jobs and pods add to a workload: the label of its newest pods, and how it does.

use super::read::{JobRecord, RevisionRecord, WorkloadRecord};
use crate::kube::{
    pod::{ContainerState, PodPhase, PodView},
    rollout,
    workload::WorkloadView,
};
use types::{
    WorkloadKind,
    task::{Role, WorkloadStatus},
};

/// What stands between a workload and its pods.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Child {
    Revision(RevisionRecord),
    Job(JobRecord),
}

impl Child {
    pub(super) fn uid(&self) -> &str {
        match self {
            Child::Revision(record) => &record.uid,
            Child::Job(record) => &record.uid,
        }
    }

    pub(super) fn owner_uid(&self) -> &str {
        match self {
            Child::Revision(record) => &record.owner_uid,
            Child::Job(record) => &record.owner_uid,
        }
    }
}

pub(super) fn derive<'a>(
    record: &WorkloadRecord,
    children: impl Iterator<Item = &'a Child>,
    pods: impl Iterator<Item = &'a PodView> + Clone,
) -> WorkloadView {
    let mut view = record.view.clone();
    let mut newest: Option<&RevisionRecord> = None;
    let mut job: Option<&JobRecord> = None;
    for child in children {
        match child {
            // Several have the same template only where a controller took up an old one: the highest number is in use.
            Child::Revision(revision) if revision.fingerprint == record.fingerprint => {
                newest = Some(newest.filter(|best| best.number >= revision.number).unwrap_or(revision));
            }
            Child::Revision(_) => {}
            Child::Job(child) => job = Some(job.filter(|best| best.created_at >= child.created_at).unwrap_or(child)),
        }
    }
    if let Some(revision) = newest {
        view.revision = Some(revision.label.clone());
        view.replica_failure.clone_from(&revision.failure);
    }
    view.last_job = job.map(|job| job.outcome.to_owned());
    // Where a workload is said to have pods and none is seen, they may not be listed or were not yet.
    let mut seen = pods.clone().peekable();
    if view.revision.is_some() && (seen.peek().is_some() || view.replicas.current == 0) {
        let ready = seen.filter(|pod| pod.ready && pod.is_new(&view)).count();
        view.ready_new = Some(u32::try_from(ready).unwrap_or(u32::MAX));
    }
    view.status = status(&view, pods);
    view
}

fn status<'a>(view: &WorkloadView, mut pods: impl Iterator<Item = &'a PodView>) -> WorkloadStatus {
    if view.suspended {
        return WorkloadStatus::Suspended;
    }
    if view.key.kind == WorkloadKind::CronJob {
        let failed = view.last_job.as_deref() == Some("failed");
        return if failed { WorkloadStatus::Failed } else { WorkloadStatus::Running };
    }
    let complete = view.is_observed() && rollout::progress(view, view.generation).complete;
    if complete && view.replicas.wanted == 0 && view.replicas.current == 0 {
        return WorkloadStatus::Stopped;
    }
    if pods.any(is_failing) || (view.stuck && !complete) {
        return WorkloadStatus::Failed;
    }
    match (complete, view.paused) {
        (true, _) if view.replicas.available >= view.replicas.wanted => WorkloadStatus::Running,
        (false, true) => WorkloadStatus::Suspended,
        (true, _) | (false, false) => WorkloadStatus::Updating,
    }
}

/// Waiting reasons of a container that is only on its way.
const ON_ITS_WAY: [&str; 3] = ["ContainerCreating", "PodInitializing", ""];

fn is_failing(pod: &PodView) -> bool {
    let failing = |role: Role, state: &ContainerState| match state {
        ContainerState::Waiting { reason, .. } => !ON_ITS_WAY.contains(&reason.as_str()),
        ContainerState::Exited(exit) => role != Role::Init || exit.code != 0,
        ContainerState::Running | ContainerState::Unknown => false,
    };
    // What has ended for good (evicted, done) no controller counts, and is cleared away later.
    let counts = !pod.deleting && !matches!(pod.phase, PodPhase::Failed | PodPhase::Succeeded);
    counts && pod.containers.iter().any(|container| failing(container.role, &container.state))
}
