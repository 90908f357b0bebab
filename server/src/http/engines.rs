use super::{
    Answer,
    extract::{Format, IfMatch, Json, MergePatch, PageQuery, Path},
};
use crate::{auth::Who, state::AppState};
use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use types::{
    Name, Page,
    cluster::Check,
    engine::{BuildEngine, DiscoveredEngine, EnginePatch, NewEngine, Pruned},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(discovered))
        .routes(routes!(show, change, remove))
        .routes(routes!(check))
        .routes(routes!(prune))
}

/// All build engines, by name.
#[utoipa::path(
    get,
    path = "/engines",
    tag = "engines",
    params(PageQuery),
    responses((status = 200, body = Page<BuildEngine>)),
)]
async fn list(State(app): State<AppState>, Who(who): Who, format: Format, page: PageQuery) -> Answer {
    let items = app.engine.engines(&who).await?;
    Ok(format.list(&page.cut("engines", items, |it| it.name.to_string())?))
}

/// Adds an build engine.
#[utoipa::path(
    post,
    path = "/engines",
    tag = "engines",
    request_body = NewEngine,
    responses((status = 201, body = BuildEngine), (status = 409, description = "`exists`")),
)]
async fn create(State(app): State<AppState>, Who(who): Who, format: Format, Json(new): Json<NewEngine>) -> Answer {
    let made = app.engine.create_engine(&who, new).await?;
    Ok(format.created(&app.web.api_path(&format!("/engines/{}", made.value.name)), &made))
}

/// Sockets that the server itself found.
#[utoipa::path(
    get,
    path = "/engines/discovered",
    tag = "engines",
    params(PageQuery),
    responses((status = 200, body = Page<DiscoveredEngine>)),
)]
async fn discovered(State(app): State<AppState>, Who(who): Who, format: Format, page: PageQuery) -> Answer {
    let items = app.engine.discovered_engines(&who).await?;
    Ok(format.list(&page.cut("engines/discovered", items, |it| it.url.clone())?))
}

/// One build engine.
#[utoipa::path(
    get,
    path = "/engines/{engine}",
    tag = "engines",
    responses((status = 200, body = BuildEngine, headers(("ETag" = String)))),
)]
async fn show(State(app): State<AppState>, Who(who): Who, format: Format, Path(name): Path<Name>) -> Answer {
    Ok(format.revised(&app.engine.engine(&who, &name).await?))
}

/// Changes the members that are given.
#[utoipa::path(
    patch,
    path = "/engines/{engine}",
    tag = "engines",
    params(IfMatch),
    request_body(content = EnginePatch, content_type = "application/merge-patch+json"),
    responses((status = 200, body = BuildEngine, headers(("ETag" = String)))),
)]
async fn change(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(name): Path<Name>,
    IfMatch(read): IfMatch,
    MergePatch(patch): MergePatch<EnginePatch>,
) -> Answer {
    Ok(format.revised(&app.engine.patch_engine(&who, &name, read, patch).await?))
}

/// Removes an build engine.
#[utoipa::path(
    delete,
    path = "/engines/{engine}",
    tag = "engines",
    responses((status = 204), (status = 409, description = "`in_use`: `users` names what uses it")),
)]
async fn remove(State(app): State<AppState>, Who(who): Who, Path(name): Path<Name>) -> Answer {
    app.engine.delete_engine(&who, &name).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Asks the build engine now: whether it answers, its version.
#[utoipa::path(post, path = "/engines/{engine}/check", tag = "engines", responses((status = 200, body = Check)))]
async fn check(State(app): State<AppState>, Who(who): Who, format: Format, Path(name): Path<Name>) -> Answer {
    Ok(format.one(&app.engine.check_engine(&who, &name).await?))
}

/// Frees disk now, by the engine's rule; without one, all dangling images and all build cache that nothing uses.
#[utoipa::path(
    post,
    path = "/engines/{engine}/prune",
    tag = "engines",
    responses((status = 200, body = Pruned), (status = 503, description = "`engine_unreachable`")),
)]
async fn prune(State(app): State<AppState>, Who(who): Who, format: Format, Path(name): Path<Name>) -> Answer {
    Ok(format.one(&app.engine.prune_engine(&who, &name).await?))
}
