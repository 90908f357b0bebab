//! A scripted API server: real HTTP, in process. It keeps objects, lists and watches them, applies JSON Patches, and
//! answers with the faults that a test has put in its way.

use super::answers::answer;
use crate::kube::{Cluster, patch::Patience};
use ::kube::{Client, Config};
use axum::{Router, http::Method};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, sync::broadcast, task::JoinHandle};

/// What a request meets instead of its answer.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This status with this message; `true`: with a cause, as a validation has.
    Status(u16, &'static str, bool),
    /// 429, with `Retry-After` of so many seconds.
    TooMany(u32),
    /// The request is carried out, and the answer is lost.
    LostAnswer,
    /// The answer breaks in the middle.
    HalfAnswer,
    /// No answer at all.
    Silence,
}

#[derive(Clone, Debug)]
pub(super) enum Feed {
    Event(String, Value),
    /// The stream breaks in the middle of a line.
    Break,
    /// The resource version is too old.
    Expire,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) objects: Mutex<BTreeMap<(String, String, String), Value>>,
    pub(super) version: Mutex<u64>,
    /// Method and end of the path, or of path and query, in the order they are met.
    faults: Mutex<VecDeque<(Method, String, Fault)>>,
    /// Method and path with query of every request.
    pub(super) requests: Mutex<Vec<String>>,
    pub(super) bodies: Mutex<Vec<Value>>,
    /// What was told, by version: a watch begins after the version that it names.
    pub(super) told: Mutex<Vec<(u64, String, Value)>>,
    pub(super) feed: broadcast::Sender<Feed>,
    /// How often watches have gone silent.
    pub(super) stalls: Mutex<u64>,
    /// Images that a webhook writes instead of others.
    pub(super) rewritten: Mutex<BTreeMap<String, String>>,
    /// Verb and resource that Slipway may not, as in `patch deployments`.
    pub(super) forbidden: Mutex<BTreeSet<String>>,
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
            stalls: Mutex::default(),
            rewritten: Mutex::default(),
            forbidden: Mutex::default(),
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
        self.cluster_that_hangs_up_after(None)
    }

    /// Whose connections count as dead after so long without a word.
    pub fn cluster_that_hangs_up_after(&self, silence: Option<Duration>) -> Cluster {
        let mut config = Config::new(self.address.parse().expect("a URL"));
        config.default_retry = false;
        config.read_timeout = silence;
        let patience = Patience {
            tries: 4,
            first: Duration::from_millis(1),
            longest: Duration::from_millis(4),
            answer: Duration::from_secs(2),
        };
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

    /// The next request of this method whose path, or path and query, ends so meets the fault.
    pub fn fault(&self, method: Method, path: &str, fault: Fault) {
        self.inner.faults.lock().expect("faults").push_back((method, path.to_owned(), fault));
    }

    pub fn clear_faults(&self) {
        self.inner.faults.lock().expect("faults").clear();
    }

    pub fn break_watches(&self) {
        self.inner.feed.send(Feed::Break).expect("a watch");
    }

    /// Open watches go silent and stay open; new ones are as they should be.
    pub fn stall_watches(&self) {
        *self.inner.stalls.lock().expect("stalls") += 1;
    }

    pub fn expire_watches(&self) {
        self.inner.feed.send(Feed::Expire).expect("a watch");
    }

    /// How many requests began so, as in `PATCH /apis/apps/v1`.
    pub fn count(&self, start: &str) -> usize {
        self.requested(|request| request.starts_with(start))
    }

    /// Patches of a workload that were to change it; those that only tried are not counted.
    pub fn patches(&self, name: &str) -> usize {
        let end = format!("/{name}?fieldManager=slipway");
        self.requested(|request| request.starts_with("PATCH ") && request.ends_with(&end))
    }

    /// Patches of a workload that only tried.
    pub fn trials(&self, name: &str) -> usize {
        let end = format!("/{name}?fieldManager=slipway&dryRun=All");
        self.requested(|request| request.starts_with("PATCH ") && request.ends_with(&end))
    }

    fn requested(&self, is: impl Fn(&str) -> bool) -> usize {
        self.inner.requests.lock().expect("requests").iter().filter(|request| is(request)).count()
    }

    /// From now on a webhook writes another image instead of this one.
    pub fn rewrite(&self, image: &str, by: &str) {
        self.inner.rewritten.lock().expect("images").insert(image.to_owned(), by.to_owned());
    }

    /// From now on reviews of access deny it, as in `patch deployments`.
    pub fn forbid(&self, right: &str) {
        self.inner.forbidden.lock().expect("rights").insert(right.to_owned());
    }

    /// From now on reviews of access allow it.
    pub fn allow(&self, right: &str) {
        self.inner.forbidden.lock().expect("rights").remove(right);
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
    pub(super) fn next_version(&self) -> u64 {
        let mut version = self.version.lock().expect("version");
        *version += 1;
        *version
    }

    pub(super) fn put(&self, plural: &str, mut object: Value) -> Value {
        let name = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
        let key = (plural.to_owned(), name("namespace"), name("name"));
        object["metadata"]["resourceVersion"] = json!(self.next_version().to_string());
        let before = self.objects.lock().expect("objects").insert(key, object.clone());
        self.tell(plural, if before.is_some() { "MODIFIED" } else { "ADDED" }, &object);
        object
    }

    pub(super) fn tell(&self, plural: &str, kind: &str, object: &Value) {
        let version = object["metadata"]["resourceVersion"].as_str().and_then(|text| text.parse().ok());
        let event = json!({"type": kind, "object": object});
        let mut told = self.told.lock().expect("told");
        told.push((version.expect("a version"), plural.to_owned(), event.clone()));
        // Nobody watching is no fault.
        self.feed.send(Feed::Event(plural.to_owned(), event)).ok();
    }

    pub(super) fn fault(&self, method: &Method, path: &str, query: &str) -> Option<Fault> {
        let mut faults = self.faults.lock().expect("faults");
        let whole = format!("{path}?{query}");
        let meets = |end: &str| path.ends_with(end) || whole.ends_with(end);
        let at = faults.iter().position(|(of, end, _)| of == method && meets(end))?;
        faults.remove(at).map(|(_, _, fault)| fault)
    }
}
