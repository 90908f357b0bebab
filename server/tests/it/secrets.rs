//! Secrets: they go in and do not come out.

use crate::TestApp;
use serde_json::{Value, json};

const SECRETS: &str = "/api/v1/secrets";

async fn with_build() -> TestApp {
    let app = TestApp::new().await;
    let registry = json!({"name": "hub", "url": "http://127.0.0.1:1"});
    assert_eq!(app.post("/api/v1/registries", &registry).await.status, 201);
    let engine = json!({"name": "local", "type": "docker", "url": "tcp://127.0.0.1:1"});
    let made = app.post("/api/v1/engines", &engine).await;
    assert_eq!(made.status, 201, "{}", made.text);
    for name in ["web", "api"] {
        let build = json!({"name": name, "registry": "hub", "repository": name, "engine": "local",
            "tag_rule": {"type": "typed"}, "steps": [{"type": "image", "name": "image"}]});
        let made = app.post("/api/v1/builds", &build).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    app
}

async fn bearer(app: &TestApp, scopes: &[&str]) -> String {
    let made = app.post("/api/v1/tokens", &json!({"name": "narrow", "scopes": scopes})).await.json();
    format!("Bearer {}", made["token"].as_str().expect("a secret"))
}

fn names(list: &Value) -> Vec<(&str, Option<&str>)> {
    let items = list["items"].as_array().expect("items");
    items.iter().map(|it| (it["name"].as_str().expect("a name"), it["build"].as_str())).collect()
}

#[tokio::test]
async fn are_set_listed_replaced_and_deleted_and_never_shown() {
    let app = with_build().await;
    let made = app.post(SECRETS, &json!({"name": "NPMRC", "value": "hush-hush", "build": "web"})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.header("location"), format!("{SECRETS}/NPMRC?build=web"));
    let of_all = app.post(SECRETS, &json!({"name": "NPMRC", "value": "hush-hush"})).await;
    assert_eq!((of_all.status.as_u16(), of_all.header("location")), (201, "/api/v1/secrets/NPMRC"));
    for build in [json!("web"), json!(null)] {
        let again = json!({"name": "NPMRC", "value": "other", "build": build});
        app.post(SECRETS, &again).await.is_problem(409, "exists");
    }
    let list = app.get(SECRETS).await;
    assert!(!made.text.contains("hush") && !of_all.text.contains("hush") && !list.text.contains("hush"));
    assert_eq!(names(&list.json()), [("NPMRC", None), ("NPMRC", Some("web"))]);
    assert_eq!(list.json()["items"][0]["by"], "test");
    assert_eq!(names(&app.get(&format!("{SECRETS}?build=web")).await.json()), [("NPMRC", Some("web"))]);

    let put = |path: &str, body: Value| app.ask("PUT", &format!("{SECRETS}/{path}")).json(&body).send();
    let replaced = put("NPMRC?build=web", json!({"value": "hush-again"})).await;
    assert_eq!((replaced.status.as_u16(), &replaced.json()["build"]), (200, &json!("web")), "{}", replaced.text);
    assert!(!replaced.text.contains("hush"));
    let whole = put("NPMRC", json!({"name": "NPMRC", "value": "x", "build": "web"})).await;
    assert_eq!(whole.json()["build"], "web", "{}", whole.text);
    let wrong = put("NPMRC?build=api", json!({"value": "x", "build": "web"})).await.is_problem(422, "invalid");
    assert_eq!(wrong["fields"][0]["path"], "build");
    put("NPMRC?build=api", json!({"value": "x"})).await.is_problem(404, "not_found");

    let delete = |path: &str| app.ask("DELETE", &format!("{SECRETS}/{path}")).send();
    assert_eq!(delete("NPMRC?build=web").await.status, 204);
    delete("NPMRC?build=web").await.is_problem(404, "not_found");
    assert_eq!(delete("NPMRC").await.status, 204);
    delete("not-a-name").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn of_a_build_need_manage_on_it_and_those_of_all_admin() {
    let app = with_build().await;
    for build in [json!("web"), json!("api"), json!(null)] {
        app.post(SECRETS, &json!({"name": "GIT", "value": "x", "build": build})).await;
    }
    let bearer = bearer(&app, &["read:builds/web", "manage:builds/web", "read:builds/api"]).await;
    let ask = |method: &str, path: &str| {
        let ask = app.ask(method, &format!("{SECRETS}{path}")).without_token();
        ask.header("authorization", &bearer).header("sec-fetch-site", "same-origin")
    };
    assert_eq!(names(&ask("GET", "").send().await.json()), [("GIT", Some("web"))]);
    ask("GET", "?build=api").send().await.is_problem(403, "forbidden");
    ask("GET", "?build=other").send().await.is_problem(404, "not_found");
    let value = json!({"value": "y"});
    assert_eq!(ask("PUT", "/GIT?build=web").json(&value).send().await.status, 200);
    ask("PUT", "/GIT?build=api").json(&value).send().await.is_problem(403, "forbidden");
    ask("PUT", "/GIT?build=other").json(&value).send().await.is_problem(404, "not_found");
    ask("PUT", "/GIT").json(&value).send().await.is_problem(403, "forbidden");
    ask("DELETE", "/NOTHING").send().await.is_problem(403, "forbidden");
    ask("POST", "").json(&json!({"name": "GIT", "value": "x"})).send().await.is_problem(403, "forbidden");
    assert_eq!(ask("DELETE", "/GIT?build=web").send().await.status, 204);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_without_repeating_the_value() {
    let app = TestApp::new().await;
    for (body, path) in [
        (json!({"name": "git", "value": "hush"}), "name"),
        (json!({"name": "GIT"}), "value"),
        (json!({"name": "GIT", "value": ""}), "value"),
        (json!({"name": "GIT", "value": "x".repeat(64 * 1024 + 1)}), "value"),
        (json!({"name": "GIT", "value": "hush\u{0}"}), "value"),
        (json!({"name": "GIT", "value": 987_654_321}), "value"),
        (json!({"name": "GIT", "value": "hush", "map": "shop"}), "map"),
    ] {
        let told = app.post(SECRETS, &body).await;
        let problem = told.is_problem(422, "invalid");
        assert_eq!(problem["fields"][0]["path"], path, "{problem}");
        assert!(!told.text.contains("hush") && !told.text.contains("987654321"), "{}", told.text);
    }
    app.post(SECRETS, &json!({"name": "GIT", "value": "x", "build": "other"})).await.is_problem(404, "not_found");
    let longest = json!({"name": "GIT", "value": "x".repeat(64 * 1024)});
    assert_eq!(app.post(SECRETS, &longest).await.status, 201);
}

#[tokio::test]
async fn an_engine_that_was_never_reached_refuses_nothing() {
    let app = with_build().await;
    let step = json!({"type": "image", "name": "image", "secrets": {"npmrc": "a"},
        "platforms": ["linux/amd64", "linux/arm64"], "cache_from": ["127.0.0.1:1/cached:a"],
        "cache_to": ["127.0.0.1:1/cached:a"]});
    let build = |name: &str, step: &Value| {
        json!({"name": name, "registry": "hub", "repository": name, "engine": "local",
            "tag_rule": {"type": "typed"}, "steps": [step]})
    };
    let made = app.post("/api/v1/builds", &build("cached", &step)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let mut elsewhere = step;
    elsewhere["cache_to"] = json!(["127.0.0.1:1/web:a", "r.example/web:a"]);
    let refused = app.post("/api/v1/builds", &build("other", &elsewhere)).await.is_problem(422, "invalid");
    let wrong: Vec<&Value> = refused["fields"].as_array().expect("fields").iter().map(|field| &field["path"]).collect();
    assert_eq!(wrong, ["steps[0].cache_to[0]", "steps[0].cache_to[1]"], "{refused:#}");
}
