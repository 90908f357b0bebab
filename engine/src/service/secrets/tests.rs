//! Values as runs get them, and what keeps them from being deleted.

use super::names_in;
use crate::{
    Config, Engine, Error, Principal,
    store::{audit, build, build_run, secret},
};
use rstest::rstest;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QueryFilter};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use types::{
    Name,
    secret::{NewSecret, SecretName, SecretValue},
};
use uuid::Uuid;

struct Store {
    engine: Engine,
    who: Principal,
    _folder: TempDir,
}

fn name(text: &str) -> SecretName {
    text.parse().expect("a name")
}

fn web() -> Option<Name> {
    Some(Name::parse("web").expect("a name"))
}

impl Store {
    async fn open() -> Self {
        let folder = TempDir::new().expect("a folder");
        let engine = Engine::open(Config::embedded(folder.path(), "http://s.example")).await.expect("an engine");
        Self { engine, who: Principal::host(), _folder: folder }
    }

    async fn build(&self, name: &str, steps: Value) -> i64 {
        let row = build::ActiveModel {
            name: Set(name.to_owned()),
            registry_id: Set(1),
            repository: Set(name.to_owned()),
            engine_id: Set(1),
            tag_rule: Set(json!({"type": "typed"})),
            max_parallel: Set(1),
            time_limit_ms: Set(1000),
            steps: Set(steps),
            last_number: Set(0),
            sequence: Set(0),
            revision: Set(1),
            created_at: Set(0),
            ..Default::default()
        };
        build::Entity::insert(row).exec(&self.engine.db).await.expect("a build").last_insert_id
    }

    async fn run(&self, build_id: i64, status: &str, flow: Value) -> build_run::Model {
        let row = build_run::ActiveModel {
            id: Set(Uuid::now_v7()),
            build_id: Set(build_id),
            build_name: Set("web".to_owned()),
            number: Set(1),
            kind: Set("run".to_owned()),
            edited: Set(false),
            status: Set(status.to_owned()),
            repository: Set("web".to_owned()),
            platforms: Set(json!([])),
            params: Set(json!({})),
            flow: Set(flow),
            rejected: Set(false),
            image_gone: Set(false),
            requested_by: Set("mina".to_owned()),
            engine_id: Set(1),
            engine_name: Set("local".to_owned()),
            registry_id: Set(1),
            cancel_requested: Set(false),
            restarts: Set(0),
            created_at: Set(0),
            ..Default::default()
        };
        build_run::Entity::insert(row).exec_with_returning(&self.engine.db).await.expect("a run")
    }

    async fn create(&self, text: &str, value: &str, build: Option<Name>) {
        let new = NewSecret { name: name(text), value: SecretValue::new(value), build };
        self.engine.create_secret(&self.who, new).await.expect("a secret");
    }

    /// What still uses it, or nothing where it was deleted.
    async fn delete(&self, text: &str, build: Option<Name>) -> Vec<String> {
        match self.engine.delete_secret(&self.who, &name(text), build).await {
            Ok(()) => Vec::new(),
            Err(Error::InUse { users, .. }) => users,
            Err(other) => panic!("{other}"),
        }
    }

    async fn values(&self, build_id: i64) -> Vec<(String, String)> {
        let values = self.engine.secret_values(build_id).await.expect("values");
        values.into_iter().map(|(name, value)| (name, value.expose_secret().to_owned())).collect()
    }
}

fn refers(name: &str) -> Value {
    json!([{"type": "image", "name": "image", "secrets": {"npmrc": format!("${{secret:{name}}}")}}])
}

#[rstest]
#[case(json!([{"headers": {"A": "Bearer ${secret:A}-${secret:B_2}"}}]), &["A", "B_2"])]
#[case(json!({"script": ["echo \"${secret:A}\""]}), &["A"])]
#[case(json!(["$secret:A", "${secret:A", "${build.tag}", 1, null, true]), &[])]
fn names_of_a_flow(#[case] flow: Value, #[case] names: &[&str]) {
    assert_eq!(names_in(&flow).into_iter().collect::<Vec<_>>(), names);
}

#[tokio::test]
async fn the_builds_own_wins_over_the_one_of_all() {
    let store = Store::open().await;
    let (build, other) = (store.build("web", json!([])).await, store.build("api", json!([])).await);
    store.create("GIT", "of all", None).await;
    store.create("FILES", "also of all", None).await;
    store.create("GIT", "of web", web()).await;
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(store.values(build).await, [pair("FILES", "also of all"), pair("GIT", "of web")]);
    assert_eq!(store.values(other).await, [pair("FILES", "also of all"), pair("GIT", "of all")]);

    let changed = store.engine.replace_secret(&store.who, &name("GIT"), web(), SecretValue::new("new")).await;
    assert_eq!(changed.expect("changed").build, web());
    assert_eq!(store.values(build).await[1].1, "new");
    assert_eq!(store.values(other).await[1].1, "of all");
}

#[tokio::test]
async fn a_value_opens_under_no_other_name() {
    let store = Store::open().await;
    store.create("GIT", "hush", None).await;
    let row = secret::Entity::find().one(&store.engine.db).await.expect("a database").expect("a row");
    assert!(!row.sealed_value.windows(4).any(|part| part == b"hush"));
    let mut moved = row.into_active_model();
    moved.name = Set("FILES".to_owned());
    moved.update(&store.engine.db).await.expect("moved");
    assert!(store.engine.secret_values(1).await.is_err());
}

#[tokio::test]
async fn what_a_flow_refers_to_is_not_deleted() {
    let store = Store::open().await;
    let build = store.build("web", refers("NPMRC")).await;
    store.build("api", refers("OTHER")).await;
    store.create("NPMRC", "x", None).await;
    assert_eq!(store.delete("NPMRC", None).await, ["builds/web"]);
    store.create("NPMRC", "y", web()).await;
    assert_eq!(store.delete("NPMRC", web()).await, ["builds/web"]);
    // The build has its own, so nothing means the one of all.
    assert_eq!(store.delete("NPMRC", None).await, [""; 0]);

    let row = build::Entity::find_by_id(build).one(&store.engine.db).await.expect("a database").expect("a row");
    let mut edited = row.into_active_model();
    edited.steps = Set(json!([]));
    edited.update(&store.engine.db).await.expect("edited");
    let run = store.run(build, "running", json!({"steps": refers("NPMRC")})).await;
    assert_eq!(store.delete("NPMRC", web()).await, ["builds/web/runs/1"]);
    let mut ended = run.into_active_model();
    (ended.status, ended.ended_at) = (Set("failed".to_owned()), Set(Some(1)));
    ended.update(&store.engine.db).await.expect("ended");
    assert_eq!(store.delete("NPMRC", web()).await, [""; 0]);
}

#[tokio::test]
async fn go_with_their_build() {
    let store = Store::open().await;
    store.build("web", json!([])).await;
    store.create("GIT", "x", web()).await;
    secret::Entity::find().one(&store.engine.db).await.expect("a database").expect("a row");
    let row = crate::store::registry::ActiveModel {
        id: Set(1),
        name: Set("hub".to_owned()),
        url: Set("http://r.io".to_owned()),
        pull_hosts: Set(json!(["r.io"])),
        push_repositories: Set(json!([])),
        revision: Set(1),
        created_at: Set(0),
        ..Default::default()
    };
    crate::store::registry::Entity::insert(row).exec(&store.engine.db).await.expect("a registry");
    store.engine.delete_build(&store.who, &web().expect("a name")).await.expect("deleted");
    assert_eq!(secret::Entity::find().one(&store.engine.db).await.expect("a database"), None);
}

#[tokio::test]
async fn the_audit_names_the_secret_and_never_the_value() {
    let store = Store::open().await;
    store.build("web", json!([])).await;
    store.create("GIT", "hush-hush", web()).await;
    store.engine.replace_secret(&store.who, &name("GIT"), web(), SecretValue::new("hush-hush")).await.expect("changed");
    store.delete("GIT", web()).await;
    let thing = audit::COLUMN.thing.eq("builds/web/secrets/GIT");
    let rows = audit::Entity::find().filter(thing).all(&store.engine.db).await.expect("entries");
    let actions: Vec<&str> = rows.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["secret.create", "secret.change", "secret.delete"]);
    assert!(!format!("{rows:?}").contains("hush"));
}

#[tokio::test]
async fn a_build_has_at_most_a_hundred() {
    let store = Store::open().await;
    store.build("web", json!([])).await;
    for n in 0..100 {
        store.create(&format!("S{n}"), "x", web()).await;
    }
    let new = NewSecret { name: name("ONE_MORE"), value: SecretValue::new("x"), build: web() };
    let error = store.engine.create_secret(&store.who, new).await.expect_err("refused");
    assert!(matches!(error, Error::Invalid(_)), "{error}");
    store.create("ONE_MORE", "x", None).await;
}
