use super::SessionCookie;
use crate::{http::Problem, middleware::Client, state::AppState};
use axum::{extract::FromRequestParts, http::request::Parts};
use engine::{Engine, Principal};
use http::header::{AUTHORIZATION, HeaderMap};
use std::net::IpAddr;
use types::ErrorCode;

/// The one who asks, with what was shown, so that an open stream can ask again.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) who: Principal,
    shown: Shown,
    address: IpAddr,
}

/// What a request shows to say who asks.
#[derive(Clone)]
enum Shown {
    Session(String),
    Token(String),
}

/// Secrets do not reach a log.
impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Shown::Session(_) => "a session",
            Shown::Token(_) => "a token",
        })
    }
}

impl Caller {
    async fn of(engine: &Engine, shown: Shown, address: IpAddr) -> Result<Self, engine::Error> {
        let who = match &shown {
            Shown::Session(cookie) => engine.principal_of_session(cookie).await?,
            Shown::Token(token) => engine.principal_of_token(token, address).await?,
        };
        Ok(Self { who, shown, address })
    }

    /// The same caller, as of now; an error when session or token has ended.
    pub(crate) async fn again(&self, engine: &Engine) -> Result<Self, engine::Error> {
        Self::of(engine, self.shown.clone(), self.address).await
    }
}

/// A token goes before a cookie: a script that shows one means it.
fn shown(headers: &HeaderMap, cookie: &SessionCookie) -> Result<Shown, Problem> {
    let unauthenticated = || Problem::new(ErrorCode::Unauthenticated, "Sign in first.");
    match headers.get(AUTHORIZATION) {
        Some(value) => {
            let (scheme, token) = value.to_str().ok().and_then(|it| it.split_once(' ')).ok_or_else(unauthenticated)?;
            let bearer = scheme.eq_ignore_ascii_case("bearer");
            bearer.then(|| Shown::Token(token.trim().to_owned())).ok_or_else(unauthenticated)
        }
        None => cookie.read(headers).map(Shown::Session).ok_or_else(unauthenticated),
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let address = Client::of(&parts.extensions).address;
        let shown = shown(&parts.headers, &app.web.cookie)?;
        Ok(Caller::of(&app.engine, shown, address).await?)
    }
}

/// The principal who asks; requests of nobody are refused.
pub(crate) struct Who(pub(crate) Principal);

impl FromRequestParts<AppState> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        Ok(Who(Caller::from_request_parts(parts, app).await?.who))
    }
}

/// The one who asks, or nobody: for what anybody may ask, and signed-in callers get more of.
#[derive(Clone, Debug)]
pub(crate) struct Visitor(pub(crate) Option<Caller>);

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        match Caller::from_request_parts(parts, app).await {
            Ok(caller) => Ok(Visitor(Some(caller))),
            Err(problem) if problem.code() == ErrorCode::Unauthenticated => Ok(Visitor(None)),
            Err(problem) => Err(problem),
        }
    }
}
