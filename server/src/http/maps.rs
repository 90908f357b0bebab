use super::{
    Answer,
    extract::{Format, IfMatch, Json, MergePatch, PageQuery, Path},
};
use crate::{auth::Who, state::AppState};
use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use types::{
    Name, Page,
    map::{MapPatch, MapSummary, NewMap, ServiceMap},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(show, change, remove))
}

/// All service maps, by name.
#[utoipa::path(
    get,
    path = "/maps",
    tag = "maps",
    params(PageQuery),
    responses((status = 200, body = Page<MapSummary>)),
)]
async fn list(State(app): State<AppState>, Who(who): Who, format: Format, page: PageQuery) -> Answer {
    let items = app.engine.maps(&who).await?;
    Ok(format.list(&page.cut("maps", items, |it| it.map.name.to_string())?))
}

/// Adds a service map.
#[utoipa::path(
    post,
    path = "/maps",
    tag = "maps",
    request_body = NewMap,
    responses((status = 201, body = ServiceMap), (status = 409, description = "`exists`")),
)]
async fn create(State(app): State<AppState>, Who(who): Who, format: Format, Json(new): Json<NewMap>) -> Answer {
    let made = app.engine.create_map(&who, new).await?;
    Ok(format.created(&app.web.api_path(&format!("/maps/{}", made.value.name)), &made))
}

/// One service map.
#[utoipa::path(
    get,
    path = "/maps/{map}",
    tag = "maps",
    responses((status = 200, body = ServiceMap, headers(("ETag" = String)))),
)]
async fn show(State(app): State<AppState>, Who(who): Who, format: Format, Path(name): Path<Name>) -> Answer {
    Ok(format.revised(&app.engine.map(&who, &name).await?))
}

/// Changes the members that are given.
#[utoipa::path(
    patch,
    path = "/maps/{map}",
    tag = "maps",
    params(IfMatch),
    request_body(content = MapPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, body = ServiceMap, headers(("ETag" = String)))),
)]
async fn change(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(name): Path<Name>,
    IfMatch(read): IfMatch,
    MergePatch(patch): MergePatch<MapPatch>,
) -> Answer {
    Ok(format.revised(&app.engine.patch_map(&who, &name, read, patch).await?))
}

/// Removes a service map.
#[utoipa::path(
    delete,
    path = "/maps/{map}",
    tag = "maps",
    responses((status = 204), (status = 409, description = "`in_use`: `users` names what uses it")),
)]
async fn remove(State(app): State<AppState>, Who(who): Who, Path(name): Path<Name>) -> Answer {
    app.engine.delete_map(&who, &name).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
