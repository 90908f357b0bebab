//! A scripted API server: real HTTP, in process. It keeps objects, lists and watches them, applies JSON Patches, and
//! answers with the faults that a test has put in its way.

use crate::kube::{Cluster, patch::Patience};
use ::kube::{Client, Config};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    io,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, sync::broadcast, task::JoinHandle};
use tokio_stream::wrappers::BroadcastStream;

/// What a request meets instead of its answer.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This status with this message; `true`: with a cause, as a validation has.
    Status(u16, &'static str, bool),
    /// The request is carried out, and the answer is lost.
    LostAnswer,
    /// The answer breaks in the middle.
    HalfAnswer,
    /// No answer at all.
    Silence,
}

#[derive(Clone, Debug)]
enum Feed {
    Event(String, Value),
    /// The stream breaks in the middle of a line.
    Break,
    /// The resource version is too old.
    Expire,
}

#[derive(Debug)]
struct Inner {
    objects: Mutex<BTreeMap<(String, String, String), Value>>,
    version: Mutex<u64>,
    /// Method and end of the path, in the order they are met.
    faults: Mutex<VecDeque<(Method, String, Fault)>>,
    /// Method and path with query of every request.
    requests: Mutex<Vec<String>>,
    bodies: Mutex<Vec<Value>>,
    /// What was told, by version: a watch begins after the version that it names.
    told: Mutex<Vec<(u64, String, Value)>>,
    feed: broadcast::Sender<Feed>,
}

/// The server; it ends when dropped.
pub struct FakeApi {
    inner: Arc<Inner>,
    address: String,
    server: JoinHandle<()>,
}

impl Drop for FakeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl FakeApi {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let inner = Arc::new(Inner {
            objects: Mutex::default(),
            version: Mutex::new(1),
            faults: Mutex::default(),
            requests: Mutex::default(),
            bodies: Mutex::default(),
            told: Mutex::default(),
            feed: broadcast::Sender::new(256),
        });
        let router = Router::new().fallback(answer).with_state(inner.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        Self { inner, address, server }
    }

    /// Where it listens, as in `http://127.0.0.1:40000`.
    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn cluster(&self) -> Cluster {
        let mut config = Config::new(self.address.parse().expect("a URL"));
        config.default_retry = false;
        let patience = Patience { tries: 4, first: Duration::from_millis(1), longest: Duration::from_millis(4) };
        Cluster::start(Client::try_from(config).expect("a client"), patience)
    }

    /// Adds or changes an object of `plural`, and tells the watches.
    pub fn put(&self, plural: &str, object: Value) {
        self.inner.put(plural, object);
    }

    pub fn delete(&self, plural: &str, namespace: &str, name: &str) {
        let key = (plural.to_owned(), namespace.to_owned(), name.to_owned());
        let mut object = self.inner.objects.lock().expect("objects").remove(&key).expect("an object");
        object["metadata"]["resourceVersion"] = json!(self.inner.next_version().to_string());
        self.inner.tell(plural, "DELETED", &object);
    }

    /// Takes it away without telling the watches: only a new list shows it.
    pub fn delete_silently(&self, plural: &str, namespace: &str, name: &str) {
        let key = (plural.to_owned(), namespace.to_owned(), name.to_owned());
        self.inner.objects.lock().expect("objects").remove(&key).expect("an object");
    }

    pub fn object(&self, plural: &str, namespace: &str, name: &str) -> Value {
        let key = (plural.to_owned(), namespace.to_owned(), name.to_owned());
        self.inner.objects.lock().expect("objects").get(&key).expect("an object").clone()
    }

    /// The next request of this method whose path ends so meets the fault.
    pub fn fault(&self, method: Method, path: &str, fault: Fault) {
        self.inner.faults.lock().expect("faults").push_back((method, path.to_owned(), fault));
    }

    pub fn clear_faults(&self) {
        self.inner.faults.lock().expect("faults").clear();
    }

    pub fn break_watches(&self) {
        self.inner.feed.send(Feed::Break).expect("a watch");
    }

    pub fn expire_watches(&self) {
        self.inner.feed.send(Feed::Expire).expect("a watch");
    }

    /// How many requests began so, as in `PATCH /apis/apps/v1`.
    pub fn count(&self, start: &str) -> usize {
        self.inner.requests.lock().expect("requests").iter().filter(|request| request.starts_with(start)).count()
    }

    /// Watches that are open.
    pub fn watches(&self) -> usize {
        self.inner.feed.receiver_count()
    }

    /// A handle that lives beside the server.
    pub fn objects(&self) -> Objects {
        Objects(self.inner.clone())
    }

    pub fn bodies(&self) -> Vec<Value> {
        self.inner.bodies.lock().expect("bodies").clone()
    }
}

/// The objects of the server, for what plays the controllers.
#[derive(Clone)]
pub struct Objects(Arc<Inner>);

impl Objects {
    pub(super) fn put(&self, plural: &str, object: Value) {
        self.0.put(plural, object);
    }

    pub(super) fn of(&self, plural: &str) -> Vec<Value> {
        let objects = self.0.objects.lock().expect("objects");
        objects.iter().filter(|((of, _, _), _)| of == plural).map(|(_, object)| object.clone()).collect()
    }

    pub(super) fn remove(&self, plural: &str, object: &Value) {
        let name = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
        let key = (plural.to_owned(), name("namespace"), name("name"));
        let gone = self.0.objects.lock().expect("objects").remove(&key);
        if let Some(mut object) = gone {
            object["metadata"]["resourceVersion"] = json!(self.0.next_version().to_string());
            self.0.tell(plural, "DELETED", &object);
        }
    }

    /// Waits until an object was changed.
    pub(super) fn changes(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut feed = self.0.feed.subscribe();
        async move {
            // Whoever lags behind looks at everything anyway.
            feed.recv().await.ok();
        }
    }
}

impl Inner {
    fn next_version(&self) -> u64 {
        let mut version = self.version.lock().expect("version");
        *version += 1;
        *version
    }

    fn put(&self, plural: &str, mut object: Value) -> Value {
        let name = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
        let key = (plural.to_owned(), name("namespace"), name("name"));
        object["metadata"]["resourceVersion"] = json!(self.next_version().to_string());
        let before = self.objects.lock().expect("objects").insert(key, object.clone());
        self.tell(plural, if before.is_some() { "MODIFIED" } else { "ADDED" }, &object);
        object
    }

    fn tell(&self, plural: &str, kind: &str, object: &Value) {
        let version = object["metadata"]["resourceVersion"].as_str().and_then(|text| text.parse().ok());
        let event = json!({"type": kind, "object": object});
        let mut told = self.told.lock().expect("told");
        told.push((version.expect("a version"), plural.to_owned(), event.clone()));
        // Nobody watching is no fault.
        self.feed.send(Feed::Event(plural.to_owned(), event)).ok();
    }

    fn fault(&self, method: &Method, path: &str) -> Option<Fault> {
        let mut faults = self.faults.lock().expect("faults");
        let at = faults.iter().position(|(of, end, _)| of == method && path.ends_with(end.as_str()))?;
        faults.remove(at).map(|(_, _, fault)| fault)
    }
}

async fn answer(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (method, path) = (parts.method, parts.uri.path().to_owned());
    let query = parts.uri.query().unwrap_or_default().to_owned();
    inner.requests.lock().expect("requests").push(format!("{method} {path}?{query}"));
    let fault = inner.fault(&method, &path);
    match &fault {
        Some(Fault::Silence) => return std::future::pending().await,
        Some(Fault::Status(code, message, cause)) => return status(*code, message, *cause),
        Some(Fault::LostAnswer | Fault::HalfAnswer) | None => {}
    }
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    let response = carry_out(&inner, &method, &path, &query, &body);
    match fault {
        Some(Fault::LostAnswer) => broken(Bytes::new()),
        Some(Fault::HalfAnswer) => broken(Bytes::from_static(b"{\"metadata\": {")),
        Some(Fault::Silence | Fault::Status(..)) | None => response,
    }
}

fn carry_out(inner: &Arc<Inner>, method: &Method, path: &str, query: &str, body: &Bytes) -> Response {
    if path == "/version" {
        return ok(&json!({
            "major": "1", "minor": "34", "gitVersion": "v1.34.4", "gitCommit": "", "gitTreeState": "",
            "buildDate": "", "goVersion": "", "compiler": "", "platform": ""
        }));
    }
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let rest = if parts[0] == "api" { &parts[2..] } else { &parts[3..] };
    match rest {
        ["namespaces", name] => ok(&json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "uid": "uid-of-cluster"}
        })),
        [plural] if query.contains("watch=true") => watch(inner, plural, query),
        [plural] => list(inner, plural),
        ["namespaces", _, plural] if query.contains("watch=true") => watch(inner, plural, query),
        ["namespaces", _, plural] => list(inner, plural),
        ["namespaces", namespace, plural, name] => object(inner, method, (plural, namespace, name), query, body),
        ["namespaces", _, "pods", _, "log"] => "first line\nlast line\n".into_response(),
        _ => status(404, "no such path", false),
    }
}

fn object(inner: &Inner, method: &Method, key: (&str, &str, &str), query: &str, body: &Bytes) -> Response {
    let (plural, namespace, name) = key;
    let key = (plural.to_owned(), namespace.to_owned(), name.to_owned());
    let Some(mut object) = inner.objects.lock().expect("objects").get(&key).cloned() else {
        return status(404, "not found", false);
    };
    if method == Method::GET {
        return ok(&object);
    }
    if method == Method::DELETE {
        inner.objects.lock().expect("objects").remove(&key);
        object["metadata"]["resourceVersion"] = json!(inner.next_version().to_string());
        inner.tell(plural, "DELETED", &object);
        return ok(&object);
    }
    let patch: Value = serde_json::from_slice(body).expect("a patch");
    inner.bodies.lock().expect("bodies").push(patch.clone());
    let before = object.clone();
    if patch.is_array() {
        let patch: json_patch::Patch = serde_json::from_value(patch).expect("a JSON patch");
        if json_patch::patch(&mut object, &patch).is_err() {
            return status(422, "the server rejected our request due to an error in our request", false);
        }
    } else {
        json_patch::merge(&mut object, &patch);
    }
    if before == object {
        return ok(&object);
    }
    let generation = object["metadata"]["generation"].as_i64().unwrap_or(0);
    object["metadata"]["generation"] = json!(generation + 1);
    if query.contains("dryRun=All") { ok(&object) } else { ok(&inner.put(plural, object)) }
}

fn list(inner: &Inner, plural: &str) -> Response {
    let objects = inner.objects.lock().expect("objects");
    let items: Vec<&Value> = objects.iter().filter(|((of, _, _), _)| of == plural).map(|(_, object)| object).collect();
    let version = inner.version.lock().expect("version").to_string();
    ok(&json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": version}, "items": items}))
}

fn watch(inner: &Inner, plural: &str, query: &str) -> Response {
    let plural = plural.to_owned();
    let from = query.split('&').find_map(|pair| pair.strip_prefix("resourceVersion="));
    let from: u64 = from.and_then(|text| text.parse().ok()).unwrap_or(0);
    let told = inner.told.lock().expect("told");
    let missed = told.iter().filter(|(version, of, _)| *version > from && *of == plural);
    let missed: Vec<_> = missed.map(|(_, _, event)| Ok(Bytes::from(format!("{event}\n")))).collect();
    let feed = BroadcastStream::new(inner.feed.subscribe());
    drop(told);
    let lines = feed.filter_map(move |feed| {
        let line = match feed.expect("a feed that is read in time") {
            Feed::Event(of, event) if of == plural => Some(vec![Ok(Bytes::from(format!("{event}\n")))]),
            Feed::Event(..) => None,
            Feed::Break => Some(vec![Ok(Bytes::from_static(b"{\"type\": \"MOD")), Err(io::Error::other("broken"))]),
            Feed::Expire => {
                let gone = json!({"type": "ERROR", "object": {
                    "kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"
                }});
                Some(vec![Ok(Bytes::from(format!("{gone}\n")))])
            }
        };
        std::future::ready(line.map(futures::stream::iter))
    });
    (
        StatusCode::OK,
        [(header::CONTENT_TYPE, "application/json")],
        Body::from_stream(futures::stream::iter(missed).chain(lines.flatten())),
    )
        .into_response()
}

fn ok(value: &Value) -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

fn status(code: u16, message: &str, cause: bool) -> Response {
    let causes = if cause { json!([{"reason": "FieldValueInvalid", "message": message}]) } else { json!([]) };
    let reason = match code {
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        422 => "Invalid",
        _ => "InternalError",
    };
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason,
        "code": code, "details": {"causes": causes}
    });
    let code = StatusCode::from_u16(code).expect("a status");
    (code, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn broken(start: Bytes) -> Response {
    let chunks = [Ok(start), Err(io::Error::other("broken"))];
    (StatusCode::OK, Body::from_stream(futures::stream::iter(chunks))).into_response()
}
