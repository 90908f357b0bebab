//! What running the selections would do.

use crate::{
    Image, Name, TaskId, Time,
    run::{NewRun, OnFailure},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vmeta])* $variant,)* }

        impl $name {
            /// The word on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $code,)* }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What keeps a task from running.
    Wall {
        SameVersion = "same_version",
        NotTicked = "not_ticked",
        NothingSelected = "nothing_selected",
        TagRequired = "tag_required",
        NoSuccessfulBuild = "no_successful_build",
        TagNotFound = "tag_not_found",
        ImageGone = "image_gone",
        OtherRepository = "other_repository",
        WrongPlatform = "wrong_platform",
        RunInProgress = "run_in_progress",
        Paused = "paused",
        Held = "held",
        Frozen = "frozen",
        Forbidden = "forbidden",
        ClusterUnreachable = "cluster_unreachable",
        ClusterForbidden = "cluster_forbidden",
        /// The cluster refused the patch when it was tried without effect: quota, policy, webhook.
        AdmissionDenied = "admission_denied",
        /// The task itself is not there: workload or container is gone.
        TaskNotFound = "task_not_found",
    }
}

words! {
    /// What does not keep a task from running, but should be known.
    Warning {
        RegistryUnreachable = "registry_unreachable",
        RegistryUnauthorized = "registry_unauthorized",
        DigestUnknown = "digest_unknown",
        QueuedBehind = "queued_behind",
        NoPods = "no_pods",
        OnDelete = "on_delete",
        ManagedBy = "managed_by",
        MayNotPull = "may_not_pull",
        OlderVersion = "older_version",
        Partitioned = "partitioned",
        Moved = "moved",
        /// The cluster did not say in time whether it takes the change.
        NotTried = "not_tried",
    }
}

/// A wall with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockedBy {
    pub code: Wall,
    pub message: String,
}

/// A warning with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Warned {
    pub code: Warning,
    pub message: String,
}

/// What an item of a plan does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Deploy,
    Restart,
    BuildDeploy,
    None,
}

/// The build that an item of a plan waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlannedBuild {
    pub name: String,
    pub reference: Option<String>,
    /// Numbers of the items that share this build run.
    pub shared_with: Vec<u32>,
}

/// How the target differs from the source, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanDiff {
    /// Target less source.
    pub size_bytes: Option<i64>,
    pub config: Vec<String>,
    pub commits: Vec<String>,
    /// When the source's image was made, and the target's, as they say themselves.
    #[serde(default)]
    pub from_created_at: Option<Time>,
    #[serde(default)]
    pub to_created_at: Option<Time>,
    /// The target's.
    #[serde(default)]
    pub to_size_bytes: Option<u64>,
}

/// One task of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanItem {
    pub n: u32,
    pub task: TaskId,
    pub wave: u32,
    pub from: Option<Image>,
    /// Null while a build has to make it.
    pub to: Option<Image>,
    pub action: Action,
    pub build: Option<PlannedBuild>,
    pub runnable: bool,
    pub blocked_by: Vec<BlockedBy>,
    pub warnings: Vec<Warned>,
    pub queue_position: Option<u32>,
    /// The JSON Patch that would be sent.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub patch: Vec<serde_json::Value>,
    pub diff: PlanDiff,
}

/// A plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Plan {
    /// Over all that was resolved.
    pub plan_hash: String,
    pub on_failure: OnFailure,
    pub items: Vec<PlanItem>,
    pub runnable_count: u32,
}

/// A plan that was stored for a link; it is kept for 90 days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredPlan {
    pub id: Uuid,
    pub map: Name,
    pub by: String,
    pub at: Time,
    /// It is removed then.
    pub until: Time,
    pub url: String,
    /// The body of the run that it plans.
    pub request: NewRun,
    /// As it was when it was stored.
    pub plan: Plan,
    /// As it is now; null where the request does not fit the map any more.
    pub now: Option<Plan>,
    /// Another thing would happen now than what was stored.
    pub stale: bool,
    /// Why there is no plan any more.
    pub refused: Option<String>,
}

/// A stored plan in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredPlanBrief {
    pub id: Uuid,
    pub by: String,
    pub at: Time,
    pub until: Time,
    pub url: String,
    pub note: Option<String>,
    pub plan_hash: String,
    pub items: u32,
}
