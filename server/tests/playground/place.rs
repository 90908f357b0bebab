//! A namespace of one test, and what Slipway knows of it: a service map, builds, a registry. All of
//! it goes when the test ends.

use crate::{
    ground::{setting, shop},
    kubectl::{self, kubectl},
    patience::until,
    slipway::{Answer, Slipway, list},
};
use serde_json::{Value, json};
use std::{cell::RefCell, process::Command, time::Duration};
use uuid::Uuid;

/// The cluster shows a new workload at once, and its pods are there in seconds.
const WORKLOAD_WITHIN: Duration = Duration::from_secs(60);

pub(crate) struct Place {
    pub(crate) slipway: Slipway,
    /// Of the namespace, the map, and whatever is made for them.
    pub(crate) name: String,
    /// Addresses of what was made beside the map.
    made: RefCell<Vec<String>>,
}

/// A Deployment with one container, `app`.
pub(crate) struct Workload<'a> {
    pub(crate) name: &'a str,
    pub(crate) image: &'a str,
    pub(crate) replicas: u32,
}

impl Place {
    pub(crate) fn new(slipway: &Slipway, purpose: &str) -> Self {
        let unique = Uuid::new_v4().simple().to_string();
        let name = format!("play-{purpose}-{}", &unique[..8]);
        kubectl(&["create", "namespace", &name]);
        // Pods are refused until the controllers have given the namespace its account.
        kubectl(&["wait", "--for=create", "serviceaccount/default", "--namespace", &name, "--timeout=30s"]);
        slipway.post("/maps", &json!({"name": name, "cluster": "local", "namespace": name})).is(201);
        Self { slipway: slipway.clone(), name, made: RefCell::default() }
    }

    /// Makes something of Slipway's that goes with the place.
    pub(crate) fn make(&self, collection: &str, body: &Value) {
        self.slipway.post(&format!("/{collection}"), body).is(201);
        let name = body["name"].as_str().expect("things have names");
        self.remember(&format!("/{collection}/{name}"));
    }

    /// Something that was made goes with the place, by its address.
    pub(crate) fn remember(&self, path: &str) {
        self.made.borrow_mut().push(path.to_owned());
    }

    /// Applies a workload, whatever becomes of its pods, and waits until Slipway knows it.
    pub(crate) fn apply(&self, workload: &Workload<'_>) {
        self.apply_manifest(&self.manifest(workload).to_string(), workload.name);
    }

    /// Applies a manifest with a workload of this name, and waits until Slipway knows it.
    pub(crate) fn apply_manifest(&self, manifest: &str, workload: &str) {
        kubectl::apply(&self.name, manifest);
        let path = format!("/maps/{}/tasks", self.name);
        until(WORKLOAD_WITHIN, "Slipway shows the workload", || {
            let tasks = self.slipway.read(&path);
            list(&tasks["workloads"]).iter().any(|known| known["name"] == workload).then_some(())
        });
    }

    /// Applies a workload and waits until Slipway knows it to be up.
    pub(crate) fn deploy(&self, workload: &Workload<'_>) {
        self.apply(workload);
        let name = format!("deployment/{}", workload.name);
        kubectl(&["rollout", "status", "--namespace", &self.name, &name, "--timeout=60s"]);
        let path = format!("/maps/{}/tasks/{name}/app", self.name);
        until(WORKLOAD_WITHIN, "Slipway shows the pods", || {
            let pods = self.slipway.read(&path)["deployed"]["pods_proven"].as_u64();
            (pods == Some(u64::from(workload.replicas))).then_some(())
        });
    }

    fn manifest(&self, workload: &Workload<'_>) -> Value {
        let Workload { name, image, replicas } = workload;
        json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "namespace": self.name},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": {"app": name}},
                "template": {
                    "metadata": {"labels": {"app": name}},
                    "spec": {
                        "automountServiceAccountToken": false,
                        "terminationGracePeriodSeconds": 1,
                        "containers": [{
                            "name": "app",
                            "image": image,
                            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1},
                            "resources": {"requests": {"cpu": "5m", "memory": "8Mi"}, "limits": {"memory": "48Mi"}},
                        }],
                    },
                },
            },
        })
    }

    /// The Deployment as the cluster has it.
    pub(crate) fn deployment(&self, name: &str) -> Value {
        kubectl::get(&self.name, &["deployment", name])
    }

    /// Starts a run of these items.
    pub(crate) fn run(&self, body: &Value) -> Answer {
        self.slipway.post(&self.runs(), body)
    }

    /// Starts a run and waits until it is settled.
    pub(crate) fn run_to_its_end(&self, body: &Value, limit: Duration) -> Value {
        let path = format!("{}?wait=settled&timeout_ms={}", self.runs(), limit.as_millis());
        self.slipway.post(&path, body).is(200)
    }

    /// Where runs are started.
    pub(crate) fn runs(&self) -> String {
        format!("/maps/{}/runs", self.name)
    }

    /// A build of one image, whose Dockerfile begins with the shop's `store` and goes on with `text`.
    pub(crate) fn build(&self, name: &str, text: &str) {
        let store = shop("store:1.0.0");
        self.make(
            "builds",
            &json!({
                "name": self.named(name),
                "registry": "local",
                "repository": self.repository(name),
                "engine": "local",
                "tag_rule": {"type": "sequence", "prefix": "1.0-"},
                "steps": [
                    {
                        "type": "git",
                        "name": "source",
                        "url": format!("file://{}/api.git", setting("SLIPWAY_GIT_FILE_ROOT")),
                        "folder": "api",
                    },
                    {
                        "type": "image",
                        "name": "image",
                        "context": "api",
                        "inline": format!("FROM {store}\nARG MARK\nCOPY . /srv\n{text}\n"),
                        "build_args": {"MARK": self.named(name)},
                    },
                ],
            }),
        );
    }

    /// A name that no other test has.
    pub(crate) fn named(&self, name: &str) -> String {
        format!("{}-{name}", self.name)
    }

    /// Where a build of this place pushes to.
    pub(crate) fn repository(&self, build: &str) -> String {
        format!("shop/{}", self.named(build))
    }

    /// A test that failed may have left runs, which would keep slots of the engine from others.
    fn best_effort_cancel(&self) {
        let address = self.slipway.address(&format!("/runs?map={}", self.name));
        let answer = self.slipway.agent.get(address).header("authorization", self.slipway.bearer()).call();
        let runs: Option<Value> = answer.ok().and_then(|mut answer| answer.body_mut().read_json().ok());
        let runs = runs.as_ref().and_then(|runs| runs["items"].as_array()).map(Vec::as_slice).unwrap_or_default();
        for run in runs.iter().filter(|run| run["ended_at"].is_null()) {
            let run = self.slipway.address(&format!("/runs/{}", run["id"].as_str().unwrap_or_default()));
            let bearer = self.slipway.bearer();
            let cancel = self.slipway.agent.post(format!("{run}/cancel")).header("authorization", &bearer);
            let canceled = cancel.send_json(json!({})).and_then(|_| {
                let wait = format!("{run}?wait=settled&timeout_ms=10000");
                self.slipway.agent.get(wait).header("authorization", &bearer).call()
            });
            if let Err(why) = canceled {
                eprintln!("{run} goes on: {why}");
            }
        }
    }

    fn best_effort_clean(&self) {
        let mut all = vec![format!("/maps/{}", self.name)];
        all.extend(self.made.borrow().iter().rev().cloned());
        for path in all {
            let request = self.slipway.agent.delete(self.slipway.address(&path));
            if let Err(why) = request.header("authorization", self.slipway.bearer()).call() {
                eprintln!("{path} stays: {why}");
            }
        }
        let words = ["delete", "namespace", &self.name, "--wait=false", "--now"];
        if let Err(why) = Command::new("kubectl").args(words).output() {
            eprintln!("namespace {} stays: {why}", self.name);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.best_effort_cancel();
        }
        self.best_effort_clean();
    }
}
