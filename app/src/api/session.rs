//! Signing in and out, over REST: its handler alone knows how a session's cookie is written.

use super::{Answer, ask};
use gloo_net::http::Method;
use serde::Serialize;
use types::user::{SetUp, SignIn};

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
    ask::send(Method::DELETE, "/api/v1/session".to_owned(), None, 1).await.map(drop)
}

async fn post(path: &str, body: &impl Serialize) -> Answer<()> {
    ask::post(path, ask::body(body)?, 1).await.map(drop)
}
