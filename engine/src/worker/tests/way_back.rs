use super::{TestEngine, image, item, shop, task};
use serde_json::json;
use types::{
    Digest, ErrorCode,
    history::{NewRollback, RetryRun, RollbackTo},
    plan::Wall,
    run::{CancelRun, ItemStatus, Run, RunKind, RunStatus, WaitKind},
    task::NewHold,
};

fn stuck() -> serde_json::Value {
    json!({"items": [{"task": "deployment/web/app", "version": {"tag": "stuck"}}]})
}

fn to(letter: &str) -> NewRollback {
    let digest = Digest::parse(&format!("sha256:{}", letter.repeat(64))).expect("a digest");
    NewRollback { to: RollbackTo::Digest(digest), hold: None, note: None, deadline_ms: None }
}

async fn roll_back(it: &TestEngine, to: NewRollback) -> Run {
    it.engine.roll_back(&it.who, &shop(), &task("web"), to, None).await.expect("a run").value
}

fn rolls(run: &Run) -> bool {
    run.items[0].status == ItemStatus::Rolling
}

#[tokio::test]
async fn a_rollback_overtakes_what_rolls_and_what_waits() {
    let it = TestEngine::start().await;
    let bad = it.run(stuck()).await;
    it.reaches(&bad, rolls).await;
    let waiting = it.deploy("web", "c").await;
    it.reaches(&waiting, |run| run.items[0].waiting_for.is_some()).await;
    let back = roll_back(&it, to("a")).await;
    assert_eq!(back.kind, RunKind::Rollback);
    it.succeeds(&back).await;
    assert_eq!(it.runs("web"), image("a"));
    let bad = it.settled(&bad).await;
    assert_eq!(bad.items[0].status, ItemStatus::Superseded, "{bad:#?}");
    // What a person had asked for waits behind the hold, and goes on when it is lifted.
    let held = |run: &Run| run.items[0].waiting_for.as_ref().is_some_and(|waits| waits.kind == WaitKind::Hold);
    it.reaches(&waiting, held).await;
    it.engine.lift_hold(&it.who, &shop(), &task("web")).await.expect("lifted");
    it.succeeds(&waiting).await;
    assert_eq!(it.runs("web"), image("c"));
}

#[tokio::test]
async fn a_rollback_without_hold_lets_what_waits_go_on() {
    let it = TestEngine::start().await;
    let bad = it.run(stuck()).await;
    it.reaches(&bad, rolls).await;
    let waiting = it.deploy("web", "c").await;
    let back = roll_back(&it, NewRollback { hold: Some(false), ..to("a") }).await;
    it.settled(&back).await;
    it.succeeds(&waiting).await;
    assert_eq!(it.runs("web"), image("c"));
}

#[tokio::test]
async fn a_rollback_goes_to_what_a_run_had_set() {
    let it = TestEngine::start().await;
    let first = it.succeeds(&it.deploy("web", "b").await).await;
    it.succeeds(&it.deploy("web", "c").await).await;
    let back = NewRollback { to: RollbackTo::Run(first.id), ..to("a") };
    it.succeeds(&roll_back(&it, back).await).await;
    assert_eq!(it.runs("web"), image("b"));
    let unknown = it.engine.roll_back(&it.who, &shop(), &task("web"), to("f"), None).await.expect_err("never ran");
    assert_eq!(unknown.code(), ErrorCode::Invalid);
}

#[tokio::test]
async fn candidates_are_what_ran_before() {
    let it = TestEngine::start().await;
    it.succeeds(&it.deploy("web", "b").await).await;
    it.succeeds(&it.deploy("web", "c").await).await;
    let page = crate::PageRequest::default();
    let found = it.engine.rollback_candidates(&it.who, &shop(), &task("web"), page).await.expect("candidates").items;
    let images: Vec<_> = found.iter().map(|candidate| candidate.entry.image.image.clone()).collect();
    assert_eq!(images, [image("b"), image("a")]);
    assert!(found.iter().all(|candidate| candidate.runnable), "{found:#?}");
}

#[tokio::test]
async fn a_hold_keeps_versions_out_unless_a_reason_is_given() {
    let it = TestEngine::start().await;
    let hold = NewHold { reason: "incident 7".to_owned(), until: None };
    it.engine.put_hold(&it.who, &shop(), &task("web"), hold).await.expect("held");
    let error = it.try_run(json!({"items": [item("web", "b")]})).await.expect_err("held");
    let crate::Error::Blocked(blocked) = error else { panic!("{error}") };
    assert_eq!(blocked[0].blocked_by[0].code, Wall::Held);
    assert!(blocked[0].blocked_by[0].message.contains("incident 7"));
    let run = it.run(json!({"items": [item("web", "b")], "override_hold": "the fix"})).await;
    it.succeeds(&run).await;
    assert_eq!(it.runs("web"), image("b"));
}

#[tokio::test]
async fn a_hold_that_is_set_meanwhile_fails_what_waits() {
    let it = TestEngine::start().await;
    let first = it.run(stuck()).await;
    it.reaches(&first, rolls).await;
    let waiting = it.deploy("web", "c").await;
    it.reaches(&waiting, |run| run.items[0].waiting_for.is_some()).await;
    let hold = NewHold { reason: "incident 7".to_owned(), until: None };
    it.engine.put_hold(&it.who, &shop(), &task("web"), hold).await.expect("held");
    it.engine.cancel_run(&it.who, first.id, CancelRun::default()).await.expect("cancelled");
    let waiting = it.settled(&waiting).await;
    assert_eq!(waiting.items[0].failure.as_ref().map(|failure| failure.code.as_str()), Some("held"));
}

#[tokio::test]
async fn a_retry_takes_what_did_not_succeed_to_the_same_digests() {
    let it = TestEngine::start().await;
    let run = it
        .run(json!({"items": [
            item("api", "b"),
            {"task": "deployment/web/app", "version": {"tag": "crash"}, "wave": 2},
        ]}))
        .await;
    let run = it.settled(&run).await;
    assert_eq!(run.status, RunStatus::Failed);
    let retry = it.engine.retry_run(&it.who, run.id, RetryRun::default(), None).await.expect("a run").value;
    assert_eq!((retry.kind, retry.of, retry.items.len()), (RunKind::Retry, Some(run.id), 1));
    assert_eq!((retry.items[0].task.workload.as_str(), &retry.items[0].to), ("web", &run.items[1].to));
    let retry = it.settled(&retry).await;
    assert_eq!(retry.items[0].failure.as_ref().map(|failure| failure.code.as_str()), Some("crash_loop"));
    let run = it.engine.run(&it.who, run.id).await.expect("a run");
    assert_eq!(run.retried_by, Some(retry.id));
    let done = it.succeeds(&it.deploy("api", "c").await).await;
    let error = it.engine.retry_run(&it.who, done.id, RetryRun::default(), None).await.expect_err("all succeeded");
    assert_eq!(error.code(), ErrorCode::NothingToDo);
}

#[tokio::test]
async fn asking_for_what_is_on_its_way_starts_nothing() {
    let it = TestEngine::start().await;
    let first = it.run(stuck()).await;
    it.reaches(&first, rolls).await;
    let queued = it.deploy("web", "c").await;
    assert_eq!(it.run(stuck()).await.id, first.id);
    assert_eq!(it.deploy("web", "c").await.id, queued.id, "also what only waits");
}
