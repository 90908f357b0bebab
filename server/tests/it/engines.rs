//! Build engines.

use crate::TestApp;
use engine::testing::{Authority, Identity};
use rstest::rstest;
use serde_json::{Value, json};

const ENGINES: &str = "/api/v1/engines";
/// Nothing listens there.
const NOBODY: &str = "unix:///nonexistent/engine.sock";

#[tokio::test]
async fn a_rule_for_pruning_comes_stays_and_goes() {
    let app = TestApp::new().await;
    let rule = json!({"keep_storage_bytes": 1_000_000, "until_hours": 48});
    let made = app.post(ENGINES, &json!({"name": "local", "url": NOBODY, "prune": rule})).await;
    assert_eq!((made.status.as_u16(), &made.json()["prune"]), (201, &rule), "{}", made.text);
    let patch = |etag: &str, body: Value| {
        app.ask("PATCH", &format!("{ENGINES}/local")).patch(&body).header("if-match", etag).send()
    };
    let other = patch(made.header("etag"), json!({"parallel_builds": 3})).await;
    assert_eq!((&other.json()["prune"], &other.json()["parallel_builds"]), (&rule, &json!(3)), "{}", other.text);
    let less = patch(other.header("etag"), json!({"prune": {"until_hours": 1}})).await;
    assert_eq!(less.json()["prune"], json!({"keep_storage_bytes": 0, "until_hours": 1}), "{}", less.text);
    let none = patch(less.header("etag"), json!({"prune": null})).await;
    assert_eq!(none.json()["prune"], Value::Null, "{}", none.text);
}

#[tokio::test]
async fn pruning_an_engine_that_does_not_answer_says_so() {
    let app = TestApp::new().await;
    assert_eq!(app.post(ENGINES, &json!({"name": "local", "url": NOBODY})).await.status, 201);
    let problem = app.post(&format!("{ENGINES}/local/prune"), &json!({})).await.is_problem(503, "engine_unreachable");
    assert!(problem["detail"].as_str().is_some_and(|why| why.contains("local")), "{problem}");
    app.post(&format!("{ENGINES}/nothing/prune"), &json!({})).await.is_problem(404, "not_found");
}

#[rstest]
#[case(json!({"url": "http://127.0.0.1:2375"}), "url")]
#[case(json!({"url": "unix://relative"}), "url")]
#[case(json!({"url": "tcp://host"}), "url")]
#[case(json!({"url": "tcp://127.0.0.1:2376", "ca": "no pem"}), "ca")]
#[case(json!({"url": "tcp://127.0.0.1:2376", "cert": "no pem"}), "ca")]
#[case(json!({"url": NOBODY, "parallel_builds": 0}), "parallel_builds")]
#[case(json!({"url": NOBODY, "prune": {"until_hours": 100_000}}), "prune.until_hours")]
#[case(json!({"url": NOBODY, "prune": {"keep": 1}}), "prune.keep")]
#[tokio::test]
async fn what_cannot_be_used_is_told_at_its_field(#[case] mut body: Value, #[case] field: &str) {
    let app = TestApp::new().await;
    body["name"] = json!("local");
    let problem = app.post(ENGINES, &body).await.is_problem(422, "invalid");
    assert_eq!(problem["fields"][0]["path"], field, "{problem}");
    app.get(&format!("{ENGINES}/local")).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_client_certificate_and_its_key_come_together_and_the_key_is_not_shown() {
    let app = TestApp::new().await;
    let authority = Authority::fresh();
    let Identity { cert, key } = authority.identity("client");
    let body = |cert: Option<&str>, key: Option<&str>| json!({"name": "local", "url": "tcp://127.0.0.1:1", "ca": authority.pem(), "cert": cert, "key": key});
    let field = |problem: Value| problem["fields"][0]["path"].as_str().unwrap_or_default().to_owned();
    let refused = app.post(ENGINES, &body(Some(&cert), None)).await.is_problem(422, "invalid");
    assert_eq!(field(refused), "key");
    let refused = app.post(ENGINES, &body(None, Some(&key))).await.is_problem(422, "invalid");
    assert_eq!(field(refused), "cert");
    let other = authority.identity("client").key;
    let refused = app.post(ENGINES, &body(Some(&cert), Some(&other))).await.is_problem(422, "invalid");
    assert_eq!(field(refused), "key");
    let made = app.post(ENGINES, &body(Some(&cert), Some(&key))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert!(!made.text.contains("PRIVATE KEY"));
    assert_eq!(made.json()["state"], "unreachable");
    let patch = app.ask("PATCH", &format!("{ENGINES}/local")).patch(&json!({"key": other}));
    let refused = patch.header("if-match", made.header("etag")).send().await.is_problem(422, "invalid");
    assert_eq!(field(refused), "key");
}
