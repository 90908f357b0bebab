use super::{
    Answer,
    extract::{Format, Json, Path, lines},
};
use crate::{auth::Who, state::AppState};
use axum::extract::State;
use http::StatusCode;
use types::{Name, plan::Plan, run::NewRun};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(plan))
}

/// What a run with this body would do; nothing does.
#[utoipa::path(
    post,
    path = "/maps/{map}/plan",
    tag = "runs",
    request_body = NewRun,
    responses((status = 200, body = Plan)),
)]
async fn plan(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(map): Path<Name>,
    Json(new): Json<NewRun>,
) -> Answer {
    let plan = app.engine.plan(&who, &map, new).await?;
    Ok(format.with(StatusCode::OK, &plan, || lines(&plan.items)))
}
