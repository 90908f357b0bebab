//! How the target of a plan differs from what runs.

use super::{TestEngine, tagged};
use crate::{
    registry::shelf::{Content, Shelf},
    store::{build, build_run},
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use types::{Digest, plan::PlanDiff};
use uuid::Uuid;

async fn from_1_to_2(it: &TestEngine, shelf: &Shelf, config: Value) -> (Digest, Digest) {
    let labels = json!({"org.opencontainers.image.revision": "a".repeat(40)});
    let before = json!({"Entrypoint": ["/app"], "Env": ["PATH=/bin", "OLD=secret"], "Labels": labels});
    let one = shelf.put("web", "1", &Content { config: before, ..Content::default() });
    let two = shelf.put("web", "2", &Content { config, layer_bytes: 3000, ..Content::default() });
    it.succeeds(&it.run(json!({"items": [tagged("web", "1")]})).await).await;
    (one, two)
}

async fn diff(it: &TestEngine) -> PlanDiff {
    it.plan(json!({"items": [tagged("web", "2")]})).await.items.remove(0).diff
}

#[tokio::test]
async fn a_plan_tells_size_configuration_and_commits() {
    let it = TestEngine::start().await;
    let shelf = it.with_registry().await;
    let labels = json!({"org.opencontainers.image.revision": "b".repeat(40)});
    let after = json!({"Entrypoint": ["/new"], "User": "1000", "Env": ["PATH=/bin", "NEW=secret"], "Labels": labels});
    from_1_to_2(&it, &shelf, after).await;
    let found = diff(&it).await;
    assert!(found.size_bytes.is_some_and(|bytes| (1900..2100).contains(&bytes)), "{found:?}");
    let expected = ["entry point: /app → /new", "user: none → 1000", "environment: − OLD", "environment: + NEW"];
    assert_eq!(found.config, expected);
    assert_eq!(found.commits, [format!("{} → {}", "a".repeat(12), "b".repeat(12))]);
    assert!(!format!("{found:?}").contains("secret"), "never a value");
}

#[tokio::test]
async fn what_is_known_of_a_digest_is_not_asked_again() {
    let it = TestEngine::start().await;
    let shelf = it.with_registry().await;
    from_1_to_2(&it, &shelf, json!({})).await;
    diff(&it).await;
    let asked = shelf.count("GET ");
    assert_eq!(diff(&it).await.config, ["entry point: /app → none", "environment: − OLD", "environment: − PATH"]);
    assert_eq!(shelf.count("GET "), asked, "only the heads of tags are asked again");
}

#[tokio::test]
async fn runs_of_our_own_build_tell_what_lies_between() {
    let it = TestEngine::start().await;
    let shelf = it.with_registry().await;
    let (one, two) = from_1_to_2(&it, &shelf, json!({})).await;
    let middle = format!("sha256:{}", "e".repeat(64));
    for (number, digest, note) in [(1, one.as_str(), "first"), (2, &middle, "second"), (3, two.as_str(), "third")] {
        it.built(number, digest, note).await;
    }
    let commit = "c".repeat(12);
    assert_eq!(diff(&it).await.commits, [format!("#3 {commit} third (1.3)"), format!("#2 {commit} second (1.2)")]);
}

impl TestEngine {
    /// A succeeded run of a build of `web`, as it stands in the database.
    pub(super) async fn built(&self, number: i32, digest: &str, note: &str) {
        if build::Entity::find().one(&self.engine.db).await.expect("a database").is_none() {
            let row = build::ActiveModel {
                name: Set("web".to_owned()),
                registry_id: Set(1),
                repository: Set("web".to_owned()),
                engine_id: Set(1),
                tag_rule: Set(json!({"type": "sequence", "prefix": "1."})),
                max_parallel: Set(1),
                time_limit_ms: Set(60_000),
                steps: Set(json!([])),
                params: Set(json!({})),
                last_number: Set(3),
                sequence: Set(3),
                revision: Set(1),
                created_at: Set(0),
                ..Default::default()
            };
            build::Entity::insert(row).exec(&self.engine.db).await.expect("a build");
        }
        let row = build_run::Model {
            id: Uuid::now_v7(),
            build_id: 1,
            build_name: "web".to_owned(),
            number,
            kind: "run".to_owned(),
            repeat_of: None,
            edited: false,
            status: "succeeded".to_owned(),
            reason: None,
            tag: Some(format!("1.{number}")),
            repository: "r.io/web".to_owned(),
            digest: Some(digest.to_owned()),
            size_bytes: None,
            platforms: json!([]),
            facts: None,
            commit: Some("c".repeat(40)),
            reference: None,
            params: json!({}),
            flow: json!({}),
            note: Some(note.to_owned()),
            rejected: false,
            image_gone: false,
            requested_by: "ci".to_owned(),
            engine_id: 1,
            engine_name: "local".to_owned(),
            registry_id: 1,
            failure: None,
            cancel_requested: false,
            restarts: 0,
            created_at: 0,
            started_at: Some(0),
            ended_at: Some(1),
            duration_ms: Some(1),
            holder: None,
            fence: 0,
            leased_until: None,
        };
        let new = build_run::ActiveModel::from(row.clone());
        build_run::Entity::insert(new).exec(&self.engine.db).await.expect("a run");
        crate::build::tell(&self.engine, &row);
    }
}
