//! Clusters: a Kubernetes API that Slipway may talk to.

use crate::{Name, Time};
use serde::{Deserialize, Serialize};

/// Whether something that Slipway depends on answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    Reachable,
    Unreachable,
    /// Not contacted yet.
    Unknown,
}

/// A cluster as it is shown; credentials are never part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cluster {
    pub name: Name,
    /// Address of the API server.
    pub server: String,
    /// The context of the server's own `KUBECONFIG`, where it comes from there.
    pub discovered: Option<String>,
    /// UID of the namespace `kube-system`, where it can be read.
    pub uid: Option<String>,
    /// Version of Kubernetes, as in `v1.34.4`.
    pub version: Option<String>,
    pub state: Reach,
    pub since: Option<Time>,
    pub error: Option<String>,
}

/// Body of `POST /clusters`: exactly one of `kubeconfig`, `server`, `discovered`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct NewCluster {
    pub name: String,
    /// YAML or JSON with inline data only.
    pub kubeconfig: Option<String>,
    pub context: Option<String>,
    pub server: Option<String>,
    /// PEM.
    pub ca: Option<String>,
    pub token: Option<String>,
    /// A context that the server itself found.
    pub discovered: Option<String>,
}

/// Body of `PATCH /clusters/{cluster}`: the given members change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ClusterPatch {
    pub kubeconfig: Option<String>,
    pub context: Option<String>,
    pub server: Option<String>,
    pub ca: Option<String>,
    pub token: Option<String>,
}

/// A context of the server's own `KUBECONFIG` or its service account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiscoveredCluster {
    pub context: String,
    pub server: String,
    /// The cluster that already uses it.
    pub added_as: Option<Name>,
}

/// What a check of something found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    pub reachable: bool,
    pub version: Option<String>,
    /// Rights that are missing, as in `patch deployments.apps`.
    pub missing: Vec<String>,
    pub error: Option<String>,
}
