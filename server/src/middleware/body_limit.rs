use crate::http::Problem;
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, header::CONTENT_LENGTH},
    middleware::Next,
    response::Response,
};
use http_body_util::Limited;
use types::ErrorCode;

/// Most bytes of a body: the largest flow of steps with its scripts fits, a flood does not.
const BODY_MAX: usize = 1024 * 1024;

/// Layer: 413 for a body that says it is too large; one that does not say is cut off by its reader.
pub(crate) async fn limit_body(request: Request, next: Next) -> Result<Response, Problem> {
    if declared(request.headers()).is_some_and(|length| length > BODY_MAX as u64) {
        return Err(too_large());
    }
    let request = request.map(|body| Body::new(Limited::new(body, BODY_MAX)));
    Ok(next.run(request).await)
}

pub(crate) fn too_large() -> Problem {
    Problem::new(ErrorCode::TooLarge, format!("The body must not be larger than {BODY_MAX} bytes (1 MiB)."))
}

fn declared(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
