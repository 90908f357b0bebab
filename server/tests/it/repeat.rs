//! Build runs of another flow than the build's own: repeated, edited for one run, one step tried. The engine does not
//! answer here, so that they stay queued.

use crate::TestApp;
use serde_json::{Value, json};

const BUILD: &str = "/api/v1/builds/web";

fn steps(url: &str) -> Value {
    json!([
        {"type": "git", "name": "source", "url": url, "credentials": {"username": "ci", "password": "hush-hush"}},
        {"type": "script", "name": "lint", "image": "registry.example/tools:1", "script": "make lint",
            "environment": {"CHANNEL": "${param:CHANNEL}"}},
        {"type": "image", "name": "image"},
    ])
}

fn build(url: &str) -> Value {
    json!({"name": "web", "registry": "hub", "repository": "web", "engine": "local", "tag_rule": {"type": "typed"},
        "params": {"CHANNEL": {"default": null}, "LEVEL": {"default": "1"}}, "steps": steps(url)})
}

pub(crate) async fn with_build() -> TestApp {
    let app = TestApp::new().await;
    let registry = json!({"name": "hub", "url": "http://127.0.0.1:1"});
    assert_eq!(app.post("/api/v1/registries", &registry).await.status, 201);
    let engine = json!({"name": "local", "type": "docker", "url": "tcp://127.0.0.1:1"});
    assert_eq!(app.post("/api/v1/engines", &engine).await.status, 201);
    let made = app.post("/api/v1/builds", &build("https://git.example/web.git")).await;
    assert_eq!(made.status, 201, "{}", made.text);
    app
}

pub(crate) async fn start(app: &TestApp, body: Value) -> Value {
    let started = app.post(&format!("{BUILD}/runs"), &body).await;
    assert_eq!(started.status, 202, "{}", started.text);
    started.json()
}

async fn flow(app: &TestApp, run: &Value) -> Value {
    app.get(&format!("{BUILD}/runs/{}/flow", run["number"])).await.json()
}

async fn cancel(app: &TestApp, run: &Value) {
    let cancelled = app.post(&format!("{BUILD}/runs/{}/cancel", run["number"]), &json!({})).await;
    assert_eq!(cancelled.json()["status"], "canceled", "{}", cancelled.text);
}

/// The path of the first field that is wrong.
async fn refused(app: &TestApp, path: &str, body: Value) -> String {
    let problem = app.post(&format!("{BUILD}/{path}"), &body).await.is_problem(422, "invalid");
    problem["fields"][0]["path"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_run_is_repeated_with_the_flow_and_the_parameters_that_it_had() {
    let app = with_build().await;
    let given = json!({"tag": "1.0", "reference": "v1", "build_args": {"A": "1"}, "no_cache": true,
        "params": {"CHANNEL": "beta"}});
    let first = start(&app, given).await;
    assert_eq!((&first["repeat_of"], &first["edited"]), (&json!(null), &json!(false)));
    let etag = app.get(BUILD).await.header("etag").to_owned();
    let change = app.ask("PUT", BUILD).json(&build("https://git.example/moved.git")).header("if-match", &etag);
    let changed = change.send().await;
    assert_eq!(changed.status, 200, "{}", changed.text);

    // Its tag is its own until it has come to nothing.
    let taken = json!({"repeat_of": 1, "tag": "1.0"});
    app.post(&format!("{BUILD}/runs"), &taken).await.is_problem(422, "tag_taken");
    cancel(&app, &first).await;
    let again = start(&app, json!({"repeat_of": 1, "params": {"LEVEL": "2"}})).await;
    assert_eq!((&again["repeat_of"], &again["tag"]), (&json!(1), &json!("1.0")));
    let params = json!({"reference": "v1", "tag": "1.0", "build_args": {"A": "1"}, "no_cache": true,
        "params": {"CHANNEL": "beta", "LEVEL": "2"}});
    assert_eq!(again["params"], params);
    let ran = flow(&app, &again).await;
    assert_eq!(ran, flow(&app, &first).await);
    assert_eq!(ran["steps"][0]["url"], "https://git.example/web.git");
    assert_eq!(ran["steps"][0]["credentials"]["password"], "***");

    assert_eq!(refused(&app, "runs", json!({"repeat_of": 9, "tag": "2.0"})).await, "repeat_of");
}

#[tokio::test]
async fn steps_of_one_run_are_checked_and_need_the_right_to_manage() {
    let app = with_build().await;
    let mut edited = steps("https://git.example/web.git");
    edited[0]["credentials"]["password"] = json!("***");
    edited[1]["script"] = json!("make test");
    let body = json!({"tag": "1.0", "params": {"CHANNEL": "beta"}, "steps": edited});
    let run = start(&app, body).await;
    assert_eq!((&run["edited"], &flow(&app, &run).await["steps"][1]["script"]), (&json!(true), &json!("make test")));
    assert_eq!(app.get(BUILD).await.json()["steps"][1]["script"], "make lint");

    let made =
        app.post("/api/v1/tokens", &json!({"name": "narrow", "scopes": ["read", "build:builds/web"]})).await.json();
    let token = format!("Bearer {}", made["token"].as_str().expect("a secret"));
    let ask = |body: &Value| {
        app.ask("POST", &format!("{BUILD}/runs")).json(body).without_token().header("authorization", &token)
    };
    let edits = json!({"tag": "2.0", "params": {"CHANNEL": "beta"}, "steps": edited});
    ask(&edits).send().await.is_problem(403, "forbidden");
    let plain = json!({"tag": "2.0", "params": {"CHANNEL": "beta"}});
    assert_eq!(ask(&plain).send().await.status, 202);

    edited[1]["script"] = json!("");
    assert_eq!(refused(&app, "runs", json!({"tag": "3.0", "steps": edited})).await, "steps[1].script");
    edited[0]["url"] = json!("https://evil.example/web.git");
    edited[1]["script"] = json!("x");
    let moved = app.post(&format!("{BUILD}/runs"), &json!({"tag": "3.0", "steps": edited})).await;
    moved.is_problem(422, "secret_required");
}

#[tokio::test]
async fn a_step_is_tried_beside_the_history() {
    let app = with_build().await;
    let lint = steps("https://git.example/web.git")[1].clone();
    let given = json!({"CHANNEL": "beta"});
    let started = app.post(&format!("{BUILD}/try"), &json!({"step": lint, "params": given})).await;
    assert_eq!(started.status, 202, "{}", started.text);
    let run = started.json();
    assert_eq!((&run["kind"], &run["tag"], &run["image"]), (&json!("try"), &json!(null), &json!(null)));
    assert_eq!(flow(&app, &run).await["steps"].as_array().map(Vec::len), Some(1));
    assert_eq!(app.get(&format!("{BUILD}/runs")).await.json()["items"], json!([]));
    assert_eq!(app.get("/api/v1/builds").await.json()["items"][0]["newest_run"], json!(null));

    let body = json!({"step": lint, "with_source": true, "params": given});
    let whole = app.post(&format!("{BUILD}/try"), &body).await.json();
    assert_eq!(flow(&app, &whole).await["steps"][0]["type"], "git");

    assert_eq!(refused(&app, "try", json!({"step": lint})).await, "params.CHANNEL");
    let mut wrong = lint.clone();
    wrong["script"] = json!("");
    assert_eq!(refused(&app, "try", json!({"step": wrong, "params": given})).await, "step.script");
    wrong["script"] = json!("x");
    wrong["environment"] = json!({"A": "${step:other.VALUE}"});
    assert_eq!(refused(&app, "try", json!({"step": wrong})).await, "step.environment.A");
}

#[tokio::test]
async fn of_tries_the_newest_ten_are_kept() {
    let app = with_build().await;
    let step = json!({"type": "image", "name": "image"});
    for _ in 0..12 {
        let run = app.post(&format!("{BUILD}/try"), &json!({"step": step})).await.json();
        cancel(&app, &run).await;
    }
    app.get(&format!("{BUILD}/runs/1")).await.is_problem(404, "not_found");
    assert_eq!(app.get(&format!("{BUILD}/runs/3")).await.json()["kind"], "try");
    let run = start(&app, json!({"tag": "1.0", "params": {"CHANNEL": "beta"}})).await;
    assert_eq!(run["number"], 13);
}
