//! History, rollback, undo, retry, holds, and the digests that they need: what the routes take and refuse.
//! What they do is tested in the engine, on a scripted cluster.

use crate::TestApp;
use serde_json::json;

const RUN: &str = "/api/v1/runs/01990000-0000-7000-8000-000000000000";
const TASK: &str = "/api/v1/maps/nothing/tasks/deployment/web/app";

#[tokio::test]
async fn what_is_not_there_has_no_way_back() {
    let app = TestApp::new().await;
    app.get(&format!("{TASK}/history")).await.is_problem(404, "not_found");
    app.get("/api/v1/maps/nothing/history").await.is_problem(404, "not_found");
    app.get(&format!("{TASK}/rollback")).await.is_problem(404, "not_found");
    let diff = format!("{TASK}/history/diff?from=01990000-0000-7000-8000-000000000000");
    app.get(&format!("{diff}&to=01990000-0000-7000-8000-000000000001")).await.is_problem(404, "not_found");
    assert_eq!(app.get(&diff).await.is_problem(422, "invalid")["fields"][0]["path"], "to");
    let to = json!({"to": {"run": "01990000-0000-7000-8000-000000000000"}});
    app.post(&format!("{TASK}/rollback"), &to).await.is_problem(404, "not_found");
    app.post(&format!("{RUN}/undo"), &json!({})).await.is_problem(404, "not_found");
    app.post(&format!("{RUN}/retry?wait=settled"), &json!({})).await.is_problem(404, "not_found");
    let hold = app.ask("PUT", &format!("{TASK}/hold")).json(&json!({"reason": "incident 7"})).send().await;
    hold.is_problem(404, "not_found");
    app.ask("DELETE", &format!("{TASK}/hold")).send().await.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_typo_starts_nothing() {
    let app = TestApp::new().await;
    for (path, body) in [
        (format!("{RUN}/undo"), json!({"forced": true})),
        (format!("{RUN}/retry"), json!({"notes": "x"})),
        (format!("{TASK}/rollback"), json!({"to": {"tag": "1.0"}})),
        (format!("{TASK}/rollback"), json!({"to": {"digest": "sha256:1"}})),
        (format!("{TASK}/rollback"), json!({})),
    ] {
        app.post(&path, &body).await.is_problem(422, "invalid");
    }
    let hold = app.ask("PUT", &format!("{TASK}/hold")).json(&json!({"until": null})).send().await;
    hold.is_problem(422, "invalid");
}

#[tokio::test]
async fn digests_are_told_whole_or_not_at_all() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/api/v1/digests").await.json(), json!({"items": [], "next_cursor": null}));
    let made = app.post("/api/v1/tokens", &json!({"name": "shop", "scopes": ["read:maps/shop"]})).await.json();
    let bearer = format!("Bearer {}", made["token"].as_str().expect("a secret"));
    let ask = app.ask("GET", "/api/v1/digests").without_token().header("authorization", &bearer);
    ask.send().await.is_problem(404, "not_found");
}
