//! Signing in and out, over REST: its handler alone knows how a session's cookie is written.

use super::Answer;
use gloo_net::http::{Request, Response};
use serde::Serialize;
use types::{
    ApiError, ErrorCode,
    user::{SetUp, SignIn},
};

/// A one-time link that the server printed.
#[derive(Serialize)]
struct Link {
    link: String,
}

pub(crate) async fn sign_in(sign_in: SignIn) -> Answer<()> {
    post("/api/v1/session", &sign_in).await
}

pub(crate) async fn sign_in_by_link(secret: String) -> Answer<()> {
    post("/api/v1/session", &Link { link: secret }).await
}

pub(crate) async fn set_up(set_up: SetUp) -> Answer<()> {
    post("/api/v1/setup", &set_up).await
}

pub(crate) async fn sign_out() -> Answer<()> {
    read(Request::delete("/api/v1/session").send().await).await
}

async fn post(path: &str, body: &impl Serialize) -> Answer<()> {
    match Request::post(path).json(body) {
        Ok(request) => read(request.send().await).await,
        Err(error) => Err(ApiError::new(ErrorCode::Internal, error.to_string())),
    }
}

async fn read(sent: Result<Response, gloo_net::Error>) -> Answer<()> {
    let response = sent.map_err(|_| ApiError::new(ErrorCode::Stopping, crate::text::slipway_does_not_answer()))?;
    if response.ok() {
        return Ok(());
    }
    let problem = response.json::<ApiError>().await;
    Err(problem.unwrap_or_else(|_| ApiError::new(ErrorCode::Internal, crate::text::not_understood(response.status()))))
}
