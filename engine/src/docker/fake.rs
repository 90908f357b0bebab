//! A scripted engine over a Unix socket, for what a real one does too rarely: cutting a connection,
//! failing half-way, printing slowly.

use super::{DockerEngine, EngineAddress, fake_buildkit::BuildKit};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    serve::Listener,
};
use bollard::moby::buildkit::v1::StatusResponse;
use futures::{StreamExt, stream};
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};
use tempfile::TempDir;
use tokio::{net::UnixListener, sync::Notify};

/// One step of an answer.
#[derive(Clone)]
pub(crate) enum Step {
    /// A line of JSON.
    Item(String),
    /// What BuildKit tells meanwhile.
    Progress(StatusResponse),
    /// The image is made.
    Image(&'static str),
    /// The build fails.
    Fail(&'static str),
    /// Goes on when it is notified.
    Wait(Arc<Notify>),
    /// The connection breaks.
    Cut,
}

/// What a request to a path gets, and whether its client went away.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) status: StatusCode,
    pub(crate) steps: Vec<Step>,
    /// Told when the answer ended or its reader went away.
    pub(crate) over: Arc<Notify>,
}

/// A request as it was received.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) auth: Option<String>,
    pub(crate) body: Bytes,
}

/// An engine behind its listener.
pub(crate) struct Shared {
    scripts: Vec<(&'static str, Script)>,
    podman: bool,
    seen: Mutex<Vec<Seen>>,
    buildkit: Arc<BuildKit>,
}

/// The engine; it is gone when this is dropped.
pub(crate) struct Fake {
    _dir: TempDir,
    shared: Arc<Shared>,
    pub(crate) url: String,
    pub(crate) engine: DockerEngine,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { status: StatusCode::OK, steps: steps.into_iter().collect(), over: Arc::new(Notify::new()) }
    }

    pub(crate) fn items(items: &[&str]) -> Self {
        Self::new(items.iter().map(|item| Step::Item((*item).to_owned())))
    }

    fn answer(self) -> Response {
        let Self { status, steps, over } = self;
        let guard = OnDrop(over);
        let body = stream::iter(steps).then(move |step| {
            // The guard lives as long as the body does.
            let _alive = &guard;
            async move {
                match step {
                    Step::Item(item) => Ok(Bytes::from(format!("{item}\r\n"))),
                    Step::Image(id) => Ok(Bytes::from(format!("{{\"aux\":{{\"ID\":\"{id}\"}}}}\r\n"))),
                    Step::Fail(why) => Ok(Bytes::from(format!(
                        "{{\"errorDetail\":{{\"message\":\"{why}\"}},\"error\":\"{why}\"}}\r\n"
                    ))),
                    Step::Progress(_) => Err(io::Error::other("only BuildKit tells progress so")),
                    Step::Wait(go) => {
                        go.notified().await;
                        Ok(Bytes::new())
                    }
                    Step::Cut => Err(io::Error::other("cut")),
                }
            }
        });
        (status, Body::from_stream(body)).into_response()
    }
}

/// Notifies when it is dropped.
pub(super) struct OnDrop(pub(super) Arc<Notify>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Fake {
    /// An engine that answers each path prefix by its script.
    pub(crate) async fn start(podman: bool, scripts: Vec<(&'static str, Script)>) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("engine.sock");
        let shared = serve(UnixListener::bind(&path).expect("a socket"), podman, scripts);
        let address = EngineAddress { url: format!("unix://{}", path.display()), tls: None };
        let engine = DockerEngine::connect(&address).await.expect("an engine").of("ours");
        Self { _dir: dir, shared, url: address.url, engine }
    }

    /// What its BuildKit was asked for, and asked for itself.
    pub(super) fn buildkit(&self) -> &BuildKit {
        &self.shared.buildkit
    }

    /// Requests whose path begins so.
    pub(crate) fn seen(&self, path: &str) -> Vec<Seen> {
        self.shared.seen(path)
    }
}

impl Shared {
    /// Requests whose path begins so.
    pub(crate) fn seen(&self, path: &str) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().filter(|seen| seen.line.split(' ').nth(1).is_some_and(|at| at.starts_with(path))).cloned().collect()
    }
}

/// Serves an engine on a listener of any kind.
pub(crate) fn serve<L>(listener: L, podman: bool, scripts: Vec<(&'static str, Script)>) -> Arc<Shared>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let build = scripts.iter().find(|(path, _)| *path == "/build").map(|(_, script)| script.clone());
    let buildkit = Arc::new(BuildKit::new(build.unwrap_or_else(|| Script::new([]))));
    let shared = Arc::new(Shared { scripts, podman, seen: Mutex::default(), buildkit });
    let app = Router::new().fallback(answer).with_state(shared.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    shared
}

async fn answer(State(shared): State<Arc<Shared>>, mut request: Request) -> Response {
    match request.uri().path() {
        "/session" => return shared.buildkit.take_session(&mut request),
        "/grpc" => return shared.buildkit.take_control(&mut request),
        _ => {}
    }
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let path = parts.uri.to_string();
    let auth = parts.headers.get("x-registry-auth").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let seen = Seen { line: format!("{} {path}", parts.method), auth, body };
    shared.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    if path.starts_with("/version") {
        let name = if shared.podman { "Podman Engine" } else { "Engine" };
        return format!(r#"{{"Version":"1","ApiVersion":"1.41","Components":[{{"Name":"{name}","Version":"1"}}]}}"#)
            .into_response();
    }
    match shared.scripts.iter().find(|(prefix, _)| path.starts_with(prefix)) {
        Some((_, script)) => script.clone().answer(),
        None if path.starts_with("/info") => "{}".into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
