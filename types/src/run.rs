//! Runs and their items.

use crate::{Digest, Image, Name, TaskId, Time, Version, plan::words};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

words! {
    /// Why a run was made.
    RunKind {
        Deploy = "deploy",
        Restart = "restart",
        Rollback = "rollback",
        Undo = "undo",
        Retry = "retry",
    }
}

words! {
    /// What made a run.
    Trigger {
        User = "user",
        Token = "token",
        Schedule = "schedule",
        Policy = "policy",
        Registry = "registry",
        Git = "git",
    }
}

words! {
    /// Where a run stands; derived from its items.
    RunStatus {
        Queued = "queued",
        Running = "running",
        Canceling = "canceling",
        Undoing = "undoing",
        Succeeded = "succeeded",
        Failed = "failed",
        Canceled = "canceled",
        Undone = "undone",
    }
}

words! {
    /// Where an item stands.
    ItemStatus {
        Queued = "queued",
        Building = "building",
        Applying = "applying",
        Rolling = "rolling",
        Undoing = "undoing",
        Succeeded = "succeeded",
        Failed = "failed",
        Canceled = "canceled",
        Skipped = "skipped",
        Superseded = "superseded",
        Undone = "undone",
    }
}

words! {
    /// A stretch of an item's life.
    PhaseName {
        Queued = "queued",
        Building = "building",
        Applying = "applying",
        Rolling = "rolling",
        Undoing = "undoing",
    }
}

words! {
    /// What an item waits for.
    WaitKind {
        Build = "build",
        Wave = "wave",
        Workload = "workload",
        Slot = "slot",
        Cluster = "cluster",
        /// A rollback or undo holds the task; the item goes on when the hold is lifted.
        Hold = "hold",
    }
}

words! {
    /// Whether the pods are known to run the planned image.
    ProofState {
        Proven = "proven",
        Unverified = "unverified",
        None = "none",
        Contradicted = "contradicted",
    }
}

words! {
    /// What a run does when an item fails.
    #[derive(Default)]
    OnFailure {
        #[default]
        Stop = "stop",
        Continue = "continue",
        Undo = "undo",
    }
}

words! {
    /// Why an item failed, or what keeps it from advancing just now.
    Cause {
        ImageNotFound = "image_not_found",
        ImageUnauthorized = "image_unauthorized",
        ImageInvalid = "image_invalid",
        ImageRegistryUnreachable = "image_registry_unreachable",
        CrashLoop = "crash_loop",
        OutOfMemory = "out_of_memory",
        WrongPlatform = "wrong_platform",
        ConfigMissing = "config_missing",
        VolumeFailed = "volume_failed",
        QuotaExceeded = "quota_exceeded",
        PodDenied = "pod_denied",
        Unschedulable = "unschedulable",
        ProbeFailing = "probe_failing",
        DeadlineExceeded = "deadline_exceeded",
        ClusterUnreachable = "cluster_unreachable",
        ClusterForbidden = "cluster_forbidden",
        AdmissionDenied = "admission_denied",
        AdmissionChanged = "admission_changed",
        WorkloadGone = "workload_gone",
        Conflict = "conflict",
        DigestMismatch = "digest_mismatch",
        BuildFailed = "build_failed",
        Forbidden = "forbidden",
        Held = "held",
        Frozen = "frozen",
        BlockedByBrokenPod = "blocked_by_broken_pod",
        UndoFailed = "undo_failed",
    }
}

impl ItemStatus {
    /// Whether nothing follows this state of itself.
    pub fn is_final(self) -> bool {
        match self {
            ItemStatus::Succeeded
            | ItemStatus::Failed
            | ItemStatus::Canceled
            | ItemStatus::Skipped
            | ItemStatus::Superseded
            | ItemStatus::Undone => true,
            ItemStatus::Queued
            | ItemStatus::Building
            | ItemStatus::Applying
            | ItemStatus::Rolling
            | ItemStatus::Undoing => false,
        }
    }
}

impl RunStatus {
    /// Settled: every item is in a final state.
    pub fn is_settled(self) -> bool {
        match self {
            RunStatus::Succeeded | RunStatus::Failed | RunStatus::Canceled | RunStatus::Undone => true,
            RunStatus::Queued | RunStatus::Running | RunStatus::Canceling | RunStatus::Undoing => false,
        }
    }
}

/// Something that was seen: an event, a pod's words, a log's last lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evidence {
    /// `pod`, `event`, `log`, `api`, `build`.
    pub kind: String,
    pub name: String,
    pub text: String,
}

/// Why an item failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    pub code: Cause,
    pub message: String,
    pub evidence: Vec<Evidence>,
    /// What to do now, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// The deadline has passed; the code says what was wrong just then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_deadline: bool,
}

/// What keeps a rollout from advancing just now; it may heal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trouble {
    pub code: Cause,
    pub message: String,
    pub evidence: Vec<Evidence>,
    pub since: Time,
}

/// What shows that the pods run the planned image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Proof {
    pub state: ProofState,
    pub pods: u32,
    pub pods_proven: u32,
    pub why: Option<String>,
}

/// A phase of an item; the duration of the last one is null while it lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Phase {
    pub phase: PhaseName,
    pub at: Time,
    pub duration_ms: Option<u64>,
}

/// What an item waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WaitingFor {
    pub kind: WaitKind,
    pub run: Option<Uuid>,
    pub item: Option<u32>,
    pub since: Time,
}

/// A build run, named from an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BuildRunRef {
    pub build: Name,
    pub number: u32,
}

/// One task of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Item {
    pub n: u32,
    pub task: TaskId,
    pub wave: u32,
    pub status: ItemStatus,
    /// Why it was skipped, superseded or left as it is.
    pub reason: Option<String>,
    /// Whether the cluster was changed by it.
    pub changed: bool,
    pub version: Version,
    pub from: Option<Image>,
    pub to: Option<Image>,
    pub build_run: Option<BuildRunRef>,
    pub ready: Option<u32>,
    pub replicas: Option<u32>,
    pub generation: Option<i64>,
    pub proof: Option<Proof>,
    pub phases: Vec<Phase>,
    pub waiting_for: Option<WaitingFor>,
    pub trouble: Option<Trouble>,
    pub failure: Option<Failure>,
    pub log_url: String,
}

/// One execution of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Run {
    pub id: Uuid,
    pub map: Name,
    pub kind: RunKind,
    pub trigger: Trigger,
    /// The run that this one retries or undoes.
    pub of: Option<Uuid>,
    pub status: RunStatus,
    pub requested_by: String,
    pub note: Option<String>,
    pub on_failure: OnFailure,
    pub plan_hash: String,
    pub created_at: Time,
    pub started_at: Option<Time>,
    pub ended_at: Option<Time>,
    pub url: String,
    pub retried_by: Option<Uuid>,
    pub undone_by: Option<Uuid>,
    pub reverted_by: Option<String>,
    pub items: Vec<Item>,
}

/// What becomes of items that cannot run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnBlocked {
    /// Nothing starts.
    #[default]
    Refuse,
    /// They are skipped.
    Skip,
}

/// One item of a request: `task`, or `repository` for every container of the map with that image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewItem {
    #[serde(default)]
    pub task: Option<TaskId>,
    #[serde(default)]
    pub repository: Option<String>,
    pub version: Version,
    /// 1–99, default 1.
    #[serde(default)]
    pub wave: Option<u32>,
    #[serde(default)]
    pub deadline_ms: Option<u64>,
    /// What the tag stood for when it was chosen: has it moved since, the plan warns (`moved`).
    #[serde(default)]
    pub seen: Option<Digest>,
}

/// Body of `POST /maps/{map}/runs` and `/plan`: exactly one of `items` and `batch`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct NewRun {
    pub items: Option<Vec<NewItem>>,
    /// Every task that is runnable with its stored selection.
    pub batch: Option<bool>,
    pub on_failure: OnFailure,
    pub on_blocked: OnBlocked,
    pub note: Option<String>,
    /// Why a hold is passed over.
    pub override_hold: Option<String>,
    /// From a plan: refused when the plan is not the same any more.
    pub plan_hash: Option<String>,
}

/// Body of `POST /runs/{run}/cancel`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CancelRun {
    pub rollback: bool,
}

/// What `blocked` lists: the items that cannot run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockedItem {
    pub n: u32,
    pub task: TaskId,
    pub blocked_by: Vec<crate::plan::BlockedBy>,
}

/// A digest in use or within rollback reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DigestInUse {
    pub repository: String,
    pub digest: Digest,
    pub tasks: Vec<String>,
}
