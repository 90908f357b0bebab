//! What is kept of a Deployment, StatefulSet, DaemonSet or CronJob.

use super::{controller, count, managers::ImageManagers, template};
use crate::kube::workload::{Replicas, UpdatePolicy, WorkloadKey, WorkloadView};
use k8s_openapi::{
    api::{
        apps::v1::{DaemonSet, Deployment, StatefulSet},
        batch::v1::CronJob,
        core::v1::PodTemplateSpec,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use types::{WorkloadKind, task::WorkloadStatus};

/// A workload by itself: what its pods and revisions add is not in it yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WorkloadRecord {
    pub(crate) view: WorkloadView,
    /// Tells which ReplicaSet or ControllerRevision has the same template.
    pub(crate) fingerprint: u64,
}

pub(super) fn deployment(object: Deployment) -> WorkloadRecord {
    let spec = object.spec.unwrap_or_default();
    let status = object.status.unwrap_or_default();
    let strategy = spec.strategy.as_ref().and_then(|strategy| strategy.type_.as_deref());
    let conditions = status.conditions.iter().flatten();
    let stuck = conditions.into_iter().any(|condition| {
        condition.type_ == "Progressing" && condition.reason.as_deref() == Some("ProgressDeadlineExceeded")
    });
    let mut record = base(WorkloadKind::Deployment, object.metadata, Some(&spec.template));
    record.view.observed_generation = status.observed_generation.unwrap_or(0);
    record.view.replicas = Replicas {
        wanted: count(spec.replicas.or(Some(1))),
        current: count(status.replicas),
        updated: count(status.updated_replicas),
        ready: count(status.ready_replicas),
        available: count(status.available_replicas),
    };
    record.view.paused = spec.paused == Some(true);
    record.view.stuck = stuck;
    if strategy == Some("Recreate") {
        record.view.update = UpdatePolicy::Recreate;
    }
    record
}

pub(super) fn stateful_set(object: StatefulSet) -> WorkloadRecord {
    let spec = object.spec.unwrap_or_default();
    let status = object.status.unwrap_or_default();
    let strategy = spec.update_strategy.unwrap_or_default();
    let mut record = base(WorkloadKind::StatefulSet, object.metadata, Some(&spec.template));
    record.view.observed_generation = status.observed_generation.unwrap_or(0);
    record.view.replicas = Replicas {
        wanted: count(spec.replicas.or(Some(1))),
        current: count(Some(status.replicas)),
        updated: count(status.updated_replicas),
        ready: count(status.ready_replicas),
        available: count(status.available_replicas),
    };
    record.view.update = match strategy.type_.as_deref() {
        Some("OnDelete") => UpdatePolicy::OnDelete,
        _ => UpdatePolicy::Rolling { partition: count(strategy.rolling_update.and_then(|rolling| rolling.partition)) },
    };
    record.view.ordered = spec.pod_management_policy.as_deref() != Some("Parallel");
    // Until the controller has seen the template, `updateRevision` is the one before.
    let observed = record.view.is_observed();
    record.view.revision = status.update_revision.filter(|_| observed);
    record
}

pub(super) fn daemon_set(object: DaemonSet) -> WorkloadRecord {
    let spec = object.spec.unwrap_or_default();
    let status = object.status.unwrap_or_default();
    let strategy = spec.update_strategy.and_then(|strategy| strategy.type_);
    let mut record = base(WorkloadKind::DaemonSet, object.metadata, Some(&spec.template));
    record.view.observed_generation = status.observed_generation.unwrap_or(0);
    record.view.replicas = Replicas {
        wanted: count(Some(status.desired_number_scheduled)),
        current: count(Some(status.current_number_scheduled)),
        updated: count(status.updated_number_scheduled),
        ready: count(Some(status.number_ready)),
        available: count(status.number_available),
    };
    if strategy.as_deref() == Some("OnDelete") {
        record.view.update = UpdatePolicy::OnDelete;
    }
    record
}

pub(super) fn cron_job(object: CronJob) -> WorkloadRecord {
    let spec = object.spec.unwrap_or_default();
    let template = spec.job_template.spec.as_ref().map(|job| &job.template);
    let mut record = base(WorkloadKind::CronJob, object.metadata, template);
    record.view.suspended = spec.suspend == Some(true);
    record.view.update = UpdatePolicy::NextJob;
    record
}

fn base(kind: WorkloadKind, meta: ObjectMeta, pod: Option<&PodTemplateSpec>) -> WorkloadRecord {
    let managers = ImageManagers::read(kind, meta.managed_fields.as_ref());
    let view = WorkloadView {
        managed_by: managed_by(&meta),
        key: WorkloadKey { namespace: meta.namespace.unwrap_or_default(), kind, name: meta.name.unwrap_or_default() },
        uid: meta.uid.unwrap_or_default(),
        generation: meta.generation.unwrap_or(0),
        observed_generation: 0,
        labels: meta.labels.unwrap_or_default(),
        replicas: Replicas::default(),
        update: UpdatePolicy::Rolling { partition: 0 },
        ordered: false,
        paused: false,
        suspended: false,
        containers: template::containers(pod, &managers),
        platform: template::platform(pod),
        status: WorkloadStatus::Unknown,
        revision: None,
        ready_new: None,
        replica_failure: None,
        last_job: None,
        stuck: false,
    };
    WorkloadRecord { view, fingerprint: template::fingerprint(pod) }
}

/// Whoever would put back what Slipway changes.
fn managed_by(meta: &ObjectMeta) -> Option<String> {
    let label = |name: &str| meta.labels.as_ref().and_then(|labels| labels.get(name));
    let annotation = |name: &str| meta.annotations.as_ref().and_then(|annotations| annotations.get(name));
    if let Some(owner) = controller(meta) {
        return Some(format!("{} {}", owner.kind, owner.name));
    }
    if annotation("argocd.argoproj.io/tracking-id").is_some() || label("argocd.argoproj.io/instance").is_some() {
        return Some("Argo CD".to_owned());
    }
    if label("kustomize.toolkit.fluxcd.io/name").is_some() || label("helm.toolkit.fluxcd.io/name").is_some() {
        return Some("Flux".to_owned());
    }
    if annotation("meta.helm.sh/release-name").is_some()
        || label("app.kubernetes.io/managed-by").is_some_and(|manager| manager == "Helm")
    {
        return Some("Helm".to_owned());
    }
    None
}
