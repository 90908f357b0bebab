use super::{
    Answer,
    extract::{Format, Json, Path, Query, located, paged},
    lines::Line,
};
use crate::{auth::Who, state::AppState};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use types::{
    Name, Page,
    plan::{StoredPlan, StoredPlanBrief},
    run::NewRun,
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(store, list)).routes(routes!(show))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PlansQuery {
    /// Most items of the answer.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct PlanPath {
    map: Name,
    id: Uuid,
}

/// Stores what a run with this body would do, for a link; nothing else happens.
#[utoipa::path(
    post,
    path = "/maps/{map}/plans",
    tag = "runs",
    request_body = NewRun,
    responses((status = 201, body = StoredPlan, headers(("Location" = String)))),
)]
async fn store(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(map): Path<Name>,
    Json(new): Json<NewRun>,
) -> Answer {
    let stored = app.engine.store_plan(&who, &map, new).await?;
    let location = app.web.api_path(&format!("/maps/{map}/plans/{}", stored.id));
    Ok(located(format.with(StatusCode::CREATED, &stored, || stored.line()), &location))
}

/// Stored plans of a map, newest first; each is kept for 90 days.
#[utoipa::path(
    get,
    path = "/maps/{map}/plans",
    tag = "runs",
    params(PlansQuery),
    responses((status = 200, body = Page<StoredPlanBrief>)),
)]
async fn list(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(map): Path<Name>,
    Query(query): Query<PlansQuery>,
) -> Answer {
    let page = paged(query.limit, query.cursor)?;
    Ok(format.list(&app.engine.stored_plans(&who, &map, page).await?))
}

/// A stored plan: as it was stored, as it is now, and whether the two differ.
#[utoipa::path(get, path = "/maps/{map}/plans/{id}", tag = "runs", responses((status = 200, body = StoredPlan)))]
async fn show(State(app): State<AppState>, Who(who): Who, format: Format, Path(path): Path<PlanPath>) -> Answer {
    let PlanPath { map, id } = path;
    Ok(format.one(&app.engine.stored_plan(&who, &map, id).await?))
}
