//! How the next version of a task is chosen.

use crate::Digest;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::collections::BTreeMap;

/// The one value `true`: `{"latest": true}` has no other meaning to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct True;

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for True {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Boolean)
            .enum_values(Some([true]))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for True {}

impl Serialize for True {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl<'de> Deserialize<'de> for True {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match bool::deserialize(deserializer)? {
            true => Ok(True),
            false => Err(D::Error::custom("must be true")),
        }
    }
}

/// Exactly one way to choose the next version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Version {
    /// A tag of the container's repository.
    Tag(String),
    /// A digest of the container's repository.
    Digest(Digest),
    /// Appointed: a successful run of the task's build, by number.
    BuildRun(u32),
    /// The newest successful run of the task's build.
    Latest(True),
    /// Build & Deployment: make a new image, then deploy it.
    Build(BuildParams),
    /// Restart the pods on the image they have.
    Restart(True),
}

/// What a run of a build may be given; all optional where the tag rule is automatic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct BuildParams {
    /// Branch, tag or commit; null: as the build says.
    pub reference: Option<String>,
    /// Only where the tag rule is `typed`.
    pub tag: Option<String>,
    pub build_args: BTreeMap<String, String>,
    pub no_cache: bool,
    /// Values of the build's own parameters, by name.
    pub params: BTreeMap<String, String>,
}
