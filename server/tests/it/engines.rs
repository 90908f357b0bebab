//! Build engines.

use crate::TestApp;
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
