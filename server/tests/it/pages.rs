use crate::TestApp;

#[tokio::test]
async fn lead_to_the_sign_in_page_and_back() {
    let app = TestApp::new().await;
    let browse = |path: &str| app.ask("GET", path).without_token().header("accept", "text/html").send();
    let told = browse("/maps/shop/pipeline?v=deployment/web/app~tag~1").await;
    assert_eq!(told.status, 303);
    assert_eq!(told.header("location"), "/sign-in?to=%2Fmaps%2Fshop%2Fpipeline%3Fv%3Ddeployment%2Fweb%2Fapp%7Etag%7E1");
    let told = browse("/no-such-page").await;
    assert_eq!(told.status, 303);
    assert_eq!(browse("/sign-in").await.status, 200);
}

#[tokio::test]
async fn run_only_scripts_that_came_with_them() {
    let app = TestApp::new().await;
    let cookie = app.sign_in().await;
    let told = app.ask("GET", "/").cookie(&cookie).header("accept", "text/html").send().await;
    assert_eq!(told.status, 200);
    let policy = told.header("content-security-policy");
    assert!(policy.contains("'wasm-unsafe-eval'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    let nonce = policy.split("'nonce-").nth(1).and_then(|it| it.split('\'').next()).expect("a nonce");
    for script in told.text.split("<script").skip(1) {
        let tag = script.split('>').next().expect("a tag");
        assert!(tag.contains(nonce), "a script without nonce: {tag}");
    }
    assert!(!told.text.contains(" style=\""), "a style within the page");
}

#[tokio::test]
async fn that_are_not_there_say_so() {
    let app = TestApp::new().await;
    let cookie = app.sign_in().await;
    let told = app.ask("GET", "/no-such-page").cookie(&cookie).header("accept", "text/html").send().await;
    assert_eq!(told.status, 404);
    assert!(told.header("content-type").starts_with("text/html"));
}
