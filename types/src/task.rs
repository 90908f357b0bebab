//! Pipeline tasks: the page as data.

use crate::{
    Digest, Name, TaskId, Time, Version, WorkloadKind,
    build_run::BuildRunStatus,
    cluster::Reach,
    map::WrittenForm,
    plan::{BlockedBy, Warned, words},
    run::{Failure, ItemStatus, Trouble},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

words! {
    /// What a container is to its pod.
    Role {
        Main = "main",
        Init = "init",
        Sidecar = "sidecar",
    }
}

words! {
    /// Whether the image is one of a build of Slipway.
    TaskType {
        Built = "built",
        Common = "common",
    }
}

words! {
    /// How a workload does just now.
    WorkloadStatus {
        Running = "running",
        Updating = "updating",
        Stopped = "stopped",
        Failed = "failed",
        Suspended = "suspended",
        Unknown = "unknown",
    }
}

/// The image that the pod template names, and what the pods show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deployed {
    pub image: String,
    pub repository: String,
    pub tag: Option<String>,
    pub digest: Option<Digest>,
    pub pods: u32,
    pub pods_proven: u32,
    /// The pods run more than one digest.
    pub mixed: bool,
}

/// A build run in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BuildRunBrief {
    pub number: u32,
    pub tag: String,
    pub status: BuildRunStatus,
    pub digest: Option<Digest>,
    pub ended_at: Option<Time>,
    /// As in `2/6`: steps begun and steps that are on.
    pub progress: String,
}

/// The build behind a built image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskBuild {
    pub name: Name,
    pub newest_run: Option<BuildRunBrief>,
    pub newest_success: Option<BuildRunBrief>,
    /// What a new image usually takes.
    pub usual_ms: Option<u64>,
    /// Whether each run needs a tag typed by a person.
    pub tag_typed: bool,
}

/// The version chosen for a task and not yet run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Selection {
    /// Null: Build & Deployment is chosen and Execute is not ticked.
    pub version: Option<Version>,
    pub by: Option<String>,
    pub at: Option<Time>,
}

/// Body of `PUT …/selection`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSelection {
    pub version: Version,
    /// What the tag stood for when it was seen; null: what it is known to stand for now.
    #[serde(default)]
    pub seen: Option<Digest>,
}

/// Which phases would run with the present selection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Will {
    pub build: bool,
    pub deploy: bool,
}

/// The run that has this task in hand, or had it last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CurrentRun {
    pub run: Uuid,
    pub item: u32,
    pub status: ItemStatus,
    pub by: String,
    pub since: Time,
    pub to_tag: Option<String>,
    pub trouble: Option<Trouble>,
}

/// The failure of the last run of a task, as long as nothing newer was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastFailure {
    pub run: Uuid,
    pub item: u32,
    pub at: Option<Time>,
    pub failure: Failure,
    /// What ran before, for the way back.
    pub from_tag: Option<String>,
    pub to_tag: Option<String>,
}

/// A mark on a task or workload: who, why, until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hold {
    pub reason: String,
    pub by: String,
    pub at: Time,
    pub until: Option<Time>,
}

/// Body of `PUT …/hold`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewHold {
    pub reason: String,
    /// Null: until somebody lifts it.
    #[serde(default)]
    pub until: Option<Time>,
}

/// A version newer than the one that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Newer {
    pub tag: String,
    pub digest: Option<Digest>,
}

/// The deployed image was set by somebody else than Slipway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct External {
    /// The field manager that wrote it; null where the cluster does not say.
    pub by: Option<String>,
    /// When Slipway saw it.
    pub at: Time,
    /// What Slipway or somebody else had set before; null where that is not known.
    pub from: Option<String>,
}

/// One container of one workload, with the way its next version is chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Task {
    pub id: TaskId,
    pub container: String,
    pub role: Role,
    #[serde(rename = "type")]
    pub kind: TaskType,
    pub deployed: Deployed,
    pub build: Option<TaskBuild>,
    /// The registry that the image belongs to, if Slipway knows it.
    pub registry: Option<Name>,
    /// Null: nothing is chosen and there is no default.
    pub selection: Option<Selection>,
    /// What the present selection leads to: tag of the target, if known.
    pub target_tag: Option<String>,
    pub will: Will,
    pub runnable: bool,
    pub blocked_by: Vec<BlockedBy>,
    pub warnings: Vec<Warned>,
    pub current_run: Option<CurrentRun>,
    pub last_failure: Option<LastFailure>,
    pub hold: Option<Hold>,
    pub newer: Option<Newer>,
    /// Null: Slipway has set what is deployed, or found it at first sight.
    #[serde(default)]
    pub external: Option<External>,
    /// What this task does otherwise than its map says; null: nothing.
    #[serde(default)]
    pub settings: Option<TaskSettings>,
    /// When the tags of the repository were read last.
    pub registry_checked_at: Option<Time>,
}

/// What a task does otherwise than its map says; null: as the map.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct TaskSettings {
    pub written_form: Option<WrittenForm>,
    /// 10 s to 24 h.
    pub deadline_ms: Option<u64>,
    /// A rollout that passes its deadline goes back by itself.
    pub undo_on_deadline: Option<bool>,
}

/// One workload with its tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Workload {
    pub kind: WorkloadKind,
    pub name: String,
    pub uid: String,
    pub status: WorkloadStatus,
    /// Null for a CronJob.
    pub ready: Option<u32>,
    pub replicas: Option<u32>,
    pub managed_by: Option<String>,
    /// How the newest Job of a CronJob ended.
    pub last_job: Option<String>,
    pub tasks: Vec<Task>,
}

/// How the cluster of a map does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterState {
    pub name: Name,
    pub state: Reach,
    pub since: Option<Time>,
    pub error: Option<String>,
    /// Set while the workloads are the last known ones.
    pub stale_since: Option<Time>,
}

/// `GET /maps/{map}/tasks`: the pipeline page as data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MapTasks {
    pub map: Name,
    pub seq: String,
    pub cluster: ClusterState,
    pub workloads: Vec<Workload>,
    pub runnable_count: u32,
}
