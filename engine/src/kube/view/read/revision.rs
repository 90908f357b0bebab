//! What stands between a workload and its pods: ReplicaSets, ControllerRevisions and Jobs.

use super::{
    controller,
    template::{TEMPLATE_HASH, fingerprint},
};
use k8s_openapi::api::{
    apps::v1::{ControllerRevision, ReplicaSet},
    batch::v1::Job,
    core::v1::PodTemplateSpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use types::Time;

/// A template of the past or present of a Deployment or DaemonSet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RevisionRecord {
    pub(crate) namespace: String,
    pub(crate) uid: String,
    pub(crate) owner_uid: String,
    pub(crate) number: i64,
    /// The value of the label that its pods have.
    pub(crate) label: String,
    pub(crate) fingerprint: u64,
    /// Why it could not create a pod, while that is so.
    pub(crate) failure: Option<String>,
}

/// A Job of a CronJob.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JobRecord {
    pub(crate) namespace: String,
    pub(crate) uid: String,
    pub(crate) owner_uid: String,
    pub(crate) created_at: Option<Time>,
    /// `running`, `succeeded`, `failed`.
    pub(crate) outcome: &'static str,
}

/// None for a ReplicaSet that stands alone.
pub(super) fn replica_set(object: ReplicaSet) -> Option<RevisionRecord> {
    let owner = controller(&object.metadata).filter(|owner| owner.kind == "Deployment")?;
    let number = annotation(&object.metadata, "deployment.kubernetes.io/revision");
    let conditions = object.status.into_iter().flat_map(|status| status.conditions.unwrap_or_default());
    let mut failures = conditions.filter(|condition| condition.type_ == "ReplicaFailure" && condition.status == "True");
    Some(RevisionRecord {
        label: label(&object.metadata, TEMPLATE_HASH)?,
        namespace: object.metadata.namespace.unwrap_or_default(),
        uid: object.metadata.uid.unwrap_or_default(),
        owner_uid: owner.uid,
        number: number.and_then(|number| number.parse().ok()).unwrap_or(0),
        fingerprint: fingerprint(object.spec.and_then(|spec| spec.template).as_ref()),
        failure: failures.next().and_then(|condition| condition.message),
    })
}

/// Only those of DaemonSets: a StatefulSet names its newest in its status.
pub(super) fn controller_revision(object: ControllerRevision) -> Option<RevisionRecord> {
    let owner = controller(&object.metadata).filter(|owner| owner.kind == "DaemonSet")?;
    let template = object.data.and_then(|data| data.0.pointer("/spec/template").cloned());
    let template: Option<PodTemplateSpec> = template.and_then(|template| serde_json::from_value(template).ok());
    Some(RevisionRecord {
        label: label(&object.metadata, "controller-revision-hash")?,
        namespace: object.metadata.namespace.unwrap_or_default(),
        uid: object.metadata.uid.unwrap_or_default(),
        owner_uid: owner.uid,
        number: object.revision,
        fingerprint: fingerprint(template.as_ref()),
        failure: None,
    })
}

/// None for a Job that no CronJob made.
pub(super) fn job(object: Job) -> Option<JobRecord> {
    let owner = controller(&object.metadata).filter(|owner| owner.kind == "CronJob")?;
    let conditions = object.status.and_then(|status| status.conditions).unwrap_or_default();
    let is = |kind: &str| conditions.iter().any(|condition| condition.type_ == kind && condition.status == "True");
    let outcome = match (is("Complete"), is("Failed")) {
        (_, true) => "failed",
        (true, false) => "succeeded",
        (false, false) => "running",
    };
    Some(JobRecord {
        created_at: object.metadata.creation_timestamp.as_ref().map(super::time),
        namespace: object.metadata.namespace.unwrap_or_default(),
        uid: object.metadata.uid.unwrap_or_default(),
        owner_uid: owner.uid,
        outcome,
    })
}

fn label(meta: &ObjectMeta, name: &str) -> Option<String> {
    meta.labels.as_ref()?.get(name).cloned()
}

fn annotation(meta: &ObjectMeta, name: &str) -> Option<String> {
    meta.annotations.as_ref()?.get(name).cloned()
}
