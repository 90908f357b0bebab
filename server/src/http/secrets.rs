use super::{
    Answer, Problem,
    extract::{Format, Json, PageQuery, Path, Query, located},
    lines::Line,
};
use crate::{auth::Who, state::AppState};
use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use serde::Deserialize;
use types::{
    Name, Page,
    secret::{NewSecret, Secret, SecretChange, SecretName},
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(replace, delete))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SecretsQuery {
    /// Only those of this build.
    build: Option<Name>,
    /// Most items of the answer.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OfBuild {
    /// The build whose secret it is; left out: the one of all builds.
    build: Option<Name>,
}

/// Secrets that the caller may manage, by name; their values are not part of it. Those of a build need `manage` on it,
/// those of all builds `admin`.
#[utoipa::path(
    get,
    path = "/secrets",
    tag = "secrets",
    params(SecretsQuery),
    responses((status = 200, body = Page<Secret>)),
)]
async fn list(State(app): State<AppState>, Who(who): Who, format: Format, Query(query): Query<SecretsQuery>) -> Answer {
    let SecretsQuery { build, limit, cursor } = query;
    let items = app.engine.secrets(&who, build.as_ref()).await?;
    let key = |it: &Secret| format!("{} {}", it.name, it.build.as_ref().map_or("", Name::as_str));
    Ok(format.list(&PageQuery::of(limit, cursor).cut("secrets", items, key)?))
}

/// Stores a value that steps use as `${secret:NAME}`: for one build, or for all.
#[utoipa::path(
    post,
    path = "/secrets",
    tag = "secrets",
    request_body = NewSecret,
    responses(
        (status = 201, body = Secret, headers(("Location" = String))),
        (status = 409, description = "`exists`"),
    ),
)]
async fn create(State(app): State<AppState>, Who(who): Who, format: Format, Json(new): Json<NewSecret>) -> Answer {
    let made = app.engine.create_secret(&who, new).await?;
    let build = made.build.as_ref().map(|build| format!("?build={build}")).unwrap_or_default();
    let location = app.web.api_path(&format!("/secrets/{}{build}", made.name));
    Ok(located(format.with(StatusCode::CREATED, &made, || made.line()), &location))
}

/// Stores another value under the name.
#[utoipa::path(
    put,
    path = "/secrets/{name}",
    tag = "secrets",
    params(OfBuild),
    request_body = SecretChange,
    responses((status = 200, body = Secret)),
)]
async fn replace(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(name): Path<SecretName>,
    Query(of): Query<OfBuild>,
    Json(change): Json<SecretChange>,
) -> Answer {
    let build = same(change.build, of.build, "build")?;
    let name = same(change.name, Some(name.clone()), "name")?.unwrap_or(name);
    Ok(format.one(&app.engine.replace_secret(&who, &name, build, change.value).await?))
}

/// Forgets a value that no flow refers to.
#[utoipa::path(
    delete,
    path = "/secrets/{name}",
    tag = "secrets",
    params(OfBuild),
    responses((status = 204), (status = 409, description = "`in_use`: `users` names what refers to it")),
)]
async fn delete(
    State(app): State<AppState>,
    Who(who): Who,
    Path(name): Path<SecretName>,
    Query(of): Query<OfBuild>,
) -> Answer {
    app.engine.delete_secret(&who, &name, of.build).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What the body says again must be what the address says.
fn same<T: PartialEq>(body: Option<T>, address: Option<T>, field: &str) -> Result<Option<T>, Problem> {
    match (body, address) {
        (Some(body), Some(address)) if body != address => Err(Problem::field(field, "is not what the address says")),
        (body, address) => Ok(address.or(body)),
    }
}
