//! Slipway on a folder of its own, asked through its router without a port.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use server::{
    AppState, Web,
    config::{PublicUrl, SettingFlags, Settings, Values},
    router,
};
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;

pub(crate) const URL: &str = "http://127.0.0.1:8420";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// With this set, every test runs on a database of its own in PostgreSQL; otherwise on SQLite.
const ON_POSTGRES: &str = "SLIPWAY_TEST_POSTGRES";

async fn database_url() -> Option<String> {
    match std::env::var_os(ON_POSTGRES) {
        Some(_) => Some(engine::testing::postgres::database().await),
        None => None,
    }
}

/// See the module.
pub(crate) struct TestApp {
    pub(crate) app: AppState,
    router: Router,
    /// Of an administrator, `mina`.
    token: String,
    _folder: TempDir,
}

impl TestApp {
    /// With an administrator and a token.
    pub(crate) async fn new() -> Self {
        Self::at(URL).await
    }

    /// The same, reached from outside at `url`.
    pub(crate) async fn at(url: &str) -> Self {
        let (mut app, secret) = Self::fresh(url).await;
        let body = json!({"secret": secret, "username": "mina", "password": PASSWORD});
        let made = app.ask("POST", "/api/v1/setup").without_token().json(&body).send().await;
        assert_eq!(made.status, 201, "{}", made.text);
        let cookie = made.headers["set-cookie"].to_str().expect("text").split(';').next().expect("a pair").to_owned();
        let token = app.ask("POST", "/api/v1/tokens").without_token().cookie(&cookie).json(&json!({"name": "test"}));
        let token = token.header("sec-fetch-site", "same-origin").send().await;
        assert_eq!(token.status, 201, "{}", token.text);
        app.token = token.json()["token"].as_str().expect("a secret").to_owned();
        app
    }

    /// Without a user: with the secret of the set-up link.
    pub(crate) async fn fresh(url: &str) -> (Self, String) {
        // A second installation is the first one, and as good.
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = TempDir::new().expect("a folder");
        let data_dir = folder.path().display().to_string();
        let database_url = database_url().await;
        let environment = |name: &str| match name {
            "SLIPWAY_DATA_DIR" => Some(data_dir.clone()),
            "SLIPWAY_DATABASE_URL" => database_url.clone(),
            _ => None,
        };
        let values = Values::gather_from(&SettingFlags::default(), environment).expect("values");
        let url = PublicUrl::parse(url).expect("an address");
        let config = Settings::read(&values).expect("settings").for_engine(&url);
        let engine = engine::Engine::start(config).await.expect("an engine");
        let secret = engine.new_set_up_secret().await.expect("a database").expect("no user yet");
        let app = AppState { engine, web: Arc::new(Web::new(url, Vec::new(), None)) };
        let router = router(app.clone());
        (Self { app, router, token: String::new(), _folder: folder }, secret)
    }

    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// A request with the administrator's token.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask {
        let authorization = ("authorization".to_owned(), format!("Bearer {}", self.token));
        Ask {
            router: self.router.clone(),
            method: method.to_owned(),
            path: path.to_owned(),
            headers: vec![authorization],
            body: Body::empty(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Told {
        self.ask("GET", path).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Told {
        self.ask("POST", path).json(body).send().await
    }

    /// Signs in and gives the cookie as a browser sends it back.
    pub(crate) async fn sign_in(&self) -> String {
        let body = json!({"username": "mina", "password": PASSWORD});
        let told = self.ask("POST", "/api/v1/session").without_token().json(&body).send().await;
        assert_eq!(told.status, 200, "{}", told.text);
        told.headers["set-cookie"].to_str().expect("text").split(';').next().expect("a pair").to_owned()
    }
}

/// A request that is being put together.
pub(crate) struct Ask {
    router: Router,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Body,
}

impl Ask {
    pub(crate) fn without_token(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "authorization");
        self
    }

    pub(crate) fn cookie(self, cookie: &str) -> Self {
        self.without_token().header("cookie", cookie)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text("application/json", &body.to_string())
    }

    pub(crate) fn patch(self, body: &Value) -> Self {
        self.text("application/merge-patch+json", &body.to_string())
    }

    pub(crate) fn text(mut self, media_type: &str, body: &str) -> Self {
        self.body = Body::from(body.to_owned());
        self.header("content-type", media_type)
    }

    pub(crate) fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    pub(crate) async fn send(self) -> Told {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let answer = self.router.oneshot(request.body(self.body).expect("a request")).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Told { status: parts.status, headers: parts.headers, text }
    }
}

/// An answer.
pub(crate) struct Told {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|why| panic!("{why}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    /// Asserts a problem with this status and code, whole.
    pub(crate) fn is_problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], "about:blank");
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        assert!(problem["detail"].as_str().is_some_and(|it| !it.is_empty()), "{problem}");
        problem
    }
}
