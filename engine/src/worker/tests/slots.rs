use super::{TestEngine, image, item, shop, task};
use crate::worker::ROLLOUTS_PER_CLUSTER;
use serde_json::json;
use types::{
    history::NewRollback,
    run::{ItemStatus, RunStatus, WaitKind},
};

#[tokio::test]
async fn no_more_workloads_of_a_cluster_roll_at_once_than_there_are_slots() {
    let it = TestEngine::start().await;
    assert_eq!(ROLLOUTS_PER_CLUSTER, 20);
    let all = u32::try_from(ROLLOUTS_PER_CLUSTER).expect("few");
    let taken = it.engine.workers.slots(1).acquire_many_owned(all).await.expect("slots");
    let run = it.run(json!({"items": [item("web", "b"), item("api", "b")]})).await;
    let waits = |item: &types::run::Item| item.waiting_for.as_ref().is_some_and(|wait| wait.kind == WaitKind::Slot);
    let run = it.reaches(&run, |run| run.items.iter().all(waits)).await;
    assert!(run.items.iter().all(|item| item.status == ItemStatus::Queued), "{run:#?}");
    assert_eq!(it.runs("web"), image("a"));
    drop(taken);
    it.succeeds(&run).await;
}

#[tokio::test]
async fn a_rollback_waits_for_no_slot() {
    let it = TestEngine::start().await;
    let run = it.deploy("web", "b").await;
    it.succeeds(&run).await;
    let all = u32::try_from(ROLLOUTS_PER_CLUSTER).expect("few");
    let _taken = it.engine.workers.slots(1).acquire_many_owned(all).await.expect("slots");
    let to = serde_json::from_value::<NewRollback>(json!({"to": {"digest": format!("sha256:{}", "a".repeat(64))}}));
    let back = it.engine.roll_back(&it.who, &shop(), &task("web"), to.expect("a body"), None).await.expect("a run");
    let back = it.settled(&back.value).await;
    assert_eq!(back.status, RunStatus::Succeeded, "{back:#?}");
    assert_eq!(it.runs("web"), image("a"));
}
