//! From the objects of the API to the few facts that are kept: the rest is dropped as soon as it is read.

mod managers;
mod pod;
mod revision;
mod template;
mod workload;

pub(in crate::kube) use managers::image_writer;
pub(super) use revision::{JobRecord, RevisionRecord};
pub(super) use workload::WorkloadRecord;

use super::store::Record;
use ::kube::Resource;
use k8s_openapi::api::{
    apps::v1::{ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet},
    batch::v1::{CronJob, Job},
    core::v1::Pod,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time as ClusterTime};
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use types::Time;

use super::super::pod::Owner;

/// A kind that is watched.
pub(super) trait Watched:
    Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + 'static
{
    /// What is kept of it; none: nothing that Slipway needs.
    fn record(self) -> Option<Record>;
}

impl Watched for Deployment {
    fn record(self) -> Option<Record> {
        Some(Record::Workload(Box::new(workload::deployment(self))))
    }
}

impl Watched for StatefulSet {
    fn record(self) -> Option<Record> {
        Some(Record::Workload(Box::new(workload::stateful_set(self))))
    }
}

impl Watched for DaemonSet {
    fn record(self) -> Option<Record> {
        Some(Record::Workload(Box::new(workload::daemon_set(self))))
    }
}

impl Watched for CronJob {
    fn record(self) -> Option<Record> {
        Some(Record::Workload(Box::new(workload::cron_job(self))))
    }
}

impl Watched for ReplicaSet {
    fn record(self) -> Option<Record> {
        revision::replica_set(self).map(Record::Revision)
    }
}

impl Watched for ControllerRevision {
    fn record(self) -> Option<Record> {
        revision::controller_revision(self).map(Record::Revision)
    }
}

impl Watched for Job {
    fn record(self) -> Option<Record> {
        revision::job(self).map(Record::Job)
    }
}

impl Watched for Pod {
    fn record(self) -> Option<Record> {
        Some(Record::Pod(Box::new(pod::pod(self))))
    }
}

pub(super) fn time(time: &ClusterTime) -> Time {
    Time::from(time.0)
}

/// The one owner that controls the object.
pub(super) fn controller(meta: &ObjectMeta) -> Option<Owner> {
    let owner = meta.owner_references.iter().flatten().find(|owner| owner.controller == Some(true))?;
    Some(Owner { kind: owner.kind.clone(), name: owner.name.clone(), uid: owner.uid.clone() })
}

/// A count of the API, which is never negative.
pub(super) fn count(number: Option<i32>) -> u32 {
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
}
