use super::{
    Answer,
    extract::{Format, IfMatch, Json, MergePatch, PageQuery, Path},
};
use crate::{auth::Who, state::AppState};
use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use types::{
    Name, Page,
    cluster::{Check, Cluster, ClusterPatch, DiscoveredCluster, NewCluster},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(discovered))
        .routes(routes!(show, change, remove))
        .routes(routes!(check))
}

/// All clusters, by name.
#[utoipa::path(
    get,
    path = "/clusters",
    tag = "clusters",
    params(PageQuery),
    responses((status = 200, body = Page<Cluster>)),
)]
async fn list(State(app): State<AppState>, Who(who): Who, format: Format, page: PageQuery) -> Answer {
    let items = app.engine.clusters(&who).await?;
    Ok(format.list(&page.cut("clusters", items, |it| it.name.to_string())?))
}

/// Adds a cluster.
#[utoipa::path(
    post,
    path = "/clusters",
    tag = "clusters",
    request_body = NewCluster,
    responses((status = 201, body = Cluster), (status = 409, description = "`exists`")),
)]
async fn create(State(app): State<AppState>, Who(who): Who, format: Format, Json(new): Json<NewCluster>) -> Answer {
    let made = app.engine.create_cluster(&who, new).await?;
    Ok(format.created(&app.web.api_path(&format!("/clusters/{}", made.value.name)), &made))
}

/// Contexts of the server's own `KUBECONFIG` or its service account; none is touched until it is added.
#[utoipa::path(
    get,
    path = "/clusters/discovered",
    tag = "clusters",
    params(PageQuery),
    responses((status = 200, body = Page<DiscoveredCluster>)),
)]
async fn discovered(State(app): State<AppState>, Who(who): Who, format: Format, page: PageQuery) -> Answer {
    let items = app.engine.discovered_clusters(&who).await?;
    Ok(format.list(&page.cut("clusters/discovered", items, |it| it.context.clone())?))
}

/// One cluster.
#[utoipa::path(
    get,
    path = "/clusters/{cluster}",
    tag = "clusters",
    responses((status = 200, body = Cluster, headers(("ETag" = String)))),
)]
async fn show(State(app): State<AppState>, Who(who): Who, format: Format, Path(name): Path<Name>) -> Answer {
    Ok(format.revised(&app.engine.cluster(&who, &name).await?))
}

/// Changes the members that are given.
#[utoipa::path(
    patch,
    path = "/clusters/{cluster}",
    tag = "clusters",
    params(IfMatch),
    request_body(content = ClusterPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Cluster, headers(("ETag" = String)))),
)]
async fn change(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(name): Path<Name>,
    IfMatch(read): IfMatch,
    MergePatch(patch): MergePatch<ClusterPatch>,
) -> Answer {
    Ok(format.revised(&app.engine.patch_cluster(&who, &name, read, patch).await?))
}

/// Removes a cluster.
#[utoipa::path(
    delete,
    path = "/clusters/{cluster}",
    tag = "clusters",
    responses((status = 204), (status = 409, description = "`in_use`: `users` names what uses it")),
)]
async fn remove(State(app): State<AppState>, Who(who): Who, Path(name): Path<Name>) -> Answer {
    app.engine.delete_cluster(&who, &name).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Asks the cluster now: whether it answers, its version, and which rights are missing.
#[utoipa::path(post, path = "/clusters/{cluster}/check", tag = "clusters", responses((status = 200, body = Check)))]
async fn check(State(app): State<AppState>, Who(who): Who, format: Format, Path(name): Path<Name>) -> Answer {
    Ok(format.one(&app.engine.check_cluster(&who, &name).await?))
}
