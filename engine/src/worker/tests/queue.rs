//! A queue of builds without clusters and registries.

use crate::{
    Config, Engine,
    docker::fake::{Fake, Script},
    store::{build, build_engine, build_run},
    worker::builds,
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

/// One queued run of a build, on a scripted engine.
pub(super) struct Queue {
    pub(super) engine: Engine,
    pub(super) docker: Fake,
    folder: TempDir,
}

impl Queue {
    /// Of a server that keeps this reserve.
    pub(super) async fn start(reserve: u64, scripts: Vec<(&'static str, Script)>) -> Self {
        let docker = Fake::start(false, scripts).await;
        let folder = TempDir::new().expect("a folder");
        let engine = open(&folder, reserve).await;
        let row = build_engine::ActiveModel {
            name: Set("local".to_owned()),
            kind: Set("docker".to_owned()),
            url: Set(docker.url.clone()),
            revision: Set(1),
            created_at: Set(0),
            ..Default::default()
        };
        build_engine::Entity::insert(row).exec(&engine.db).await.expect("an engine");
        let row = build::ActiveModel {
            name: Set("web".to_owned()),
            registry_id: Set(1),
            repository: Set("web".to_owned()),
            engine_id: Set(1),
            tag_rule: Set(json!({"type": "typed"})),
            max_parallel: Set(1),
            time_limit_ms: Set(1000),
            steps: Set(json!([])),
            last_number: Set(1),
            sequence: Set(0),
            revision: Set(1),
            created_at: Set(0),
            ..Default::default()
        };
        build::Entity::insert(row).exec(&engine.db).await.expect("a build");
        let row = build_run::ActiveModel {
            id: Set(Uuid::now_v7()),
            build_id: Set(1),
            build_name: Set("web".to_owned()),
            number: Set(1),
            kind: Set("run".to_owned()),
            status: Set("queued".to_owned()),
            repository: Set("web".to_owned()),
            platforms: Set(json!([])),
            params: Set(json!({})),
            flow: Set(json!({})),
            rejected: Set(false),
            image_gone: Set(false),
            requested_by: Set("mina".to_owned()),
            engine_id: Set(1),
            engine_name: Set("local".to_owned()),
            registry_id: Set(1),
            cancel_requested: Set(false),
            restarts: Set(0),
            fence: Set(0),
            created_at: Set(crate::now().as_millis()),
            ..Default::default()
        };
        build_run::Entity::insert(row).exec(&engine.db).await.expect("a run");
        Self { engine, docker, folder }
    }

    /// Whether the run waits after the queue was worked off, and what for.
    pub(super) async fn pass(&self) -> (bool, Option<String>) {
        builds::pass(&self.engine).await.expect("a pass");
        let row = build_run::Entity::find().one(&self.engine.db).await.expect("a database").expect("a run");
        (row.status == "queued", row.reason)
    }

    /// The server starts again, with another reserve.
    pub(super) async fn open_again(&mut self, reserve: u64) {
        self.engine = open(&self.folder, reserve).await;
    }
}

async fn open(folder: &TempDir, reserve: u64) -> Engine {
    let config = Config { disk_reserve_bytes: reserve, ..Config::embedded(folder.path(), "http://s.example") };
    Engine::open(config).await.expect("an engine")
}
