use super::{
    Answer,
    extract::{Format, IfMatch, Json, MergePatch, PageQuery, Path, Query, paged},
};
use crate::{auth::Who, state::AppState};
use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use serde::Deserialize;
use types::{
    Name, Page,
    cluster::Check,
    registry::{NewRegistry, Registry, RegistryPatch, TagFacts},
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, remove))
        .routes(routes!(check))
        .routes(routes!(tags))
}

/// All registries, by name.
#[utoipa::path(
    get,
    path = "/registries",
    tag = "registries",
    params(PageQuery),
    responses((status = 200, body = Page<Registry>)),
)]
async fn list(State(app): State<AppState>, Who(who): Who, format: Format, page: PageQuery) -> Answer {
    let items = app.engine.registries(&who).await?;
    Ok(format.list(&page.cut("registries", items, |it| it.name.to_string())?))
}

/// Adds a registry.
#[utoipa::path(
    post,
    path = "/registries",
    tag = "registries",
    request_body = NewRegistry,
    responses((status = 201, body = Registry), (status = 409, description = "`exists`")),
)]
async fn create(State(app): State<AppState>, Who(who): Who, format: Format, Json(new): Json<NewRegistry>) -> Answer {
    let made = app.engine.create_registry(&who, new).await?;
    Ok(format.created(&app.web.api_path(&format!("/registries/{}", made.value.name)), &made))
}

/// One registry.
#[utoipa::path(
    get,
    path = "/registries/{registry}",
    tag = "registries",
    responses((status = 200, body = Registry, headers(("ETag" = String)))),
)]
async fn show(State(app): State<AppState>, Who(who): Who, format: Format, Path(name): Path<Name>) -> Answer {
    Ok(format.revised(&app.engine.registry(&who, &name).await?))
}

/// Changes the members that are given.
#[utoipa::path(
    patch,
    path = "/registries/{registry}",
    tag = "registries",
    params(IfMatch),
    request_body(content = RegistryPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Registry, headers(("ETag" = String)))),
)]
async fn change(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(name): Path<Name>,
    IfMatch(read): IfMatch,
    MergePatch(patch): MergePatch<RegistryPatch>,
) -> Answer {
    Ok(format.revised(&app.engine.patch_registry(&who, &name, read, patch).await?))
}

/// Removes a registry.
#[utoipa::path(
    delete,
    path = "/registries/{registry}",
    tag = "registries",
    responses((status = 204), (status = 409, description = "`in_use`: `users` names what uses it")),
)]
async fn remove(State(app): State<AppState>, Who(who): Who, Path(name): Path<Name>) -> Answer {
    app.engine.delete_registry(&who, &name).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Asks the registry now: whether it answers, takes the sign-in, and lets builds pull and push; `missing` as in
/// `push shop/web`.
#[utoipa::path(
    post,
    path = "/registries/{registry}/check",
    tag = "registries",
    responses((status = 200, body = Check)),
)]
async fn check(State(app): State<AppState>, Who(who): Who, format: Format, Path(name): Path<Name>) -> Answer {
    Ok(format.one(&app.engine.check_registry(&who, &name).await?))
}

/// Which tags.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TagsQuery {
    /// Without the host, as in `shop/web`.
    repository: String,
    /// Only tags that contain this.
    #[serde(default)]
    q: String,
    /// Most items of the answer.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Tags in natural order, newest version first, for type-ahead; facts that are not known are null.
#[utoipa::path(
    get,
    path = "/registries/{registry}/tags",
    tag = "registries",
    params(TagsQuery),
    responses((status = 200, body = Page<TagFacts>)),
)]
async fn tags(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(name): Path<Name>,
    Query(query): Query<TagsQuery>,
) -> Answer {
    let page = paged(query.limit, query.cursor)?;
    Ok(format.list(&app.engine.tags(&who, &name, &query.repository, &query.q, page).await?))
}
