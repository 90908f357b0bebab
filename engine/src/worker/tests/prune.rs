//! Freeing disk in engines, by rule and when asked.

use super::queue::Queue;
use crate::{
    Error, Principal,
    docker::fake::Script,
    store::{audit, build_engine, build_run},
    worker::prune,
};
use rstest::rstest;
use sea_orm::{EntityTrait, sea_query::Expr};
use serde_json::json;
use types::{
    Name,
    engine::{EnginePatch, PruneRule, Pruned},
};

const FREED: Pruned =
    Pruned { freed_bytes: 75, images_freed_bytes: 5, build_cache_freed_bytes: 70, images_left: false };

/// An engine with something to free, pruned by this rule.
async fn queue(rule: Option<PruneRule>) -> Queue {
    let freed = |bytes: u64| Script::items(&[&json!({"SpaceReclaimed": bytes}).to_string()]);
    let queue = Queue::start(0, vec![("/build/prune", freed(70)), ("/images/prune", freed(5))]).await;
    let patch = EnginePatch { prune: Some(rule), ..EnginePatch::default() };
    let patched = queue.engine.patch_engine(&Principal::host(), &local(), crate::Revision(1), patch).await;
    assert_eq!(patched.expect("an engine").value.prune, rule);
    queue
}

fn local() -> Name {
    Name::parse("local").expect("a name")
}

impl Queue {
    /// What the audit says of prunings.
    async fn told(&self) -> Vec<serde_json::Value> {
        let rows = audit::Entity::find().all(&self.engine.db).await.expect("a database");
        rows.into_iter().filter(|row| row.action == "engine.prune").filter_map(|row| row.to_value).collect()
    }

    fn asked(&self) -> usize {
        self.docker.seen("/build/prune").len() + self.docker.seen("/images/prune").len()
    }

    async fn set_status(&self, status: &str) {
        build_run::Entity::update_many()
            .col_expr(build_run::Column::Status, Expr::value(status))
            .exec(&self.engine.db)
            .await
            .expect("a database");
    }
}

#[tokio::test]
async fn an_engine_is_pruned_by_its_rule_when_it_is_due_and_the_audit_says_what_was_freed() {
    let queue = queue(Some(PruneRule { keep_storage_bytes: 9, until_hours: 24 })).await;
    prune::pass(&queue.engine).await.expect("a pass");
    assert_eq!(queue.told().await, [json!(FREED)]);
    let line = &queue.docker.seen("/build/prune")[0].line;
    assert!(line.contains("keep-storage=9&") && line.contains("24h"), "{line}");
    prune::pass(&queue.engine).await.expect("a pass");
    assert_eq!(queue.asked(), 2, "it is not due again");
    let long_ago = Expr::value(crate::now().as_millis() - 600_000);
    let due = build_engine::Entity::update_many().col_expr(build_engine::Column::PrunedAt, long_ago);
    due.exec(&queue.engine.db).await.expect("a database");
    prune::pass(&queue.engine).await.expect("a pass");
    assert_eq!(queue.asked(), 4);
}

#[tokio::test]
async fn without_a_rule_it_is_pruned_only_when_somebody_asks() {
    let queue = queue(None).await;
    prune::pass(&queue.engine).await.expect("a pass");
    assert_eq!(queue.asked(), 0);
    assert_eq!(queue.engine.prune_engine(&Principal::host(), &local()).await.expect("pruned"), FREED);
    assert_eq!(queue.told().await, [json!(FREED)]);
    let nobody = Principal { grants: Vec::new(), ..Principal::host() };
    let refused = queue.engine.prune_engine(&nobody, &local()).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    assert_eq!(queue.asked(), 2);
}

#[rstest]
#[case("running", true)]
#[case("canceling", true)]
#[case("queued", false)]
#[case("succeeded", false)]
#[tokio::test]
async fn images_that_a_run_under_way_may_use_stay(#[case] status: &str, #[case] stay: bool) {
    let queue = queue(None).await;
    queue.set_status(status).await;
    let pruned = queue.engine.prune_engine(&Principal::host(), &local()).await.expect("pruned");
    assert_eq!((pruned.images_left, pruned.build_cache_freed_bytes), (stay, 70));
    assert_eq!(queue.docker.seen("/images/prune").is_empty(), stay);
}

#[tokio::test]
async fn no_build_starts_while_images_are_removed() {
    let queue = queue(None).await;
    let gate = queue.engine.workers.gate(1);
    let pruning = gate.write().await;
    assert_eq!(queue.pass().await, (true, None));
    drop(pruning);
    assert_eq!(queue.pass().await, (false, None));
}

#[rstest]
#[case(PruneRule { keep_storage_bytes: (1 << 50) + 1, until_hours: 0 }, "prune.keep_storage_bytes")]
#[case(PruneRule { keep_storage_bytes: 0, until_hours: 8761 }, "prune.until_hours")]
#[tokio::test]
async fn a_rule_that_cannot_be_meant_is_refused(#[case] rule: PruneRule, #[case] field: &str) {
    let queue = queue(None).await;
    let patch = EnginePatch { prune: Some(Some(rule)), ..EnginePatch::default() };
    let refused = queue.engine.patch_engine(&Principal::host(), &local(), crate::Revision(2), patch).await;
    let Err(Error::Invalid(fields)) = refused else { panic!("{refused:?}") };
    assert_eq!(fields[0].path, field);
}
