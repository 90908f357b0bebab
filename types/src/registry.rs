//! Registries: where images are pushed to and listed from.

use crate::{Digest, Name, Time, cluster::Reach};
use serde::{Deserialize, Serialize};

/// How a registry is signed in to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RegistryType {
    /// As the registry itself asks: with the password, or with a token for it.
    #[default]
    Oci,
    /// With a password that Amazon's token call gives for an access key.
    Ecr,
}

impl RegistryType {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            RegistryType::Oci => "oci",
            RegistryType::Ecr => "ecr",
        }
    }
}

/// A registry as it is shown; the password is never part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Registry {
    pub name: Name,
    #[serde(rename = "type")]
    pub kind: RegistryType,
    pub url: String,
    /// An image belongs to this registry if its host is one of these.
    pub pull_hosts: Vec<String>,
    pub username: Option<String>,
    pub has_password: bool,
    pub push_repositories: Vec<String>,
    pub state: Reach,
    pub since: Option<Time>,
    pub error: Option<String>,
    /// Builds that push there, as in `builds/web`, and tasks with an image in it, as in
    /// `maps/shop/tasks/deployment/web/app`.
    pub used_by: Vec<String>,
}

/// Body of `POST /registries`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct NewRegistry {
    pub name: String,
    /// `ecr`: user name and password are the id and the secret of an access key.
    #[serde(rename = "type")]
    pub kind: RegistryType,
    /// `https://…`, or `http://…`.
    pub url: String,
    /// Empty: the host of `url`.
    pub pull_hosts: Vec<String>,
    pub username: Option<String>,
    pub password: Option<String>,
    /// PEM of an authority of one's own.
    pub ca: Option<String>,
    /// Patterns of repositories that builds may push to; empty: all.
    pub push_repositories: Vec<String>,
}

/// Body of `PATCH /registries/{registry}`: the given members change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RegistryPatch {
    pub url: Option<String>,
    pub pull_hosts: Option<Vec<String>>,
    pub username: Option<String>,
    pub password: Option<String>,
    pub ca: Option<String>,
    pub push_repositories: Option<Vec<String>>,
}

/// A tag of a repository; facts that are not known yet are null.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TagFacts {
    pub tag: String,
    pub digest: Option<Digest>,
    pub created_at: Option<Time>,
    pub size_bytes: Option<u64>,
}
