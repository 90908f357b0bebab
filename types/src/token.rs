//! API tokens.

use crate::Time;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A token as it is listed; its secret is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    pub id: Uuid,
    pub name: String,
    /// The first characters of the secret, to tell tokens apart.
    pub prefix: String,
    pub scopes: Vec<String>,
    pub made_by: String,
    pub created_at: Time,
    pub expires_at: Option<Time>,
    pub last_used_at: Option<Time>,
}

/// Body of `POST /tokens`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    pub name: String,
    /// As in `read`, `deploy:maps/shop`; empty: all that its maker may.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Null: in 90 days.
    #[serde(default)]
    pub expires_at: Option<Time>,
}

/// The answer to `POST /tokens`, the only one that holds the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MadeToken {
    #[serde(flatten)]
    pub about: Token,
    /// `slw_…`
    pub token: String,
}
