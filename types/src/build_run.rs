//! Build runs: one execution of a build.

use crate::{Digest, Name, Time, build::Step, plan::words, version::BuildParams};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words! {
    /// Where a build run stands.
    BuildRunStatus {
        Queued = "queued",
        Running = "running",
        Canceling = "canceling",
        Succeeded = "succeeded",
        Failed = "failed",
        Canceled = "canceled",
    }
}

words! {
    /// Where a step stands.
    StepStatus {
        Waiting = "waiting",
        Running = "running",
        Canceling = "canceling",
        Succeeded = "succeeded",
        Failed = "failed",
        Canceled = "canceled",
        Skipped = "skipped",
    }
}

words! {
    /// Why a build run was made.
    BuildRunKind {
        Run = "run",
        Try = "try",
    }
}

words! {
    /// Why a build run or a step failed.
    BuildCause {
        StepFailed = "step_failed",
        Timeout = "timeout",
        LogTooLarge = "log_too_large",
        EngineUnreachable = "engine_unreachable",
        Interrupted = "interrupted",
        CancelUnconfirmed = "cancel_unconfirmed",
        ReferenceNotFound = "reference_not_found",
        GitFailed = "git_failed",
        DockerfileNotFound = "dockerfile_not_found",
        BuildFailed = "build_failed",
        PushFailed = "push_failed",
        DigestUnconfirmed = "digest_unconfirmed",
        TagTaken = "tag_taken",
        ContextTooLarge = "context_too_large",
        DiskFull = "disk_full",
        Internal = "internal",
    }
}

impl BuildRunStatus {
    /// Whether nothing follows this state.
    pub fn is_final(self) -> bool {
        match self {
            BuildRunStatus::Succeeded | BuildRunStatus::Failed | BuildRunStatus::Canceled => true,
            BuildRunStatus::Queued | BuildRunStatus::Running | BuildRunStatus::Canceling => false,
        }
    }

    /// The capitals that this field's users know.
    pub fn shout(self) -> &'static str {
        match self {
            BuildRunStatus::Queued => "WAIT",
            BuildRunStatus::Running => "RUNNING",
            BuildRunStatus::Canceling => "CANCELING",
            BuildRunStatus::Succeeded => "DONE",
            BuildRunStatus::Failed => "ERROR",
            BuildRunStatus::Canceled => "CANCELED",
        }
    }
}

/// Why a build run or a step failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BuildFailure {
    pub code: BuildCause,
    pub message: String,
}

/// A step of a build run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepRun {
    /// From 0.
    pub index: u32,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub status: StepStatus,
    pub started_at: Option<Time>,
    pub duration_ms: Option<u64>,
    /// What it took in the last runs that succeeded (their median), while this run has not ended.
    pub usual_ms: Option<u64>,
    /// Numbers of its first and last line in the log.
    pub first_line: Option<u64>,
    pub last_line: Option<u64>,
    pub failure: Option<BuildFailure>,
}

/// A layer of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImageLayer {
    pub digest: Digest,
    /// Compressed.
    pub size_bytes: u64,
}

/// The image that another one is made from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BaseImage {
    /// With host and tag, as in `docker.io/library/alpine:3`.
    pub name: String,
    /// What the name stood for; null if the engine took what it had.
    pub digest: Option<Digest>,
}

/// A file of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImageFile {
    pub path: String,
    /// Not compressed.
    pub size_bytes: u64,
}

/// What is known of an image beside its digest and size; of several platforms, of the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImageFacts {
    /// From the base up.
    pub layers: Vec<ImageLayer>,
    /// Null: nothing, or not known.
    pub base: Option<BaseImage>,
    /// Source, revision, creation and version as its labels say, without `org.opencontainers.image.`.
    pub annotations: BTreeMap<String, String>,
    /// The ten largest files of the layers that this build added, largest first; null: not known.
    pub largest_files: Option<Vec<ImageFile>>,
}

/// One execution of a build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BuildRun {
    pub build: Name,
    pub number: u32,
    pub kind: BuildRunKind,
    /// The run whose flow it runs again.
    pub repeat_of: Option<u32>,
    /// Its steps were given with it: they are not those of the build, or of the run that it repeats.
    pub edited: bool,
    pub status: BuildRunStatus,
    /// What the status leaves open, in words.
    pub reason: Option<String>,
    pub tag: Option<String>,
    /// `repository:tag`, as a pod template names it.
    pub image: Option<String>,
    pub digest: Option<Digest>,
    /// Compressed layers and configuration, first platform.
    pub size_bytes: Option<u64>,
    pub platforms: Vec<String>,
    /// Null: it has not succeeded, or ran before this was kept.
    pub facts: Option<ImageFacts>,
    pub commit: Option<String>,
    pub reference: Option<String>,
    pub params: BuildParams,
    pub note: Option<String>,
    pub rejected: bool,
    pub requested_by: String,
    /// From 1, while it is queued.
    pub queue_position: Option<u32>,
    pub engine: Name,
    pub created_at: Time,
    pub started_at: Option<Time>,
    pub ended_at: Option<Time>,
    pub duration_ms: Option<u64>,
    pub steps: Vec<StepRun>,
    pub failure: Option<BuildFailure>,
    /// Tasks that run this image.
    pub used_by: Vec<String>,
    pub url: String,
    pub log_url: String,
}

/// Body of `POST /builds/{build}/runs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct NewBuildRun {
    pub tag: Option<String>,
    pub reference: Option<String>,
    pub build_args: BTreeMap<String, String>,
    pub no_cache: bool,
    /// Values of the build's own parameters, by name.
    pub params: BTreeMap<String, String>,
    pub note: Option<String>,
    /// Take the tag although the registry has it from elsewhere.
    pub overwrite: bool,
    /// Number of a run whose flow and parameters are run again, at its commit; what else is given counts more.
    pub repeat_of: Option<u32>,
    /// Steps of this run only, instead of those of the build; who gives them must be allowed to manage it.
    pub steps: Option<Vec<Step>>,
}

/// Body of `POST /builds/{build}/try`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TryStep {
    pub step: Step,
    /// The build's code repositories are cloned first, so that the step finds the code.
    #[serde(default)]
    pub with_source: bool,
    /// Of the code repository, instead of the build's own.
    #[serde(default)]
    pub reference: Option<String>,
    /// Values of the build's own parameters, by name; of those without a default only what the step names.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

/// Body of `PATCH /builds/{build}/runs/{number}`: the given members change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct BuildRunPatch {
    pub note: Option<String>,
    pub rejected: Option<bool>,
}
