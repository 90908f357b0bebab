//! The queue of builds and their tags. The engine does not answer here, so that runs stay queued.

use crate::{
    TestApp,
    app::Told,
    repeat::{start, with_build},
};
use futures::future::join_all;
use serde_json::{Value, json};

const RUNS: &str = "/api/v1/builds/web/runs";
/// Runs that wait for an engine, at most.
const QUEUE: usize = 100;

fn typed(tag: &str) -> Value {
    json!({"tag": tag, "params": {"CHANNEL": "beta"}})
}

async fn rule(app: &TestApp, rule: Value) {
    let found = app.get("/api/v1/builds/web").await;
    let mut build = found.json();
    build["tag_rule"] = rule;
    let put = app.ask("PUT", "/api/v1/builds/web").json(&build).header("if-match", found.header("etag")).send().await;
    assert_eq!(put.status, 200, "{}", put.text);
}

/// As many starts at once.
async fn race(app: &TestApp, runners: usize, body: &Value) -> Vec<Told> {
    join_all((0..runners).map(|_| app.post(RUNS, body))).await
}

#[tokio::test]
async fn of_runs_that_race_for_a_tag_one_gets_it_and_a_cancelled_one_frees_it() {
    let app = with_build().await;
    let body = typed("1.0");
    let told = race(&app, 8, &body).await;
    let (started, refused): (Vec<_>, Vec<_>) = told.into_iter().partition(|told| told.status == 202);
    assert_eq!((started.len(), refused.len()), (1, 7));
    for told in refused {
        told.is_problem(422, "tag_taken");
    }
    let number = started[0].json()["number"].clone();
    let cancelled = app.post(&format!("{RUNS}/{number}/cancel"), &json!({})).await;
    assert_eq!(cancelled.json()["status"], "canceled", "{}", cancelled.text);
    assert_eq!(start(&app, body).await["tag"], "1.0");
}

#[tokio::test]
async fn automatic_tags_never_meet() {
    let app = with_build().await;
    rule(&app, json!({"type": "sequence", "prefix": "1.0-"})).await;
    let body = json!({"params": {"CHANNEL": "beta"}});
    let mut tags: Vec<String> = Vec::new();
    for told in race(&app, 6, &body).await {
        assert_eq!(told.status, 202, "{}", told.text);
        tags.push(told.json()["tag"].as_str().unwrap_or_default().to_owned());
    }
    tags.sort();
    assert_eq!(tags, ["1.0-00001", "1.0-00002", "1.0-00003", "1.0-00004", "1.0-00005", "1.0-00006"]);

    rule(&app, json!({"type": "datetime", "prefix": ""})).await;
    let (first, second) = (start(&app, body.clone()).await, start(&app, body).await);
    let of = |run: &Value| run["tag"].as_str().unwrap_or_default().to_owned();
    assert!(of(&first) < of(&second) && of(&first).len() == "YYYYMMDD-HHMMSS".len(), "{first:#} {second:#}");
}

#[tokio::test]
async fn who_waits_knows_its_place_and_one_too_many_is_refused() {
    let app = with_build().await;
    for n in 1..=QUEUE {
        let run = start(&app, typed(&n.to_string())).await;
        assert_eq!((&run["status"], &run["queue_position"]), (&json!("queued"), &json!(n)), "{run:#}");
    }
    app.post(RUNS, &typed("too-many")).await.is_problem(429, "queue_full");
    let cancelled = app.post(&format!("{RUNS}/1/cancel"), &json!({})).await;
    assert_eq!(cancelled.json()["status"], "canceled", "{}", cancelled.text);
    assert_eq!(app.get(&format!("{RUNS}/2")).await.json()["queue_position"], 1);
    assert_eq!(start(&app, typed("next")).await["queue_position"], QUEUE);
}

#[tokio::test]
async fn what_waits_is_not_deleted_and_neither_is_its_build() {
    let app = with_build().await;
    start(&app, typed("1.0")).await;
    let delete = async |path: &str| app.ask("DELETE", path).send().await;
    delete(&format!("{RUNS}/1")).await.is_problem(409, "in_use");
    delete("/api/v1/builds/web").await.is_problem(409, "in_use");
    app.post(&format!("{RUNS}/1/cancel"), &json!({})).await;
    assert_eq!(delete(&format!("{RUNS}/1")).await.status, 204);
    assert_eq!(delete("/api/v1/builds/web").await.status, 204);
}
