use super::{
    Answer,
    extract::{Format, IfMatch, Json, PageQuery, Path},
};
use crate::{auth::Who, state::AppState};
use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use types::{
    Name, Page,
    build::{Build, BuildSummary, References},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, replace, remove))
        .routes(routes!(references))
}

/// All builds, by name, with how they do.
#[utoipa::path(
    get,
    path = "/builds",
    tag = "builds",
    params(PageQuery),
    responses((status = 200, body = Page<BuildSummary>)),
)]
async fn list(State(app): State<AppState>, Who(who): Who, format: Format, page: PageQuery) -> Answer {
    let items = app.engine.builds(&who).await?;
    Ok(format.list(&page.cut("builds", items, |it| it.name.to_string())?))
}

/// Adds a build with its flow of steps.
#[utoipa::path(
    post,
    path = "/builds",
    tag = "builds",
    request_body = Build,
    responses((status = 201, body = Build), (status = 409, description = "`exists`")),
)]
async fn create(State(app): State<AppState>, Who(who): Who, format: Format, Json(new): Json<Build>) -> Answer {
    let made = app.engine.create_build(&who, new).await?;
    Ok(format.created(&app.web.api_path(&format!("/builds/{}", made.value.name)), &made))
}

/// One build with its flow.
#[utoipa::path(
    get,
    path = "/builds/{build}",
    tag = "builds",
    responses((status = 200, body = Build, headers(("ETag" = String)))),
)]
async fn show(State(app): State<AppState>, Who(who): Who, format: Format, Path(name): Path<Name>) -> Answer {
    Ok(format.revised(&app.engine.build(&who, &name).await?))
}

/// Branches and tags of a build's first code repository.
#[utoipa::path(
    get,
    path = "/builds/{build}/references",
    tag = "builds",
    responses((status = 200, body = References)),
)]
async fn references(State(app): State<AppState>, Who(who): Who, format: Format, Path(name): Path<Name>) -> Answer {
    Ok(format.one(&app.engine.references(&who, &name).await?))
}

/// Replaces a build with its flow.
#[utoipa::path(
    put,
    path = "/builds/{build}",
    tag = "builds",
    params(IfMatch),
    request_body = Build,
    responses((status = 200, body = Build, headers(("ETag" = String)))),
)]
async fn replace(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(name): Path<Name>,
    IfMatch(read): IfMatch,
    Json(build): Json<Build>,
) -> Answer {
    Ok(format.revised(&app.engine.replace_build(&who, &name, read, build).await?))
}

/// Removes a build; its images stay in the registry.
#[utoipa::path(
    delete,
    path = "/builds/{build}",
    tag = "builds",
    responses((status = 204), (status = 409, description = "`in_use`: `users` names what uses it")),
)]
async fn remove(State(app): State<AppState>, Who(who): Who, Path(name): Path<Name>) -> Answer {
    app.engine.delete_build(&who, &name).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
