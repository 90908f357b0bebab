//! Build engines: a Docker-compatible API in which builds run.

use crate::{Name, Time, cluster::Reach, plan::words};
use serde::{Deserialize, Deserializer, Serialize};

/// What kind of API an engine speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EngineType {
    #[default]
    Docker,
}

words! {
    /// What an engine can do beyond the plain build.
    Capability {
        /// Images of several platforms under one name.
        MultiPlatform = "multi_platform",
        BuildSecrets = "build_secrets",
        Annotations = "annotations",
        /// Caches of instructions, and layers that are kept in registries.
        CacheMounts = "cache_mounts",
    }
}

/// What is removed in an engine now and then: dangling images, and build cache that nothing uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PruneRule {
    /// So much build cache stays, the most recently used.
    pub keep_storage_bytes: u64,
    /// Images that were made, and build cache that was used, in the last hours stay.
    pub until_hours: u32,
}

/// What a pruning freed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pruned {
    pub freed_bytes: u64,
    pub images_freed_bytes: u64,
    pub build_cache_freed_bytes: u64,
    /// Images stayed, since a build run was under way that may use them.
    pub images_left: bool,
}

/// A build engine as it is shown; keys are never part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BuildEngine {
    pub name: Name,
    #[serde(rename = "type")]
    pub kind: EngineType,
    pub url: String,
    /// Builds at once; null: the server's setting.
    pub parallel_builds: Option<u32>,
    pub capabilities: Vec<Capability>,
    pub version: Option<String>,
    pub state: Reach,
    pub since: Option<Time>,
    pub error: Option<String>,
    pub disk_used_bytes: Option<u64>,
    /// Null: it is pruned only when somebody asks for it.
    pub prune: Option<PruneRule>,
    /// When it was pruned by its rule.
    pub pruned_at: Option<Time>,
}

/// Body of `POST /engines`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct NewEngine {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: EngineType,
    /// `unix:///path` or `tcp://host:port`.
    pub url: String,
    /// PEM.
    pub ca: Option<String>,
    pub cert: Option<String>,
    pub key: Option<String>,
    pub parallel_builds: Option<u32>,
    pub prune: Option<PruneRule>,
}

/// Body of `PATCH /engines/{engine}`: the given members change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct EnginePatch {
    pub url: Option<String>,
    pub ca: Option<String>,
    pub cert: Option<String>,
    pub key: Option<String>,
    pub parallel_builds: Option<u32>,
    /// Null: no rule any more.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PruneRule>))]
    pub prune: Option<Option<PruneRule>>,
}

/// A member that is null is there, unlike one that is left out.
fn given<'de, D: Deserializer<'de>>(member: D) -> Result<Option<Option<PruneRule>>, D::Error> {
    Option::deserialize(member).map(Some)
}

/// A socket that the server itself found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiscoveredEngine {
    pub url: String,
    pub version: Option<String>,
    pub error: Option<String>,
    /// The engine that already uses it.
    pub added_as: Option<Name>,
}
