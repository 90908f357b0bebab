//! Service maps: a named group of workloads.

use crate::Name;
use serde::{Deserialize, Serialize};

/// How an image is written into a pod template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WrittenForm {
    /// `repository:tag@digest`
    #[default]
    TagDigest,
    /// `repository@digest`
    Digest,
    /// `repository:tag`
    Tag,
}

/// A service map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceMap {
    pub name: Name,
    pub cluster: Name,
    pub namespace: String,
    /// A label selector that narrows the namespace; null: all workloads.
    pub selector: Option<String>,
    /// Maps with the same group stand together.
    pub group: Option<String>,
    pub color: Option<String>,
    pub written_form: WrittenForm,
    /// Null: the server's setting.
    pub deadline_ms: Option<u64>,
    pub undo_on_deadline: bool,
}

/// Body of `POST /maps`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct NewMap {
    pub name: String,
    pub cluster: String,
    pub namespace: String,
    pub selector: Option<String>,
    pub group: Option<String>,
    pub color: Option<String>,
    pub written_form: WrittenForm,
    pub deadline_ms: Option<u64>,
    pub undo_on_deadline: bool,
}

/// Body of `PATCH /maps/{map}`: the given members change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct MapPatch {
    pub namespace: Option<String>,
    pub selector: Option<String>,
    pub group: Option<String>,
    pub color: Option<String>,
    pub written_form: Option<WrittenForm>,
    pub deadline_ms: Option<u64>,
    pub undo_on_deadline: Option<bool>,
}

/// A map with the counts that the list of maps and the sidebar show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(from = "FlatSummary")]
pub struct MapSummary {
    #[serde(flatten)]
    pub map: ServiceMap,
    pub workloads: u32,
    pub failed: u32,
    pub updating: u32,
    /// Null while the cluster answers; else what its API said last.
    pub error: Option<String>,
}

/// How a summary is read: the derived way through `flatten` costs the browser as much code as both
/// types together.
#[derive(Deserialize)]
struct FlatSummary {
    name: Name,
    cluster: Name,
    namespace: String,
    selector: Option<String>,
    group: Option<String>,
    color: Option<String>,
    written_form: WrittenForm,
    deadline_ms: Option<u64>,
    undo_on_deadline: bool,
    workloads: u32,
    failed: u32,
    updating: u32,
    error: Option<String>,
}

impl From<FlatSummary> for MapSummary {
    fn from(flat: FlatSummary) -> Self {
        let FlatSummary { name, cluster, namespace, selector, group, color, written_form, .. } = flat;
        let FlatSummary { deadline_ms, undo_on_deadline, workloads, failed, updating, error, .. } = flat;
        let map = ServiceMap {
            name,
            cluster,
            namespace,
            selector,
            group,
            color,
            written_form,
            deadline_ms,
            undo_on_deadline,
        };
        Self { map, workloads, failed, updating, error }
    }
}
