//! Registries, and what of them cannot be used.

use crate::{
    TestApp,
    repeat::with_build,
    shop::{Shop, image},
};
use engine::testing::registry::Shelf;
use rstest::rstest;
use serde_json::{Value, json};

const REGISTRIES: &str = "/api/v1/registries";
const ECR: &str = "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com";

#[rstest]
#[case(json!({"url": "ftp://registry.example"}), "url")]
#[case(json!({"url": "https://registry.example", "ca": "no pem"}), "ca")]
#[case(json!({"url": "https://registry.example", "type": "ecr"}), "url")]
#[case(json!({"url": ECR, "type": "ecr"}), "username")]
#[case(json!({"url": ECR, "type": "ecr", "username": "AKIDEXAMPLE"}), "password")]
#[case(json!({"url": ECR, "type": "acr"}), "type")]
#[tokio::test]
async fn what_cannot_be_used_is_told_at_its_field(#[case] mut body: Value, #[case] field: &str) {
    let app = TestApp::new().await;
    body["name"] = json!("hub");
    let problem = app.post(REGISTRIES, &body).await.is_problem(422, "invalid");
    assert_eq!(problem["fields"][0]["path"], field, "{problem}");
    app.get(&format!("{REGISTRIES}/hub")).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_registry_says_its_type() {
    let app = TestApp::new().await;
    let made = app.post(REGISTRIES, &json!({"name": "hub", "url": "http://127.0.0.1:1"})).await;
    assert_eq!((made.status.as_u16(), &made.json()["type"]), (201, &json!("oci")), "{}", made.text);
}

#[tokio::test]
async fn a_check_names_the_right_that_is_missing_in_a_repository_of_a_build() {
    let (app, shelf) = (TestApp::new().await, Shelf::start().await);
    let made = app.post(REGISTRIES, &json!({"name": "hub", "url": shelf.url()})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let nothing = json!({});
    let check = || app.post("/api/v1/registries/hub/check", &nothing);
    let before = check().await.json();
    assert_eq!((&before["reachable"], &before["missing"]), (&json!(true), &json!([])), "{before}");
    let engine = json!({"name": "local", "url": "tcp://127.0.0.1:1"});
    assert_eq!(app.post("/api/v1/engines", &engine).await.status, 201);
    let build = json!({"name": "web", "registry": "hub", "repository": "shop/web", "engine": "local",
        "tag_rule": {"type": "typed"}, "steps": [{"type": "image", "name": "image"}]});
    let made = app.post("/api/v1/builds", &build).await;
    assert_eq!(made.status, 201, "{}", made.text);
    // It takes no uploads.
    let checked = check().await.json();
    assert_eq!((&checked["reachable"], &checked["missing"]), (&json!(true), &json!(["push shop/web"])), "{checked}");
}

#[tokio::test]
async fn a_registry_says_where_it_is_used() {
    let shop = Shop::open().await;
    let host = image("a").split('/').next().unwrap_or_default().to_owned();
    let registry = json!({"name": "hub", "url": "http://127.0.0.1:1", "pull_hosts": [host]});
    let made = shop.app.post(REGISTRIES, &registry).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let tasks = ["maps/shop/tasks/deployment/api/app", "maps/shop/tasks/deployment/web/app"];
    assert_eq!(made.json()["used_by"], json!(tasks), "{}", made.text);

    let app = with_build().await;
    let hub = format!("{REGISTRIES}/hub");
    let used = app.get(&hub).await;
    assert_eq!(used.json()["used_by"], json!(["builds/web"]));
    let problem = app.ask("DELETE", &hub).send().await.is_problem(409, "in_use");
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains("builds/web")), "{problem}");
}
