use super::{
    Answer, Problem,
    extract::{Format, Json},
};
use crate::{auth::Who, middleware::Client, state::AppState};
use axum::{
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use engine::NewSession;
use http::{StatusCode, header::SET_COOKIE};
use serde::Deserialize;
use types::user::{Me, SetUp, SignIn};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(sign_in, sign_out)).routes(routes!(set_up)).routes(routes!(me))
}

/// Body of `POST /session`: name and password, or the secret of a one-time link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSessionBody {
    username: Option<String>,
    password: Option<String>,
    /// From the link that `slipway user sign-in-link` printed.
    link: Option<String>,
}

/// How somebody signs in.
enum Way {
    Password(SignIn),
    Link(String),
}

impl NewSessionBody {
    fn way(self) -> Result<Way, Problem> {
        let required = |field: &str| Problem::field(field, "is required");
        match self {
            Self { username: None, password: None, link: Some(link) } => Ok(Way::Link(link)),
            Self { link: Some(_), .. } => Err(Problem::field("link", "stands alone, without username and password")),
            Self { username, password, link: None } => {
                let username = username.ok_or_else(|| required("username"))?;
                Ok(Way::Password(SignIn { username, password: password.ok_or_else(|| required("password"))? }))
            }
        }
    }
}

/// Begins a session: the answer sets the cookie.
#[utoipa::path(
    post,
    path = "/session",
    tag = "session",
    security(()),
    request_body = NewSessionBody,
    responses(
        (status = 200, body = Me, headers(("Set-Cookie" = String))),
        (status = 401, description = "`unauthenticated`"),
        (status = 429, description = "`too_many`"),
    ),
)]
async fn sign_in(
    State(app): State<AppState>,
    client: Client,
    format: Format,
    Json(body): Json<NewSessionBody>,
) -> Answer {
    let session = match body.way()? {
        Way::Password(sign_in) => app.engine.sign_in(sign_in, client.address).await?,
        Way::Link(secret) => app.engine.sign_in_by_link(&secret, client.address).await?,
    };
    Ok(begun(&app, format, StatusCode::OK, &session))
}

/// Ends the session, if there is one, and removes the cookie.
#[utoipa::path(
    delete,
    path = "/session",
    tag = "session",
    security((), ("session" = [])),
    responses((status = 204)),
)]
async fn sign_out(State(app): State<AppState>, headers: HeaderMap) -> Answer {
    if let Some(cookie) = app.web.cookie.read(&headers) {
        app.engine.sign_out(&cookie).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, app.web.cookie.end())]).into_response())
}

/// Makes the first administrator, by the link that the server printed, and signs in.
#[utoipa::path(
    post,
    path = "/setup",
    tag = "session",
    security(()),
    request_body = SetUp,
    responses(
        (status = 201, body = Me, headers(("Set-Cookie" = String))),
        (status = 401, description = "`unauthenticated`"),
        (status = 429, description = "`too_many`"),
    ),
)]
async fn set_up(State(app): State<AppState>, client: Client, format: Format, Json(body): Json<SetUp>) -> Answer {
    let session = app.engine.set_up(body, client.address).await?;
    Ok(begun(&app, format, StatusCode::CREATED, &session))
}

/// Who asks, and what they may.
#[utoipa::path(get, path = "/me", tag = "session", responses((status = 200, body = Me)))]
async fn me(State(app): State<AppState>, Who(who): Who, format: Format) -> Answer {
    Ok(format.one(&app.engine.me(&who)))
}

fn begun(app: &AppState, format: Format, status: StatusCode, session: &NewSession) -> Response {
    let mut response = format.one(&app.engine.me(&session.principal));
    *response.status_mut() = status;
    response.headers_mut().insert(SET_COOKIE, app.web.cookie.begin(session));
    response
}
