//! The step that makes the image.

use super::{step_time_limit, yes};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Files under `/run/secrets` while an instruction asks for them; values may be `${secret:NAME}`.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// Stage to build; null: the last.
    #[serde(default)]
    pub target: Option<String>,
    /// As in `linux/arm64`; none: the engine's own.
    #[serde(default)]
    pub platforms: Vec<String>,
    #[serde(default)]
    pub no_cache: bool,
    /// Images whose layers may be taken instead of being made.
    #[serde(default)]
    pub cache_from: Vec<String>,
    /// Images that keep the layers for later builds.
    #[serde(default)]
    pub cache_to: Vec<String>,
}

fn dockerfile() -> String {
    "Dockerfile".to_owned()
}
