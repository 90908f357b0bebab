//! A registry in the process that holds images, for tests: put there, moved, taken away.

use super::manifest::digest_of;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Method, Response, StatusCode, header},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{net::TcpListener, task::JoinHandle};
use types::Digest;

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";

/// What is put into the registry; the rest of an image follows from it.
#[derive(Clone, Debug)]
pub struct Content {
    /// As in `amd64`.
    pub architecture: &'static str,
    /// The configuration as in `config` of an image: `Entrypoint`, `Labels`, …
    pub config: Value,
    pub layer_bytes: u64,
}

impl Default for Content {
    fn default() -> Self {
        Self { architecture: "amd64", config: json!({}), layer_bytes: 1000 }
    }
}

#[derive(Default)]
struct Inner {
    /// By repository and digest.
    manifests: BTreeMap<(String, String), String>,
    blobs: BTreeMap<(String, String), String>,
    tags: BTreeMap<(String, String), String>,
    /// Method and path of every request.
    asked: Vec<String>,
}

/// The registry; it ends when dropped.
pub struct Shelf {
    inner: Arc<Mutex<Inner>>,
    url: String,
    server: JoinHandle<()>,
}

impl Drop for Shelf {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shelf {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let inner = Arc::<Mutex<Inner>>::default();
        let router = Router::new().fallback(answer).with_state(inner.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        Self { inner, url, server }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Puts an image under a tag; the tag moves if it was another's.
    pub fn put(&self, repository: &str, tag: &str, content: &Content) -> Digest {
        let Content { architecture, config, layer_bytes } = content;
        // The tag is in it, so that two images are never the same by chance.
        let config = json!({"os": "linux", "architecture": architecture, "author": tag, "config": config}).to_string();
        let config_digest = digest_of(config.as_bytes()).expect("a digest").to_string();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": IMAGE,
            "config": {"digest": config_digest, "size": config.len()},
            "layers": [{"digest": format!("sha256:{}", "0".repeat(64)), "size": layer_bytes}],
        })
        .to_string();
        let digest = digest_of(manifest.as_bytes()).expect("a digest");
        let mut inner = lock(&self.inner);
        inner.blobs.insert((repository.to_owned(), config_digest), config);
        inner.manifests.insert((repository.to_owned(), digest.to_string()), manifest);
        inner.tags.insert((repository.to_owned(), tag.to_owned()), digest.to_string());
        digest
    }

    /// Takes a content away, with the tags that name it.
    pub fn remove(&self, repository: &str, digest: &Digest) {
        let mut inner = lock(&self.inner);
        inner.manifests.remove(&(repository.to_owned(), digest.to_string()));
        inner.tags.retain(|(of, _), named| of != repository || named != digest.as_str());
    }

    /// How many requests began so, as in `GET /v2/web/tags/list`.
    pub fn count(&self, start: &str) -> usize {
        lock(&self.inner).asked.iter().filter(|asked| asked.starts_with(start)).count()
    }
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(State(inner): State<Arc<Mutex<Inner>>>, request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let mut inner = lock(&inner);
    inner.asked.push(format!("{} {path}", request.method()));
    let Some(path) = path.strip_prefix("/v2/").filter(|path| !path.is_empty()) else {
        return found("application/json", "{}");
    };
    let head = request.method() == Method::HEAD;
    let told = if let Some(repository) = path.strip_suffix("/tags/list") {
        let tags: Vec<&String> = inner.tags.keys().filter(|(of, _)| of == repository).map(|(_, tag)| tag).collect();
        Some(found("application/json", &json!({"tags": tags}).to_string()))
    } else if let Some((repository, reference)) = path.split_once("/manifests/") {
        let by_tag = inner.tags.get(&(repository.to_owned(), reference.to_owned()));
        let digest = by_tag.cloned().unwrap_or_else(|| reference.to_owned());
        let manifest = inner.manifests.get(&(repository.to_owned(), digest.clone()));
        manifest.map(|body| {
            let mut response = found(IMAGE, if head { "" } else { body });
            response.headers_mut().insert("docker-content-digest", digest.parse().expect("a header"));
            response
        })
    } else {
        let blob = path.split_once("/blobs/");
        let blob = blob.and_then(|(of, digest)| inner.blobs.get(&(of.to_owned(), digest.to_owned())));
        blob.map(|body| found("application/octet-stream", body))
    };
    told.unwrap_or_else(|| {
        let body = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
        Response::builder().status(StatusCode::NOT_FOUND).body(Body::from(body)).expect("an answer")
    })
}

fn found(media_type: &str, body: &str) -> Response<Body> {
    let response = Response::builder().header(header::CONTENT_TYPE, media_type);
    response.body(Body::from(body.to_owned())).expect("an answer")
}
