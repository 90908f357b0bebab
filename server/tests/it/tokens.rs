use crate::TestApp;
use serde_json::json;

#[tokio::test]
async fn show_their_secret_once_and_end_at_once() {
    let app = TestApp::new().await;
    let made = app.post("/api/v1/tokens", &json!({"name": "ci", "scopes": ["read"]})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    let (id, secret) = (made["id"].as_str().expect("an id"), made["token"].as_str().expect("a secret"));
    assert!(secret.starts_with("slw_"));
    let list = app.get("/api/v1/tokens").await;
    assert!(list.text.contains(id) && !list.text.contains(secret));
    let bearer = format!("Bearer {secret}");
    let me = || app.ask("GET", "/api/v1/me").without_token().header("authorization", &bearer).send();
    assert_eq!(me().await.json()["token"], "ci");
    assert_eq!(app.ask("DELETE", &format!("/api/v1/tokens/{id}")).send().await.status, 204);
    me().await.is_problem(401, "unauthenticated");
    app.ask("DELETE", &format!("/api/v1/tokens/{id}")).send().await.is_problem(404, "not_found");
}

#[tokio::test]
async fn may_no_more_than_they_say() {
    let app = TestApp::new().await;
    let made = app.ask("POST", "/api/v1/tokens").header("accept", "text/plain");
    let made = made.json(&json!({"name": "reader", "scopes": ["read"]})).send().await;
    let secret = made.text.trim().to_owned();
    let bearer = format!("Bearer {secret}");
    let ask = |method: &str, path: &str| app.ask(method, path).without_token().header("authorization", &bearer);
    assert_eq!(ask("GET", "/api/v1/maps").send().await.status, 200);
    let body = json!({"name": "hub", "url": "http://127.0.0.1:1"});
    ask("POST", "/api/v1/registries").json(&body).send().await.is_problem(403, "forbidden");
    let body = json!({"name": "more", "scopes": ["admin"]});
    ask("POST", "/api/v1/tokens").json(&body).send().await.is_problem(422, "invalid");
}

#[tokio::test]
async fn are_listed_in_pages() {
    let app = TestApp::new().await;
    for name in ["a", "b", "c"] {
        assert_eq!(app.post("/api/v1/tokens", &json!({"name": name})).await.status, 201);
    }
    let mut names = Vec::new();
    let mut path = "/api/v1/tokens?limit=3".to_owned();
    loop {
        let page = app.get(&path).await.json();
        names.extend(page["items"].as_array().expect("items").iter().map(|it| it["name"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/v1/tokens?limit=3&cursor={cursor}");
    }
    assert_eq!(names, ["test", "a", "b", "c"]);
}
