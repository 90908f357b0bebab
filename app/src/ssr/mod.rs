//! What only the server can do while it renders or answers a server function.

mod shell;

pub use shell::{Assets, shell};

use crate::api::{builds::EditedBuild, logs::LogOf};
use crate::boot::{Boot, THEME_COOKIE, Theme, ZONE_COOKIE};
use engine::{Engine, Idempotency, Principal};
use http::{StatusCode, header::COOKIE, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use serde::Serialize;
use std::hash::{DefaultHasher, Hash, Hasher};
use types::{ApiError, ErrorCode, Time, build::Build};

/// Runs that a page of a list, or the choice of Appointed, holds.
pub(crate) const PAGE: u64 = 50;
/// Suggestions below a text box: as many as can be read at a glance.
pub(crate) const SUGGESTIONS: u64 = 8;
/// Versions that the way back offers; each is asked for in the registry first.
pub(crate) const CANDIDATES: u64 = 12;

/// The engine, as the server gave it.
pub(crate) fn engine() -> Result<Engine, ApiError> {
    use_context().ok_or_else(|| refuse(ApiError::new(ErrorCode::Internal, "The server gave no engine.")))
}

/// Who asks; refused with 401 where nobody is signed in.
pub(crate) fn principal() -> Result<Principal, ApiError> {
    let who = use_context::<Option<Principal>>().flatten();
    who.ok_or_else(|| refuse(engine::Error::Unauthenticated.into()))
}

/// The key of a press: the server functions have no header for it, so it comes as an argument.
pub(crate) fn pressed(key: String, path: String, body: &impl Serialize) -> Option<Idempotency> {
    let text = serde_json::to_string(body).unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let body_hash = format!("{:016x}", hasher.finish());
    Some(Idempotency { key, method: "POST", path: format!("/api/ui{path}"), body_hash })
}

/// Turns what the engine says into what the page gets, with the HTTP status that goes with it.
pub(crate) fn answer<T>(result: Result<T, engine::Error>) -> Result<T, ApiError> {
    result.map_err(|error| refuse(error.into()))
}

/// The one place that sets the status of an error: leptos itself answers all of them with 500.
pub(crate) fn refuse(mut error: ApiError) -> ApiError {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    }
    error.request_id = use_context::<Parts>()
        .and_then(|parts| parts.headers.get("x-request-id").and_then(|id| id.to_str().ok().map(str::to_owned)));
    error
}

impl From<LogOf> for engine::LogName {
    fn from(log: LogOf) -> Self {
        match log {
            LogOf::BuildRun { build, number } => engine::LogName::Build { build, number },
            LogOf::Item { run, n } => engine::LogName::Item { run, n },
        }
    }
}

impl From<engine::Revised<Build>> for EditedBuild {
    fn from(read: engine::Revised<Build>) -> Self {
        EditedBuild { build: read.value, revision: read.revision.0 }
    }
}

/// What this request tells about its reader.
fn boot(icons: String) -> Boot {
    let parts = use_context::<Parts>();
    let cookie = |name: &str| parts.as_ref().and_then(|parts| cookie(parts, name)).unwrap_or_default();
    Boot {
        now: Time::from_millis(now_ms()),
        user: user(),
        theme: Theme::parse(&cookie(THEME_COOKIE)),
        zone_min: cookie(ZONE_COOKIE).parse().ok().filter(|zone| (-900..=900).contains(zone)).unwrap_or_default(),
        icons,
    }
}

fn user() -> Option<String> {
    let who = use_context::<Option<Principal>>().flatten()?;
    Some(use_context::<Engine>()?.me(&who).username)
}

fn cookie(parts: &Parts, name: &str) -> Option<String> {
    let all = parts.headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut pairs = all.flat_map(|header| header.split("; ")).filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
