//! `/api/v1/openapi.json`, and `/api/docs`, an explorer of it that loads nothing from elsewhere.

use crate::{
    auth::{Visitor, Who},
    http::{Path, Problem, not_found},
    openapi,
    state::AppState,
    ui::sign_in_path,
};
use axum::{
    Router,
    extract::State,
    http::Uri,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::{
    HeaderValue,
    header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
};
use std::sync::{Arc, LazyLock};
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::{Config, serve};

/// Icons of the explorer are data in its styles.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

static DOCUMENT: LazyLock<String> = LazyLock::new(openapi::document);

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/api/docs", get(front)).route("/api/docs/", get(index)).route("/api/docs/{*file}", get(file))
}

/// The document itself is part of the API.
pub(crate) fn api_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(document))
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "about", responses((status = 200, body = Object)))]
async fn document(_: Who) -> Response {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}

/// The files of the explorer name each other relative to the folder.
async fn front(State(app): State<AppState>) -> Redirect {
    Redirect::to(&format!("{}/api/docs/", app.web.url.prefix()))
}

async fn index(State(app): State<AppState>, visitor: Visitor, uri: Uri) -> Result<Response, Problem> {
    if visitor.0.is_none() {
        return Ok(Redirect::to(&sign_in_path(app.web.url.prefix(), &uri)).into_response());
    }
    explorer_file("index.html").await
}

async fn file(_: Who, Path(path): Path<String>) -> Result<Response, Problem> {
    explorer_file(&path).await
}

async fn explorer_file(path: &str) -> Result<Response, Problem> {
    let config = Config::from("../v1/openapi.json").validator_url("none").persist_authorization(false);
    let file = serve(path, Arc::new(config)).map_err(|why| engine::Error::Internal(why.to_string()))?;
    let Some(file) = file else { return Err(not_found().await) };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_str(&file.content_type).unwrap_or(HeaderValue::from_static("text/plain"))),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    let mut response = (headers, file.bytes.into_owned()).into_response();
    if file.gzpipped {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}
