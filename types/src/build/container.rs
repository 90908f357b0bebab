//! The steps that run in a container with the work space at `/workspace`.

use super::{step_time_limit, yes};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A folder that stays from one run of a build to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// Steps of one build that name the same cache share it; other builds never do.
    pub name: String,
    /// Absolute, within the container.
    pub path: String,
}

/// User task: runs a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ContainerStep {
    pub name: String,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default = "step_time_limit")]
    pub time_limit_ms: u64,
    pub image: String,
    /// Program and arguments; empty: what the image says.
    #[serde(default)]
    pub command: Vec<String>,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Folder of the work space; empty: its root.
    #[serde(default)]
    pub working_folder: String,
    #[serde(default)]
    pub caches: Vec<Cache>,
}

/// Script: runs a shell script in a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ScriptStep {
    pub name: String,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default = "step_time_limit")]
    pub time_limit_ms: u64,
    pub image: String,
    /// Run by `/bin/sh -e`. Values are not put in here: they reach the script by its environment.
    pub script: String,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Folder of the work space; empty: its root.
    #[serde(default)]
    pub working_folder: String,
    #[serde(default)]
    pub caches: Vec<Cache>,
}
