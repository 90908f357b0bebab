//! Runs as people start them, on a scripted cluster whose controllers are played.

mod diff;
mod faults;
mod history;
mod lease;
mod outside;
mod plan;
mod prune;
mod queue;
mod room;
mod settings;
mod slots;
mod undo;
mod walls;
mod way_back;

use crate::{
    Config, Engine, Principal, Started,
    bus::Change,
    kube::testing::{
        api::FakeApi,
        controller::{self, Controller},
    },
    registry::shelf::Shelf,
    store::{cluster, registry, service_map},
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;
use types::{
    Name, TaskId,
    plan::Plan,
    run::{Run, RunStatus},
};

/// Far more than any of these runs takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Digests by a letter.
pub(super) fn image(letter: &str) -> String {
    format!("r.io/web@sha256:{}", letter.repeat(64))
}

/// An engine on a cluster with Deployments `web` and `api`, both of image `a`, and the map `shop`.
pub(super) struct TestEngine {
    pub(super) engine: Engine,
    pub(super) api: FakeApi,
    pub(super) who: Principal,
    _controller: Controller,
    folder: TempDir,
}

impl TestEngine {
    pub(super) async fn start() -> Self {
        Self::on(FakeApi::start().await).await
    }

    /// On a cluster that a test has prepared.
    pub(super) async fn on(api: FakeApi) -> Self {
        let controller = Controller::start(&api);
        controller::put(&api, "web", &image("a"));
        controller::put(&api, "api", &image("a"));
        let folder = TempDir::new().expect("a folder");
        let engine = Engine::seated(Config::embedded(folder.path(), "http://s.example")).await.expect("an engine");
        let row = cluster::ActiveModel {
            name: Set("local".to_owned()),
            server: Set("fake".to_owned()),
            revision: Set(1),
            created_at: Set(0),
            ..Default::default()
        };
        let row = cluster::Entity::insert(row).exec_with_returning(&engine.db).await.expect("a cluster");
        engine.clusters.put(row.id, Ok(api.cluster()));
        let map = service_map::ActiveModel {
            name: Set("shop".to_owned()),
            cluster_id: Set(row.id),
            namespace: Set("shop".to_owned()),
            written_form: Set("tag_digest".to_owned()),
            undo_on_deadline: Set(false),
            revision: Set(1),
            created_at: Set(0),
            ..Default::default()
        };
        service_map::Entity::insert(map).exec(&engine.db).await.expect("a map");
        engine.clusters.get(row.id).expect("a cluster").view().settled().await;
        crate::worker::start(&engine).await.expect("workers");
        let this = Self { engine, api, who: Principal::host(), _controller: controller, folder };
        this.until_known("web").await;
        this.until_known("api").await;
        this
    }

    /// Makes a registry the one of `r.io`.
    pub(super) async fn with_registry(&self) -> Shelf {
        let shelf = Shelf::start().await;
        let row = registry::ActiveModel {
            name: Set("hub".to_owned()),
            url: Set(shelf.url().to_owned()),
            pull_hosts: Set(json!(["r.io"])),
            push_repositories: Set(json!([])),
            revision: Set(1),
            created_at: Set(0),
            ..Default::default()
        };
        registry::Entity::insert(row).exec(&self.engine.db).await.expect("a registry");
        shelf
    }

    pub(super) async fn plan(&self, body: Value) -> Plan {
        let new = serde_json::from_value(body).expect("a body");
        self.engine.plan(&self.who, &shop(), new).await.expect("a plan")
    }

    /// The workload is rolled out, and the history knows it.
    async fn until_known(&self, name: &str) {
        self.until(|| async {
            let known = self.history(name).await;
            let tasks = self.engine.map_tasks(&self.who, &shop()).await.expect("tasks");
            let ready = tasks.workloads.iter().any(|workload| workload.name == name && workload.ready == Some(1));
            !known.is_empty() && ready
        })
        .await;
    }

    /// Waits for something that becomes true with a change of cluster or database.
    pub(super) async fn until<F: Future<Output = bool>>(&self, is: impl Fn() -> F) {
        let mut bus = self.engine.bus.listen();
        let mut changes = self.engine.clusters.get(1).expect("a cluster").view().changes();
        let waiting = async {
            while !is().await {
                tokio::select! {
                    _ = bus.recv() => {}
                    _ = changes.recv() => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it became true in time");
    }

    pub(super) async fn run(&self, body: Value) -> Run {
        self.try_run(body).await.expect("a run")
    }

    pub(super) async fn try_run(&self, body: Value) -> Result<Run, crate::Error> {
        let new = serde_json::from_value(body).expect("a body");
        self.engine.start_run(&self.who, &shop(), new, None).await.map(|started: Started<Run>| started.value)
    }

    /// Takes one task to the image of a letter.
    pub(super) async fn deploy(&self, name: &str, letter: &str) -> Run {
        self.run(json!({"items": [item(name, letter)]})).await
    }

    pub(super) async fn settled(&self, run: &Run) -> Run {
        let run = self.engine.wait_for_run(&self.who, run.id, PATIENCE).await.expect("a run");
        assert!(run.status.is_settled(), "{run:#?}");
        run
    }

    pub(super) async fn succeeds(&self, run: &Run) -> Run {
        let run = self.settled(run).await;
        assert_eq!(run.status, RunStatus::Succeeded, "{run:#?}");
        run
    }

    /// Waits until the run is like this.
    pub(super) async fn reaches(&self, run: &Run, is: impl Fn(&Run) -> bool) -> Run {
        let mut bus = self.engine.bus.listen();
        let waiting = async {
            loop {
                let run = self.engine.run(&self.who, run.id).await.expect("a run");
                if is(&run) {
                    return run;
                }
                while !matches!(bus.recv().await, Ok(Change::Run { id, .. }) if id == run.id) {}
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it came so far in time")
    }

    pub(super) fn runs(&self, name: &str) -> String {
        controller::image(&self.api, name)
    }

    pub(super) async fn history(&self, name: &str) -> Vec<types::history::HistoryEntry> {
        self.engine
            .history(&self.who, &shop(), Some(&task(name)), crate::PageRequest::default())
            .await
            .expect("a history")
            .items
    }
}

pub(super) fn shop() -> Name {
    Name::parse("shop").expect("a name")
}

pub(super) fn task(name: &str) -> TaskId {
    format!("deployment/{name}/app").parse().expect("a task")
}

pub(super) fn item(name: &str, letter: &str) -> Value {
    json!({"task": format!("deployment/{name}/app"), "version": {"digest": format!("sha256:{}", letter.repeat(64))}})
}

pub(super) fn tagged(name: &str, tag: &str) -> Value {
    json!({"task": format!("deployment/{name}/app"), "version": {"tag": tag}})
}

pub(super) fn in_wave(name: &str, letter: &str, wave: u32) -> Value {
    let mut item = item(name, letter);
    item["wave"] = json!(wave);
    item
}
