//! The step that calls a URL.

use super::{step_time_limit, yes};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a call asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpMethod {
    #[default]
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

/// A value that is taken out of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Extract {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// Hidden wherever it would be written.
    #[serde(default)]
    pub masked: bool,
}

/// REST call: calls a URL and checks the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HttpStep {
    pub name: String,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default = "step_time_limit")]
    pub time_limit_ms: u64,
    #[serde(default)]
    pub method: HttpMethod,
    pub url: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body: Option<String>,
    /// Any other status fails the step.
    #[serde(default = "ok")]
    pub expected_status: Vec<u16>,
    /// Later steps use them as `${step:NAME.VALUE}`.
    #[serde(default)]
    pub extract: BTreeMap<String, Extract>,
}

impl HttpMethod {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            HttpMethod::Get => "GET",
            HttpMethod::Head => "HEAD",
            HttpMethod::Post => "POST",
            HttpMethod::Put => "PUT",
            HttpMethod::Patch => "PATCH",
            HttpMethod::Delete => "DELETE",
        }
    }
}

fn ok() -> Vec<u16> {
    vec![200]
}
