//! Every version that ran: what Slipway made, what it saw, and the way back to one of them.

use crate::{
    Digest, Image, TaskId, Time,
    plan::{BlockedBy, PlanDiff, Warned, words},
    run::{ItemStatus, Proof, RunKind},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

words! {
    /// Who changed an image.
    ChangeSource {
        Slipway = "slipway",
        External = "external",
    }
}

/// One change of a container's image that Slipway made or saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    pub id: Uuid,
    pub task: TaskId,
    pub image: Image,
    /// Every digest that stands for the image; empty while unknown.
    pub digests: Vec<Digest>,
    pub source: ChangeSource,
    /// The field manager that wrote the image, where the cluster says so.
    pub manager: Option<String>,
    pub run: Option<Uuid>,
    pub item: Option<u32>,
    pub kind: Option<RunKind>,
    /// How the item of the run stands.
    pub status: Option<ItemStatus>,
    /// Who asked for the run.
    pub by: Option<String>,
    pub note: Option<String>,
    pub proof: Option<Proof>,
    pub from: Time,
    /// Null: it is what the template has now.
    pub until: Option<Time>,
    /// Slipway found it in the cluster at first sight: when it began is the cluster's word.
    pub found: bool,
    pub log_url: Option<String>,
}

/// How two entries of one container differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryDiff {
    pub from: HistoryEntry,
    pub to: HistoryEntry,
    pub diff: PlanDiff,
    /// Why the images could not be compared.
    pub unknown: Option<String>,
}

/// A recorded version that a task could go back to, checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Candidate {
    pub entry: HistoryEntry,
    pub runnable: bool,
    pub blocked_by: Vec<BlockedBy>,
    pub warnings: Vec<Warned>,
}

/// Where a rollback goes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RollbackTo {
    /// A recorded version, by any of its digests.
    Digest(Digest),
    /// What this run left there.
    Run(Uuid),
}

/// Body of `POST …/rollback`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRollback {
    pub to: RollbackTo,
    /// Whether the task is held afterwards; default true.
    #[serde(default)]
    pub hold: Option<bool>,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub deadline_ms: Option<u64>,
}

/// Body of `POST /runs/{run}/undo`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct UndoRun {
    /// Also items whose container somebody has changed since.
    pub force: bool,
    /// Whether the tasks are held afterwards; default true.
    pub hold: Option<bool>,
    pub note: Option<String>,
}

/// Body of `POST /runs/{run}/retry`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RetryRun {
    pub note: Option<String>,
}
