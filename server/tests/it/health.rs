use crate::TestApp;

#[tokio::test]
async fn names_its_parts_to_the_signed_in_alone() {
    let app = TestApp::new().await;
    let told = app.ask("GET", "/readyz").without_token().send().await;
    assert_eq!((told.status.as_u16(), told.json()), (200, serde_json::json!({"ready": true})));
    let told = app.get("/readyz").await;
    assert!(told.json()["parts"].as_array().is_some_and(|parts| !parts.is_empty()), "{}", told.text);
    let told = app.ask("GET", "/healthz").without_token().send().await;
    assert_eq!((told.status.as_u16(), told.text.as_str()), (200, "ok\n"));
}

#[tokio::test]
async fn figures_need_a_right() {
    let app = TestApp::new().await;
    app.ask("GET", "/metrics").without_token().send().await.is_problem(401, "unauthenticated");
    // No recorder is installed in a test.
    app.get("/metrics").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn the_explorer_loads_nothing_from_elsewhere() {
    let app = TestApp::new().await;
    let told = app.get("/api/v1/openapi.json").await;
    assert_eq!(told.json(), serde_json::from_str::<serde_json::Value>(&server::document()).expect("JSON"));
    let page = app.get("/api/docs/").await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("http://") && !page.text.contains("https://"), "{}", page.text);
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(app.get("/api/docs/swagger-ui.css").await.status, 200);
    let initializer = app.get("/api/docs/swagger-initializer.js").await;
    assert!(initializer.text.contains("../v1/openapi.json"), "{}", initializer.text);
    let nobody = app.ask("GET", "/api/docs/").without_token().send().await;
    assert_eq!((nobody.status.as_u16(), nobody.header("location")), (303, "/sign-in?to=%2Fapi%2Fdocs%2F"));
}
