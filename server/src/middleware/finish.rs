//! The outermost layer: gives every request an id, a span, a log line and its figures, and writes
//! the body of a problem, so that each carries the id.

use crate::{http::Problem, telemetry};
use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use http::{HeaderValue, StatusCode};
use std::time::Instant;
use tracing::Instrument;

const REQUEST_ID: &str = "x-request-id";

/// Longest id of a request that is taken over.
const REQUEST_ID_MAX: usize = 64;

/// Layer.
pub(crate) async fn finish(mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers().get(REQUEST_ID));
    let header = HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("none"));
    // The pages read it from here for the errors that they show.
    request.headers_mut().insert(REQUEST_ID, header.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", id, %method, path = request.uri().path());
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = began.elapsed();
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        problem.write(&id, &mut response);
    }
    response.headers_mut().insert(REQUEST_ID, header);
    let status = response.status();
    span.in_scope(|| match status {
        StatusCode::INTERNAL_SERVER_ERROR => tracing::error!(status = status.as_u16(), ?took, "answered"),
        _ => tracing::debug!(status = status.as_u16(), ?took, "answered"),
    });
    telemetry::count_request(method.as_str(), &route, status.as_u16(), took);
    response
}

/// Takes over `[A-Za-z0-9-]{1,64}`, else makes one.
fn request_id(given: Option<&HeaderValue>) -> String {
    let good = |it: &&str| {
        (1..=REQUEST_ID_MAX).contains(&it.len()) && it.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
    };
    match given.and_then(|it| it.to_str().ok()).filter(good) {
        Some(id) => id.to_owned(),
        None => uuid::Uuid::now_v7().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::request_id;
    use http::HeaderValue;
    use rstest::rstest;

    #[rstest]
    #[case("ci-4711", true)]
    #[case("", false)]
    #[case("a b", false)]
    #[case("a_b", false)]
    #[case("12345678901234567890123456789012345678901234567890123456789012345", false)]
    fn takes_over_a_good_id(#[case] given: &'static str, #[case] good: bool) {
        assert_eq!(request_id(Some(&HeaderValue::from_static(given))) == given, good);
    }
}
