use crate::{
    TestApp,
    app::{PASSWORD, URL},
};
use serde_json::json;

#[tokio::test]
async fn the_first_administrator_is_made_once() {
    let (app, secret) = TestApp::fresh(URL).await;
    let set_up = |secret: &str, password: &str| {
        let body = json!({"secret": secret, "username": "mina", "password": password});
        app.ask("POST", "/api/v1/setup").without_token().json(&body).send()
    };
    set_up("wrong", PASSWORD).await.is_problem(401, "unauthenticated");
    set_up(&secret, "short").await.is_problem(422, "invalid");
    let made = set_up(&secret, PASSWORD).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json()["username"], "mina");
    let cookie = made.header("set-cookie");
    assert!(
        cookie.starts_with("slipway=") && cookie.contains("; HttpOnly") && cookie.contains("; Path=/;"),
        "{cookie}"
    );
    set_up(&secret, PASSWORD).await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn begins_and_ends() {
    let app = TestApp::new().await;
    let cookie = app.sign_in().await;
    let me = || app.ask("GET", "/api/v1/me").cookie(&cookie).send();
    assert_eq!(me().await.json()["username"], "mina");
    let out = app.ask("DELETE", "/api/v1/session").cookie(&cookie).header("origin", URL).send().await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    me().await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let app = TestApp::new().await;
    let secret = app.app.engine.sign_in_link("mina").await.expect("a link");
    let sign_in = || app.ask("POST", "/api/v1/session").without_token().json(&json!({"link": secret})).send();
    assert_eq!(sign_in().await.status, 200);
    sign_in().await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn wrong_names_and_wrong_passwords_look_the_same() {
    let app = TestApp::new().await;
    let sign_in = |username: &str, password: &str| {
        let body = json!({"username": username, "password": password});
        app.ask("POST", "/api/v1/session").without_token().header("x-request-id", "1").json(&body).send()
    };
    let unknown = sign_in("nobody", PASSWORD).await;
    let wrong = sign_in("mina", "not the password").await;
    unknown.is_problem(401, "unauthenticated");
    assert_eq!(unknown.json(), wrong.json());
    let body = json!({"username": "mina"});
    let told = app.ask("POST", "/api/v1/session").without_token().json(&body).send().await;
    assert_eq!(told.is_problem(422, "invalid")["fields"][0]["path"], "password");
}

#[tokio::test]
async fn too_many_tries_wait() {
    let app = TestApp::new().await;
    let body = json!({"username": "mina", "password": "not the password"});
    let mut told = None;
    for _ in 0..11 {
        told = Some(app.ask("POST", "/api/v1/session").without_token().json(&body).send().await);
    }
    let told = told.expect("an answer");
    told.is_problem(429, "too_many");
    assert!(told.header("retry-after").parse::<u64>().is_ok_and(|seconds| (1..=60).contains(&seconds)));
}

#[tokio::test]
async fn other_sites_cannot_use_it() {
    let app = TestApp::new().await;
    let cookie = app.sign_in().await;
    let with = |name: &str, value: &str| {
        let body = json!({"name": "x"});
        app.ask("POST", "/api/v1/tokens").cookie(&cookie).header(name, value).json(&body).send()
    };
    with("sec-fetch-site", "cross-site").await.is_problem(403, "cross_site");
    with("sec-fetch-site", "same-site").await.is_problem(403, "cross_site");
    with("origin", "https://evil.example").await.is_problem(403, "cross_site");
    with("x-nothing", "said").await.is_problem(403, "cross_site");
    assert_eq!(with("sec-fetch-site", "same-origin").await.status, 201);
    assert_eq!(with("origin", URL).await.status, 201);
    // Server functions are no exception.
    let told = app.ask("POST", "/api/ui/anything").cookie(&cookie).send().await;
    told.is_problem(403, "cross_site");
}
