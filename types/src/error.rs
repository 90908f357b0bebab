//! What went wrong, for programs (`code`) and for people (`detail`): `application/problem+json`.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, MapAccess, Visitor},
};
use server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use std::fmt;

macro_rules! codes {
    ($($variant:ident = $code:literal, $status:literal;)*) => {
        /// The closed list of error codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum ErrorCode { $(#[serde(rename = $code)] $variant,)* }

        impl ErrorCode {
            /// The word on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$variant => $code,)* }
            }

            /// The HTTP status that goes with the code: the one table of it.
            pub fn status(self) -> u16 {
                match self { $(ErrorCode::$variant => $status,)* }
            }
        }
    };
}

codes! {
    Malformed = "malformed", 400;
    Unauthenticated = "unauthenticated", 401;
    Forbidden = "forbidden", 403;
    CrossSite = "cross_site", 403;
    NotFound = "not_found", 404;
    MethodNotAllowed = "method_not_allowed", 405;
    NotAcceptable = "not_acceptable", 406;
    Exists = "exists", 409;
    InUse = "in_use", 409;
    Settled = "settled", 409;
    NothingToDo = "nothing_to_do", 409;
    PlanStale = "plan_stale", 409;
    InProgress = "in_progress", 409;
    LogExpired = "log_expired", 410;
    ChangedMeanwhile = "changed_meanwhile", 412;
    TooLarge = "too_large", 413;
    UnsupportedMediaType = "unsupported_media_type", 415;
    RangeNotSatisfiable = "range_not_satisfiable", 416;
    Invalid = "invalid", 422;
    Blocked = "blocked", 422;
    NotBuilt = "not_built", 422;
    IdempotencyMismatch = "idempotency_mismatch", 422;
    SecretRequired = "secret_required", 422;
    SecretInBuildArg = "secret_in_build_arg", 422;
    TagRequired = "tag_required", 422;
    TagTaken = "tag_taken", 422;
    MissingCapability = "missing_capability", 422;
    RunFailed = "run_failed", 424;
    NotSettled = "not_settled", 424;
    PreconditionRequired = "precondition_required", 428;
    TooMany = "too_many", 429;
    QueueFull = "queue_full", 429;
    Internal = "internal", 500;
    ClusterUnreachable = "cluster_unreachable", 503;
    RegistryUnreachable = "registry_unreachable", 503;
    EngineUnreachable = "engine_unreachable", 503;
    Stopping = "stopping", 503;
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong with one field of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// As in `steps[1].url`.
    pub path: String,
    pub message: String,
}

// It is read by hand: the derived way through `flatten` costs the browser three times the code.
/// An error as the page's server functions and REST answer it.
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("{detail}")]
pub struct ApiError {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub code: ErrorCode,
    /// A sentence for people: what is wrong and what would be right.
    pub detail: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Members that some codes add: `items` (`blocked`), `plan` (`plan_stale`), `run` (`run_failed`), `users` (`in_use`).
    #[serde(flatten)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub more: serde_json::Map<String, serde_json::Value>,
}

impl<'de> Deserialize<'de> for ApiError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ApiErrorVisitor)
    }
}

struct ApiErrorVisitor;

impl<'de> Visitor<'de> for ApiErrorVisitor {
    type Value = ApiError;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an error")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ApiError, A::Error> {
        let (mut kind, mut title, mut status, mut code, mut detail) = (None, None, None, None, None);
        let (mut fields, mut request_id, mut more) = (Vec::new(), None, serde_json::Map::new());
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => kind = Some(map.next_value()?),
                "title" => title = Some(map.next_value()?),
                "status" => status = Some(map.next_value()?),
                "code" => code = Some(map.next_value()?),
                "detail" => detail = Some(map.next_value()?),
                "fields" => fields = map.next_value()?,
                "request_id" => request_id = map.next_value()?,
                _ => drop(more.insert(key, map.next_value()?)),
            }
        }
        let missing = A::Error::missing_field;
        Ok(ApiError {
            kind: kind.ok_or_else(|| missing("type"))?,
            title: title.ok_or_else(|| missing("title"))?,
            status: status.ok_or_else(|| missing("status"))?,
            code: code.ok_or_else(|| missing("code"))?,
            detail: detail.ok_or_else(|| missing("detail"))?,
            fields,
            request_id,
            more,
        })
    }
}

impl ApiError {
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank".to_owned(),
            title: title(code.status()).to_owned(),
            status: code.status(),
            code,
            detail: detail.into(),
            fields: Vec::new(),
            request_id: None,
            more: serde_json::Map::new(),
        }
    }
}

/// The reason phrase of a status, as in RFC 9110.
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        422 => "Unprocessable Content",
        424 => "Failed Dependency",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let (code, detail) = match error {
            ServerFnErrorErr::Request(_) => {
                (ErrorCode::Stopping, "Slipway does not answer. The page tries again.".to_owned())
            }
            ServerFnErrorErr::Args(why) | ServerFnErrorErr::MissingArg(why) => (ErrorCode::Malformed, why),
            other => (ErrorCode::Internal, other.to_string()),
        };
        ApiError::new(code, detail)
    }
}
