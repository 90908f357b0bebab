use super::{
    Answer,
    extract::{Format, Json, Path, Query, located, paged},
    lines::Line,
};
use crate::{auth::Who, state::AppState};
use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use serde::Deserialize;
use types::{
    Page,
    freeze::{Freeze, NewFreeze},
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(delete))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FreezesQuery {
    /// Most items of the answer.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Times in which maps take no runs, newest first; also those to come and those that are over.
#[utoipa::path(
    get,
    path = "/freezes",
    tag = "freezes",
    params(FreezesQuery),
    responses((status = 200, body = Page<Freeze>)),
)]
async fn list(State(app): State<AppState>, Who(who): Who, format: Format, Query(query): Query<FreezesQuery>) -> Answer {
    Ok(format.list(&app.engine.freezes(&who, paged(query.limit, query.cursor)?).await?))
}

/// Freezes maps: they take no runs; rollback and undo pass.
#[utoipa::path(
    post,
    path = "/freezes",
    tag = "freezes",
    request_body = NewFreeze,
    responses((status = 201, body = Freeze, headers(("Location" = String)))),
)]
async fn create(State(app): State<AppState>, Who(who): Who, format: Format, Json(new): Json<NewFreeze>) -> Answer {
    let made = app.engine.create_freeze(&who, new).await?;
    let location = app.web.api_path(&format!("/freezes/{}", made.id));
    Ok(located(format.with(StatusCode::CREATED, &made, || made.line()), &location))
}

/// Lifts a freeze.
#[utoipa::path(delete, path = "/freezes/{id}", tag = "freezes", responses((status = 204)))]
async fn delete(State(app): State<AppState>, Who(who): Who, Path(id): Path<Uuid>) -> Answer {
    app.engine.delete_freeze(&who, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
