use super::{
    Answer, Problem,
    extract::{Format, lines},
};
use crate::{auth::Visitor, state::AppState};
use axum::extract::State;
use engine::Readiness;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz))
}

/// Whether Slipway can do its work.
#[derive(Serialize, ToSchema)]
struct Ready {
    ready: bool,
    /// Only for those who are signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<Vec<Part>>,
}

/// A dependency and whether it works.
#[derive(Serialize, ToSchema)]
struct Part {
    part: String,
    ready: bool,
    why: Option<String>,
}

/// Whether the process answers at all.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "about",
    security(()),
    responses((status = 200, content_type = "text/plain", body = String)),
)]
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether Slipway can do its work; names what is down to those who are signed in.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "about",
    security((), ("token" = []), ("session" = [])),
    responses((status = 200, body = Ready), (status = 503, description = "Not ready", body = Ready)),
)]
async fn readyz(State(app): State<AppState>, format: Format, visitor: Result<Visitor, Problem>) -> Answer {
    let stopping = app.web.stopping.is_cancelled();
    let parts = app.engine.readiness().await;
    let ready = !stopping && parts.iter().all(|part| part.ready);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let signed_in = visitor.is_ok_and(|it| it.0.is_some());
    let text = || if signed_in { lines(&parts) } else { String::from(if ready { "ready" } else { "not ready" }) };
    let shown = signed_in.then(|| parts.iter().map(Part::of).collect());
    Ok(format.with(status, &Ready { ready, parts: shown }, text))
}

impl Part {
    fn of(Readiness { part, ready, why }: &Readiness) -> Self {
        Self { part: part.clone(), ready: *ready, why: why.clone() }
    }
}
