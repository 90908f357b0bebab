//! Times in which maps take no runs; a way back passes.

use crate::{Name, Time};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A time in which maps take no runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Freeze {
    pub id: Uuid,
    /// Null: all maps.
    pub maps: Option<Vec<Name>>,
    pub from: Time,
    /// Null: until somebody lifts it.
    pub until: Option<Time>,
    pub reason: String,
    pub by: String,
    pub at: Time,
    /// It keeps runs out now.
    pub active: bool,
}

/// Body of `POST /freezes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewFreeze {
    /// Null: all maps.
    #[serde(default)]
    pub maps: Option<Vec<Name>>,
    /// Null: from now on.
    #[serde(default)]
    pub from: Option<Time>,
    /// Null: until somebody lifts it.
    #[serde(default)]
    pub until: Option<Time>,
    pub reason: String,
}
