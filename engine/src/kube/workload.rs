//! A workload as Slipway sees it: the few facts of a Deployment, StatefulSet, DaemonSet or CronJob
//! that decide a rollout, whatever the kind.

use std::{collections::BTreeMap, fmt};
use types::{
    Time, WorkloadKind,
    task::{Role, WorkloadStatus},
};

/// The address of a workload in its cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadKey {
    pub namespace: String,
    pub kind: WorkloadKind,
    pub name: String,
}

impl fmt::Display for WorkloadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.namespace, self.kind, self.name)
    }
}

/// A workload with what its controller says about it.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadView {
    pub key: WorkloadKey,
    pub uid: String,
    pub generation: i64,
    /// Zero where the kind has none (CronJob) or its controller has not seen it yet.
    pub observed_generation: i64,
    pub labels: BTreeMap<String, String>,
    pub replicas: Replicas,
    pub update: UpdatePolicy,
    /// A StatefulSet that waits for each pod before it touches the next (`OrderedReady`).
    pub ordered: bool,
    /// A Deployment whose rollout stands still by wish.
    pub paused: bool,
    /// A CronJob that starts no Jobs.
    pub suspended: bool,
    /// Helm, Argo CD, Flux, or the controller that owns it.
    pub managed_by: Option<String>,
    /// Containers, then init containers and sidecars, in the order of the template.
    pub containers: Vec<ContainerView>,
    /// What the template's node selector asks for.
    pub platform: Platform,
    pub status: WorkloadStatus,
    /// The label by which the pods of the template as it is now are known
    /// (`pod-template-hash`, `controller-revision-hash`); none while the controller has not made its revision.
    pub revision: Option<String>,
    /// Pods of `revision` that are ready; none where the pods of the revision cannot be told.
    pub ready_new: Option<u32>,
    /// What the ReplicaSet of the template says about pods that it could not create.
    pub replica_failure: Option<String>,
    /// How the newest Job of a CronJob ended.
    pub last_job: Option<String>,
    /// Words of the controller that the rollout takes too long (`ProgressDeadlineExceeded`).
    pub stuck: bool,
}

impl WorkloadView {
    /// The container or init container of that name.
    pub fn container(&self, name: &str) -> Option<&ContainerView> {
        self.containers.iter().find(|container| container.name == name)
    }

    /// Whether the controller has acted on the template as it is now.
    pub fn is_observed(&self) -> bool {
        self.key.kind == WorkloadKind::CronJob || self.observed_generation >= self.generation
    }
}

/// How many pods there are; for a DaemonSet, of the nodes that want one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replicas {
    /// `spec.replicas`, `desiredNumberScheduled`.
    pub wanted: u32,
    /// `status.replicas`, `currentNumberScheduled`.
    pub current: u32,
    /// Of the newest revision.
    pub updated: u32,
    pub ready: u32,
    /// Ready for as long as `minReadySeconds` asks.
    pub available: u32,
}

/// What happens to the pods when the template changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdatePolicy {
    /// They are replaced; of a StatefulSet only those from the ordinal `partition` on.
    Rolling { partition: u32 },
    /// All go, then all come.
    Recreate,
    /// They stay until somebody deletes them.
    OnDelete,
    /// The next Job has the new template.
    NextJob,
}

/// Which of the two lists of a pod template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerList {
    Containers,
    InitContainers,
}

impl ContainerList {
    /// The field of the pod template.
    pub fn field(self) -> &'static str {
        match self {
            ContainerList::Containers => "containers",
            ContainerList::InitContainers => "initContainers",
        }
    }
}

/// When a node pulls the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullPolicy {
    Always,
    IfNotPresent,
    Never,
}

/// One container of the pod template.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerView {
    pub name: String,
    pub image: String,
    pub role: Role,
    pub list: ContainerList,
    pub index: usize,
    pub pull_policy: PullPolicy,
    /// It has a readiness or startup probe.
    pub probed: bool,
    /// The field manager that last wrote the image, and when by the clock of the cluster.
    pub written_by: Option<String>,
    pub written_at: Option<Time>,
}

/// Operating system and architecture, as in `linux` and `arm64`, where a node selector names them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    pub os: Option<String>,
    pub architecture: Option<String>,
}
