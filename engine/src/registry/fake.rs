//! A registry in the process, which answers as a test says and remembers what it was asked.

use super::{RegistryClient, RegistrySettings, manifest::digest_of};
use crate::{
    egress::Egress,
    testing::{Authority, tls::TlsListener},
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Response, StatusCode, header},
    serve::Listener,
};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;

type Answering = dyn Fn(&Asked) -> Response<Body> + Send + Sync;

/// A request as it was received.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    /// Path and query.
    pub(super) path: String,
    pub(super) accept: String,
    pub(super) authorization: Option<String>,
}

struct Shared {
    answering: Box<Answering>,
    asked: Mutex<Vec<Asked>>,
}

/// The registry.
pub(super) struct Fake {
    shared: Arc<Shared>,
    pub(super) url: String,
}

impl Fake {
    pub(super) async fn start(answering: impl Fn(&Asked) -> Response<Body> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        Self::serve(listener, url, answering)
    }

    /// With a certificate from this authority.
    pub(super) async fn over_tls(
        authority: &Authority,
        answering: impl Fn(&Asked) -> Response<Body> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("https://{}", listener.local_addr().expect("an address"));
        Self::serve(TlsListener::new(listener, &authority.identity("127.0.0.1"), None), url, answering)
    }

    fn serve<L>(listener: L, url: String, answering: impl Fn(&Asked) -> Response<Body> + Send + Sync + 'static) -> Self
    where
        L: Listener,
        L::Addr: std::fmt::Debug,
    {
        let shared = Arc::new(Shared { answering: Box::new(answering), asked: Mutex::default() });
        let app = Router::new().fallback(answer).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { shared, url }
    }

    pub(super) fn client(&self) -> RegistryClient {
        client(&self.url, Egress::default())
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A client with credentials.
pub(super) fn client(url: &str, egress: Egress) -> RegistryClient {
    let settings = RegistrySettings {
        url: url.to_owned(),
        kind: types::registry::RegistryType::Oci,
        username: Some("ci".to_owned()),
        password: Some("secret".to_owned().into()),
        ca_pem: None,
        egress: Arc::new(egress),
    };
    RegistryClient::new(settings).expect("a client")
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let asked = Asked {
        method: request.method().to_string(),
        path: request.uri().to_string(),
        accept: text(header::ACCEPT).unwrap_or_default(),
        authorization: text(header::AUTHORIZATION),
    };
    shared.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
    (shared.answering)(&asked)
}

/// An answer with headers.
pub(super) fn reply(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response<Body> {
    let start = Response::builder().status(StatusCode::from_u16(status).expect("a status"));
    headers.iter().fold(start, |reply, (name, value)| reply.header(*name, *value)).body(body.into()).expect("an answer")
}

/// A manifest as registries send it.
pub(super) fn stored(media_type: &str, body: &str) -> Response<Body> {
    let digest = digest_of(body.as_bytes()).expect("a digest");
    reply(200, &[("content-type", media_type), ("docker-content-digest", digest.as_str())], body.to_owned())
}

/// Nothing there.
pub(super) fn missing() -> Response<Body> {
    reply(404, &[], r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#)
}
