//! What clusters, people and clocks do to a run: it settles, and tells the truth.

use super::{TestEngine, image, item, tagged};
use crate::kube::testing::{api::Fault, controller::put};
use http::Method;
use rstest::rstest;
use serde_json::json;
use types::run::{CancelRun, Cause, ItemStatus, Run, RunStatus};

/// The end of a request that is to change `web`: the one that only tries does not meet its faults.
const PATCH: &str = "/web?fieldManager=slipway";

/// A run whose turn comes when this one is cancelled.
async fn queued_behind(it: &TestEngine, letter: &str) -> (Run, Run) {
    let first = it.run(json!({"items": [tagged("web", "stuck")]})).await;
    it.reaches(&first, |run| run.items[0].status == ItemStatus::Rolling).await;
    let waiting = it.deploy("web", letter).await;
    let waiting = it.reaches(&waiting, |run| run.items[0].waiting_for.is_some()).await;
    (first, waiting)
}

#[rstest]
#[case::conflict(Fault::Status(409, "the object has been modified", false), 2)]
#[case::too_many(Fault::TooMany(1), 2)]
#[case::internal_error(Fault::Status(500, "failed calling webhook", false), 2)]
#[case::no_answer(Fault::Silence, 2)]
#[case::lost_answer(Fault::LostAnswer, 1)]
#[case::half_an_answer(Fault::HalfAnswer, 1)]
#[tokio::test]
async fn a_patch_that_meets_a_fault_is_carried_out_once(#[case] fault: Fault, #[case] sent: usize) {
    let it = TestEngine::start().await;
    it.api.fault(Method::PATCH, PATCH, fault);
    it.succeeds(&it.deploy("web", "b").await).await;
    assert_eq!((it.api.patches("web"), it.runs("web")), (sent, image("b")));
}

#[tokio::test]
async fn a_cluster_that_refuses_for_longer_is_tried_for_longer() {
    let it = TestEngine::start().await;
    // More than the tries of one round.
    for _ in 0..6 {
        it.api.fault(Method::PATCH, PATCH, Fault::Status(503, "no leader", false));
    }
    it.succeeds(&it.deploy("web", "b").await).await;
    assert_eq!((it.api.patches("web"), it.runs("web")), (7, image("b")));
}

#[tokio::test]
async fn watches_that_break_and_expire_under_a_rollout_hide_nothing() {
    let it = TestEngine::start().await;
    let run = it.run(json!({"items": [tagged("web", "stuck")]})).await;
    it.reaches(&run, |run| run.items[0].status == ItemStatus::Rolling).await;
    it.api.break_watches();
    it.api.expire_watches();
    it.api.delete("deployments", "shop", "web");
    let run = it.settled(&run).await;
    let failure = run.items[0].failure.as_ref().expect("a failure");
    assert_eq!((run.status, failure.code), (RunStatus::Failed, Cause::WorkloadGone), "{failure:?}");
}

#[tokio::test]
async fn two_people_at_once_are_served_one_after_the_other() {
    let it = TestEngine::start().await;
    let (mina, noor) = tokio::join!(it.deploy("web", "b"), it.deploy("web", "c"));
    let (mina, noor) = tokio::join!(it.settled(&mina), it.settled(&noor));
    assert_eq!((mina.status, noor.status), (RunStatus::Succeeded, RunStatus::Succeeded), "{mina:#?} {noor:#?}");
    assert_eq!(it.api.patches("web"), 2);
    let last = if mina.id < noor.id { "c" } else { "b" };
    assert_eq!(it.runs("web"), image(last), "in the order of request");
}

#[tokio::test]
async fn two_people_who_ask_for_the_same_touch_it_once() {
    let it = TestEngine::start().await;
    let (mina, noor) = tokio::join!(it.deploy("web", "b"), it.deploy("web", "b"));
    let (mina, noor) = tokio::join!(it.settled(&mina), it.settled(&noor));
    assert_eq!((mina.status, noor.status), (RunStatus::Succeeded, RunStatus::Succeeded), "{mina:#?} {noor:#?}");
    assert_eq!((it.api.patches("web"), it.runs("web")), (1, image("b")));
}

#[tokio::test]
async fn a_workload_that_vanishes_while_its_item_waits_fails_it() {
    let it = TestEngine::start().await;
    let (first, waiting) = queued_behind(&it, "c").await;
    it.api.delete("deployments", "shop", "web");
    it.settled(&first).await;
    let waiting = it.settled(&waiting).await;
    assert_eq!(waiting.items[0].failure.as_ref().map(|failure| failure.code), Some(Cause::WorkloadGone));
}

#[tokio::test]
async fn another_workload_of_the_same_name_is_not_touched() {
    let it = TestEngine::start().await;
    let (first, waiting) = queued_behind(&it, "c").await;
    it.api.delete("deployments", "shop", "web");
    put(&it.api, "web", &image("a"));
    let mut again = it.api.object("deployments", "shop", "web");
    again["metadata"]["uid"] = json!("uid-of-another");
    it.api.put("deployments", again);
    it.engine.cancel_run(&it.who, first.id, CancelRun::default()).await.ok();
    let waiting = it.settled(&waiting).await;
    assert_eq!(waiting.items[0].failure.as_ref().map(|failure| failure.code), Some(Cause::WorkloadGone));
    assert_eq!(it.runs("web"), image("a"));
}

#[tokio::test]
async fn a_container_that_was_renamed_while_its_item_waits_fails_it() {
    let it = TestEngine::start().await;
    let (first, waiting) = queued_behind(&it, "c").await;
    it.api.edit("web", |containers| containers[0]["name"] = json!("proxy"));
    it.settled(&first).await;
    let waiting = it.settled(&waiting).await;
    assert_eq!(waiting.items[0].failure.as_ref().map(|failure| failure.code), Some(Cause::WorkloadGone));
}

#[tokio::test]
async fn a_webhook_that_rewrites_the_image_fails_the_item() {
    let it = TestEngine::start().await;
    let (first, waiting) = queued_behind(&it, "c").await;
    it.api.rewrite(&image("c"), &image("e"));
    it.engine.cancel_run(&it.who, first.id, CancelRun::default()).await.expect("cancelled");
    let waiting = it.settled(&waiting).await;
    let failure = waiting.items[0].failure.as_ref().expect("a failure");
    assert_eq!(failure.code, Cause::AdmissionChanged, "{failure:?}");
    assert!(waiting.items[0].changed && failure.message.contains(&image("e")), "{waiting:#?}");
}

#[tokio::test]
async fn what_a_webhook_rewrote_goes_back_under_undo() {
    let it = TestEngine::start().await;
    let first = it.run(json!({"items": [tagged("web", "stuck")]})).await;
    it.reaches(&first, |run| run.items[0].status == ItemStatus::Rolling).await;
    // The webhook comes after the plan was tried, which would have found it.
    let waiting = it.run(json!({"items": [item("web", "c")], "on_failure": "undo"})).await;
    it.api.rewrite(&image("c"), &image("e"));
    it.engine.cancel_run(&it.who, first.id, CancelRun { rollback: true }).await.expect("cancelled");
    let waiting = it.settled(&waiting).await;
    let why = waiting.items[0].failure.as_ref().map(|failure| failure.code);
    assert_eq!((waiting.status, why), (RunStatus::Undone, Some(Cause::AdmissionChanged)), "{waiting:#?}");
    assert_eq!(it.runs("web"), image("a"));
}

#[tokio::test]
async fn the_clock_of_the_cluster_decides_nothing() {
    let it = TestEngine::start().await;
    it.succeeds(&it.run(json!({"items": [tagged("web", "later")]})).await).await;
    let run = it.settled(&it.run(json!({"items": [tagged("api", "later-crash")]})).await).await;
    let failure = run.items[0].failure.as_ref().expect("a failure");
    assert_eq!(failure.code, Cause::CrashLoop, "{failure:?}");
}

#[rstest]
#[case::never(None, 0)]
#[case::a_clock_that_was_set_back(Some(3_600_000), 0)]
#[case::an_hour_ago(Some(-3_600_000), 3_600_000)]
fn how_long_ago(#[case] away_ms: Option<i64>, #[case] at_least_ms: u64) {
    let at = away_ms.map(|away| crate::now().as_millis() + away);
    let passed = u64::try_from(crate::worker::runs::since(at).as_millis()).expect("a time");
    assert!((at_least_ms..at_least_ms + 60_000).contains(&passed), "{passed}");
}

#[tokio::test]
async fn a_deadline_is_kept_by_a_clock_that_nobody_sets() {
    let it = TestEngine::start().await;
    let mut item = tagged("web", "stuck");
    item["deadline_ms"] = json!(10_000);
    let began = std::time::Instant::now();
    let run = it.settled(&it.run(json!({"items": [item]})).await).await;
    let failure = run.items[0].failure.as_ref().expect("a failure");
    assert_eq!(failure.code, Cause::DeadlineExceeded, "{failure:?}");
    assert!(began.elapsed() >= std::time::Duration::from_secs(10));
}
