//! Builds: how an image is made.

use crate::{Name, Time, task::BuildRunBrief as Brief};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Time limit of a step where none is said: one hour.
pub const STEP_TIME_LIMIT_MS: u64 = 3_600_000;
/// Time limit of a build run where none is said: two hours.
pub const BUILD_TIME_LIMIT_MS: u64 = 7_200_000;

/// How a build run gets its tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TagRule {
    /// Typed at each run.
    Typed {},
    /// Prefix and the build's own counter, at least five digits.
    Sequence {
        #[serde(default)]
        prefix: String,
    },
    /// Prefix and `YYYYMMDD-HHMMSS` in UTC.
    Datetime {
        #[serde(default)]
        prefix: String,
    },
    /// Prefix and the tag of the commit, else its short hash.
    Git {
        #[serde(default)]
        prefix: String,
    },
}

/// Credentials of a step; values may be `${secret:NAME}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    pub username: String,
    /// Write-only: answers hold `***` where a value of one's own is stored.
    pub password: String,
}

/// Code repository: clones a branch, tag or commit into a folder of the work space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GitStep {
    pub name: String,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default = "step_time_limit")]
    pub time_limit_ms: u64,
    /// https, ssh, or file under an allowed root.
    pub url: String,
    /// Branch, tag or commit.
    #[serde(default = "main_branch")]
    pub reference: String,
    /// Folder of the work space; empty: its root.
    #[serde(default)]
    pub folder: String,
    /// Commits to fetch; 0: all.
    #[serde(default = "one")]
    pub depth: u32,
    #[serde(default)]
    pub submodules: bool,
    #[serde(default)]
    pub credentials: Option<Credentials>,
}

/// Create image: builds and pushes the image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ImageStep {
    pub name: String,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default = "step_time_limit")]
    pub time_limit_ms: u64,
    /// Folder of the work space; empty: its root.
    #[serde(default)]
    pub context: String,
    /// Path within the context.
    #[serde(default = "dockerfile")]
    pub dockerfile: String,
    /// Text of a Dockerfile that is used instead of the path.
    #[serde(default)]
    pub inline: Option<String>,
    #[serde(default)]
    pub build_args: BTreeMap<String, String>,
    /// Stage to build; null: the last.
    #[serde(default)]
    pub target: Option<String>,
    #[serde(default)]
    pub no_cache: bool,
}

/// A step of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Step {
    Git(GitStep),
    Image(ImageStep),
}

impl Step {
    pub fn name(&self) -> &str {
        match self {
            Step::Git(step) => &step.name,
            Step::Image(step) => &step.name,
        }
    }

    /// The word on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Step::Git(_) => "git",
            Step::Image(_) => "image",
        }
    }

    pub fn enabled(&self) -> bool {
        match self {
            Step::Git(step) => step.enabled,
            Step::Image(step) => step.enabled,
        }
    }

    pub fn time_limit_ms(&self) -> u64 {
        match self {
            Step::Git(step) => step.time_limit_ms,
            Step::Image(step) => step.time_limit_ms,
        }
    }
}

/// A build with its flow: the answer, and the body of POST and PUT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Build {
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    /// Name of a registry.
    pub registry: String,
    /// Unique together with the registry.
    pub repository: String,
    /// Name of a build engine.
    pub engine: String,
    pub tag_rule: TagRule,
    /// Runs of this build at once; 1 keeps Latest ordered.
    #[serde(default = "one")]
    pub max_parallel: u32,
    #[serde(default = "build_time_limit")]
    pub time_limit_ms: u64,
    pub steps: Vec<Step>,
}

/// A build in the list of builds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BuildSummary {
    pub name: Name,
    pub description: Option<String>,
    pub registry: Name,
    pub repository: String,
    /// `host/repository`, as a pod template names it.
    pub image: String,
    pub steps: u32,
    pub newest_run: Option<Brief>,
    pub newest_success: Option<Brief>,
    /// Of the newest runs that ended, oldest first: duration, and whether it succeeded.
    pub durations: Vec<BuildDuration>,
    pub size_bytes: Option<u64>,
    pub last_run_at: Option<Time>,
}

/// A bar of the sparkline of durations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BuildDuration {
    pub duration_ms: u64,
    pub succeeded: bool,
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

fn main_branch() -> String {
    "main".to_owned()
}

fn dockerfile() -> String {
    "Dockerfile".to_owned()
}

fn step_time_limit() -> u64 {
    STEP_TIME_LIMIT_MS
}

fn build_time_limit() -> u64 {
    BUILD_TIME_LIMIT_MS
}
