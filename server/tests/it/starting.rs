//! Before the engine is up.

use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use server::Front;
use tower::Service;

#[tokio::test]
async fn is_alive_and_not_ready() {
    let mut front = Front::new();
    let mut ask = |path: &str| front.call(Request::get(path).body(Body::empty()).expect("a request"));
    assert_eq!(ask("/healthz").await.expect("an answer").status(), 200);
    for path in ["/readyz", "/api/v1/me", "/"] {
        let answer = ask(path).await.expect("an answer");
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["retry-after"], "1");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        let id = answer.headers()["x-request-id"].to_str().expect("text").to_owned();
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        let problem: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!((problem["code"].as_str(), problem["request_id"].as_str()), (Some("stopping"), Some(id.as_str())));
    }
}
