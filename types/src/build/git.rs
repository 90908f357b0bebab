//! The step that clones a code repository.

use super::{Credentials, one, step_time_limit, yes};
use serde::{Deserialize, Serialize};

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

fn main_branch() -> String {
    "main".to_owned()
}

/// What the first code repository of a build offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct References {
    /// The one that the step names; null: the build has no code repository.
    pub reference: Option<String>,
    pub default_branch: Option<String>,
    /// At most 500.
    pub branches: Vec<String>,
    /// Newest version first, at most 500.
    pub tags: Vec<String>,
    /// Why they could not be read just now.
    pub error: Option<String>,
}
