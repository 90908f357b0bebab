//! What is true of every route.

use crate::TestApp;
use axum::body::Body;
use serde_json::json;

#[tokio::test]
async fn nobody_gets_anything_without_a_token() {
    let app = TestApp::new().await;
    let document: serde_json::Value = serde_json::from_str(&server::document()).expect("JSON");
    for (path, item) in document["paths"].as_object().expect("paths") {
        let path = path
            .replace("{number}", "1")
            .replace("{n}", "1")
            .replace("{kind}", "deployment")
            .replace("{run}", "01990000-0000-7000-8000-000000000000")
            .replace("{token}", "01990000-0000-7000-8000-000000000000");
        let path = path.replace(['{', '}'], "");
        for (method, operation) in item.as_object().expect("operations") {
            let open = operation["security"].as_array().is_some_and(|all| all.contains(&json!({})));
            if !open {
                let told = app.ask(&method.to_uppercase(), &path).without_token().send().await;
                told.is_problem(401, "unauthenticated");
                assert!(told.header("www-authenticate").starts_with("Bearer"));
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_token_is_no_token() {
    let app = TestApp::new().await;
    for value in ["Bearer slw_wrong", "Bearer", "Basic bWluYTp4", ""] {
        let told = app.ask("GET", "/api/v1/me").without_token().header("authorization", value).send().await;
        told.is_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let app = TestApp::new().await;
    app.get("/api/v1/nothing").await.is_problem(404, "not_found");
    app.get("/nothing").await.is_problem(404, "not_found");
    app.get("/api/v1/maps/nothing").await.is_problem(404, "not_found");
    app.get("/api/v1/maps/NOT%20A%20NAME").await.is_problem(404, "not_found");
    app.get("/api/v1/runs/not-an-id").await.is_problem(404, "not_found");
    app.get("/pkg/nothing.js").await.is_problem(404, "not_found");
    let told = app.ask("PUT", "/api/v1/maps").send().await;
    told.is_problem(405, "method_not_allowed");
    assert!(told.header("allow").contains("POST"), "{:?}", told.headers);
}

#[tokio::test]
async fn bodies_are_read_with_care() {
    let app = TestApp::new().await;
    let post = |media_type: &str, body: &str| app.ask("POST", "/api/v1/maps").text(media_type, body).send();
    post("application/json", "{rubbish").await.is_problem(400, "malformed");
    post("application/json", "\u{0}\u{1}").await.is_problem(400, "malformed");
    post("text/xml", "<a/>").await.is_problem(415, "unsupported_media_type");
    let told = post("application/json", r#"{"name": "shop", "clutser": "x"}"#).await;
    let problem = told.is_problem(422, "invalid");
    assert_eq!(problem["fields"][0]["path"], "clutser");
    let told = post("application/json", r#"{"name": 3}"#).await;
    assert_eq!(told.is_problem(422, "invalid")["fields"][0]["path"], "name");
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let app = TestApp::new().await;
    let large = "x".repeat(1024 * 1024 + 1);
    let said = app.ask("POST", "/api/v1/maps").text("application/json", &large);
    said.header("content-length", &large.len().to_string()).send().await.is_problem(413, "too_large");
    let chunks = futures::stream::iter(large.into_bytes().chunks(65_536).map(<[u8]>::to_vec).collect::<Vec<_>>());
    let chunks = futures::StreamExt::map(chunks, Ok::<_, std::io::Error>);
    let unsaid = app.ask("POST", "/api/v1/maps").header("content-type", "application/json");
    unsaid.body(Body::from_stream(chunks)).send().await.is_problem(413, "too_large");
}

#[tokio::test]
async fn queries_are_read_with_care() {
    let app = TestApp::new().await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("cursor=rubbish", "cursor"),
        ("limt=3", "limt"),
    ] {
        let problem = app.get(&format!("/api/v1/maps?{query}")).await.is_problem(422, "invalid");
        assert_eq!(problem["fields"][0]["path"], field, "{query}");
    }
    let wait = app.ask("GET", "/api/v1/runs/01990000-0000-7000-8000-000000000000?wait=settled&timeout_ms=600001");
    assert_eq!(wait.send().await.is_problem(422, "invalid")["fields"][0]["path"], "timeout_ms");
}

#[tokio::test]
async fn answers_take_the_form_that_is_asked_for() {
    let app = TestApp::new().await;
    let me = |accept: &'static str| app.ask("GET", "/api/v1/me").header("accept", accept).send();
    assert_eq!(me("*/*").await.header("content-type"), "application/json");
    let text = me("text/plain").await;
    assert!(text.header("content-type").starts_with("text/plain"));
    assert!(text.text.starts_with("mina\t") && text.text.ends_with('\n'), "{}", text.text);
    me("image/png").await.is_problem(406, "not_acceptable");
}

#[tokio::test]
async fn requests_have_an_id() {
    let app = TestApp::new().await;
    let told = app.ask("GET", "/api/v1/me").header("x-request-id", "ci-4711").send().await;
    assert_eq!(told.header("x-request-id"), "ci-4711");
    let told = app.ask("GET", "/api/v1/me").header("x-request-id", "not good").send().await;
    assert_eq!(told.header("x-request-id").len(), 36);
}

#[tokio::test]
async fn answers_are_kept_by_nobody_and_framed_by_nobody() {
    let app = TestApp::new().await;
    let told = app.get("/api/v1/me").await;
    assert_eq!(told.header("cache-control"), "no-store");
    assert_eq!(told.header("x-content-type-options"), "nosniff");
    assert_eq!(told.header("referrer-policy"), "same-origin");
    assert!(told.header("content-security-policy").contains("frame-ancestors 'none'"));
}

#[tokio::test]
async fn large_answers_are_compressed() {
    let app = TestApp::new().await;
    let ask = |path: &str| app.ask("GET", path).header("accept-encoding", "gzip, br").send();
    let document = ask("/api/v1/openapi.json").await;
    assert_eq!(document.header("content-encoding"), "br");
    assert!(document.header("vary").contains("accept-encoding"));
    assert_eq!(ask("/api/v1/me").await.header("content-encoding"), "");
}

#[tokio::test]
async fn while_stopping_nothing_new_is_taken() {
    let app = TestApp::new().await;
    app.app.web.stopping.cancel();
    let told = app.post("/api/v1/maps/shop/runs", &json!({"batch": true})).await;
    told.is_problem(503, "stopping");
    assert!(!told.header("retry-after").is_empty());
    assert_eq!(app.get("/readyz").await.status, 503);
    assert_eq!(app.get("/healthz").await.status, 200);
    assert_eq!(app.get("/api/v1/me").await.status, 200);
}
