//! Configurable things: registries stand for all.

use crate::TestApp;
use serde_json::json;

#[tokio::test]
async fn are_made_read_changed_and_removed() {
    let app = TestApp::new().await;
    let body = json!({"name": "hub", "url": "http://127.0.0.1:1", "username": "ci", "password": "hunter2hunter2"});
    let made = app.post("/api/v1/registries", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.header("location"), "/api/v1/registries/hub");
    assert!(!made.text.contains("hunter2") && made.json()["has_password"] == true);
    app.post("/api/v1/registries", &body).await.is_problem(409, "exists");

    let read = app.get("/api/v1/registries/hub").await;
    let etag = read.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag == made.header("etag"), "{etag}");

    let change = || app.ask("PATCH", "/api/v1/registries/hub").patch(&json!({"pull_hosts": ["a.example"]}));
    change().send().await.is_problem(428, "precondition_required");
    change().header("if-match", "\"999\"").send().await.is_problem(412, "changed_meanwhile");
    let changed = change().header("if-match", &etag).send().await;
    assert_eq!((changed.status.as_u16(), &changed.json()["pull_hosts"]), (200, &json!(["a.example"])));
    assert_ne!(changed.header("etag"), etag);
    change().header("if-match", &etag).send().await.is_problem(412, "changed_meanwhile");
    let wrong = app.ask("PATCH", "/api/v1/registries/hub").json(&json!({})).header("if-match", &etag);
    wrong.send().await.is_problem(415, "unsupported_media_type");

    assert_eq!(app.ask("DELETE", "/api/v1/registries/hub").send().await.status, 204);
    app.get("/api/v1/registries/hub").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn names_are_checked() {
    let app = TestApp::new().await;
    let body = json!({"name": "Not A Name", "url": "http://127.0.0.1:1"});
    let problem = app.post("/api/v1/registries", &body).await.is_problem(422, "invalid");
    assert_eq!(problem["fields"][0]["path"], "name");
}

#[tokio::test]
async fn foreign_and_missing_look_the_same() {
    let app = TestApp::new().await;
    for path in [
        "/api/v1/maps/nothing",
        "/api/v1/maps/nothing/tasks",
        "/api/v1/builds/nothing",
        "/api/v1/builds/nothing/runs/1/log",
        "/api/v1/runs/01990000-0000-7000-8000-000000000000",
        "/api/v1/runs/01990000-0000-7000-8000-000000000000/events",
        "/api/v1/runs/01990000-0000-7000-8000-000000000000/items/1/log.txt",
    ] {
        app.get(path).await.is_problem(404, "not_found");
    }
    let told = app.post("/api/v1/maps/nothing/runs?wait=settled", &json!({"batch": true})).await;
    told.is_problem(404, "not_found");
}

#[tokio::test]
async fn keys_of_repeats_are_checked() {
    let app = TestApp::new().await;
    let start = app.ask("POST", "/api/v1/maps/nothing/runs").header("idempotency-key", &"x".repeat(256));
    let problem = start.json(&json!({"batch": true})).send().await.is_problem(422, "invalid");
    assert_eq!(problem["fields"][0]["path"], "Idempotency-Key");
}
