use crate::TestApp;
use axum::{body::Body, http::Request};
use serde_json::json;
use server::WithoutPrefix;
use tower::ServiceExt;

#[tokio::test]
async fn stands_in_cookies_and_addresses() {
    let app = TestApp::at("https://example.com/slipway").await;
    let told = app.ask("POST", "/api/v1/session").without_token();
    let told = told.json(&json!({"username": "mina", "password": crate::app::PASSWORD})).send().await;
    let cookie = told.header("set-cookie");
    assert!(cookie.starts_with("__Secure-slipway=") && cookie.contains("; Path=/slipway;"), "{cookie}");
    assert!(
        cookie.contains("; Secure") && cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"),
        "{cookie}"
    );
    let made = app.post("/api/v1/registries", &json!({"name": "hub", "url": "http://127.0.0.1:1"})).await;
    assert_eq!(made.header("location"), "/slipway/api/v1/registries/hub", "{}", made.text);
    let service = WithoutPrefix::new(app.router(), "/slipway");
    for path in ["/slipway/healthz", "/healthz"] {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        assert_eq!(service.clone().oneshot(request).await.expect("an answer").status(), 200);
    }
}
