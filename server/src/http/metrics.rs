use super::{Answer, Problem};
use crate::{auth::Who, state::AppState};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::header::CONTENT_TYPE;
use metrics_exporter_prometheus::PrometheusHandle;
use types::ErrorCode;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// Figures for Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "about",
    responses((status = 200, content_type = "text/plain; version=0.0.4", body = String)),
)]
async fn metrics(State(app): State<AppState>, Who(who): Who) -> Answer {
    app.engine.may_read(&who)?;
    match &app.web.metrics {
        Some(handle) => Ok(exposition(handle)),
        None => Err(Problem::new(ErrorCode::NotFound, "No figures are collected here.")),
    }
}

/// The figures in Prometheus's text format.
pub(crate) fn exposition(handle: &PrometheusHandle) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response()
}
