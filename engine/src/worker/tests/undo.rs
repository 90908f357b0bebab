use super::{TestEngine, image, in_wave, item};
use crate::kube::testing::{api::Fault, controller::set_image};
use http::Method;
use serde_json::json;
use types::{
    history::{ChangeSource, UndoRun},
    run::{CancelRun, Cause, ItemStatus, PhaseName, RunKind, RunStatus},
};

fn crash(name: &str, wave: u32) -> serde_json::Value {
    json!({"task": format!("deployment/{name}/app"), "version": {"tag": "crash"}, "wave": wave})
}

fn stuck(name: &str) -> serde_json::Value {
    json!({"task": format!("deployment/{name}/app"), "version": {"tag": "stuck"}})
}

#[tokio::test]
async fn by_policy_everything_goes_back_the_last_wave_first() {
    let it = TestEngine::start().await;
    let run = it.run(json!({"items": [in_wave("web", "b", 1), crash("api", 2)], "on_failure": "undo"})).await;
    let run = it.settled(&run).await;
    assert_eq!(run.status, RunStatus::Undone, "{run:#?}");
    assert_eq!(run.items[0].status, ItemStatus::Undone);
    assert_eq!(run.items[1].status, ItemStatus::Undone);
    assert_eq!((it.runs("web"), it.runs("api")), (image("a"), image("a")));
    let undoing =
        |n: usize| run.items[n].phases.iter().find(|phase| phase.phase == PhaseName::Undoing).expect("a phase");
    assert!(undoing(1).at <= undoing(0).at, "the last wave goes first");
    assert!(run.items[1].failure.as_ref().is_some_and(|failure| failure.code == Cause::CrashLoop), "why is kept");
}

#[tokio::test]
async fn what_has_not_begun_is_skipped_and_what_changed_nothing_stays() {
    let it = TestEngine::start().await;
    let run = it.run(json!({"items": [crash("web", 1), in_wave("api", "b", 2)], "on_failure": "undo"})).await;
    let run = it.settled(&run).await;
    assert_eq!((run.status, run.items[1].status), (RunStatus::Undone, ItemStatus::Skipped));
    assert_eq!(run.items[1].reason.as_deref(), Some("earlier_failure"));
    assert_eq!(it.runs("api"), image("a"));
}

#[tokio::test]
async fn a_cancel_with_rollback_takes_back_what_rolls_and_what_is_done() {
    let it = TestEngine::start().await;
    let run = it.run(json!({"items": [item("web", "b"), stuck("api")]})).await;
    let run = it
        .reaches(&run, |run| run.items[0].status == ItemStatus::Succeeded && run.items[1].status == ItemStatus::Rolling)
        .await;
    it.engine.cancel_run(&it.who, run.id, CancelRun { rollback: true }).await.expect("cancelled");
    let run = it.settled(&run).await;
    assert_eq!(run.status, RunStatus::Undone, "{run:#?}");
    assert_eq!((it.runs("web"), it.runs("api")), (image("a"), image("a")));
}

#[tokio::test]
async fn a_cancel_leaves_the_workload_as_it_is() {
    let it = TestEngine::start().await;
    let run = it.run(json!({"items": [stuck("web")]})).await;
    it.reaches(&run, |run| run.items[0].status == ItemStatus::Rolling).await;
    it.engine.cancel_run(&it.who, run.id, CancelRun { rollback: false }).await.expect("cancelled");
    let run = it.settled(&run).await;
    assert_eq!((run.status, run.items[0].status), (RunStatus::Canceled, ItemStatus::Canceled));
    assert_eq!(it.runs("web"), "r.io/web:stuck");
}

#[tokio::test]
async fn a_way_back_that_is_refused_fails_with_the_cause_within() {
    let it = TestEngine::start().await;
    let run = it.run(json!({"items": [stuck("web")]})).await;
    it.reaches(&run, |run| run.items[0].status == ItemStatus::Rolling).await;
    it.api.fault(Method::PATCH, "/web", Fault::Status(403, "exceeded quota: compute", false));
    it.engine.cancel_run(&it.who, run.id, CancelRun { rollback: true }).await.expect("cancelled");
    let run = it.settled(&run).await;
    let failure = run.items[0].failure.as_ref().expect("a failure");
    assert_eq!((run.status, run.items[0].status), (RunStatus::Failed, ItemStatus::Failed));
    assert_eq!(failure.code, Cause::UndoFailed);
    assert!(failure.evidence.iter().any(|evidence| evidence.name == "admission_denied"), "{failure:?}");
}

#[tokio::test]
async fn a_new_run_undoes_a_settled_one_and_holds_its_tasks() {
    let it = TestEngine::start().await;
    let run = it.run(json!({"items": [in_wave("web", "b", 1), in_wave("api", "c", 2)]})).await;
    let run = it.succeeds(&run).await;
    let undo = it.engine.undo_run(&it.who, run.id, UndoRun::default(), None).await.expect("a run").value;
    assert_eq!((undo.kind, undo.of), (RunKind::Undo, Some(run.id)));
    assert_eq!((undo.items[0].wave, undo.items[1].wave), (2, 1), "in reverse order");
    it.succeeds(&undo).await;
    assert_eq!((it.runs("web"), it.runs("api")), (image("a"), image("a")));
    let run = it.engine.run(&it.who, run.id).await.expect("a run");
    assert_eq!(run.undone_by, Some(undo.id));
    let task = it.engine.task(&it.who, &super::shop(), &super::task("web")).await.expect("a task");
    assert!(task.hold.is_some_and(|hold| hold.reason.contains("undid")));
    let entry = it.history("web").await.remove(0);
    assert_eq!((entry.source, entry.run, entry.image.image), (ChangeSource::Slipway, Some(undo.id), image("a")));
}

#[tokio::test]
async fn an_undo_does_not_touch_what_was_changed_since_unless_forced() {
    let it = TestEngine::start().await;
    let run = it.succeeds(&it.run(json!({"items": [item("web", "b"), item("api", "b")]})).await).await;
    set_image(&it.api, "web", &image("d"), "kubectl-edit");
    it.until(|| async { it.history("web").await[0].image.image == image("d") }).await;
    let none = UndoRun { hold: Some(false), ..UndoRun::default() };
    let undo = it.engine.undo_run(&it.who, run.id, none.clone(), None).await.expect("a run").value;
    let undo = it.settled(&undo).await;
    assert_eq!(undo.items[0].status, ItemStatus::Superseded, "{undo:#?}");
    assert!(undo.items[0].reason.as_deref().is_some_and(|reason| reason.contains("kubectl-edit")));
    assert_eq!((it.runs("web"), it.runs("api")), (image("d"), image("a")));
    let error = it.engine.undo_run(&it.who, run.id, none.clone(), None).await.expect_err("nothing is left");
    assert_eq!(error.code().as_str(), "nothing_to_do");
    let forced = it.engine.undo_run(&it.who, run.id, UndoRun { force: true, ..none }, None).await.expect("a run").value;
    it.settled(&forced).await;
    assert_eq!(it.runs("web"), image("a"));
}

#[tokio::test]
async fn a_run_that_goes_on_or_changed_nothing_is_not_undone() {
    let it = TestEngine::start().await;
    let run = it.run(json!({"items": [stuck("web")]})).await;
    let error = it.engine.undo_run(&it.who, run.id, UndoRun::default(), None).await.expect_err("it goes on");
    assert_eq!(error.code().as_str(), "in_progress");
    it.engine.cancel_run(&it.who, run.id, CancelRun { rollback: true }).await.expect("cancelled");
    let run = it.settled(&run).await;
    let error = it.engine.undo_run(&it.who, run.id, UndoRun::default(), None).await.expect_err("it went back");
    assert_eq!(error.code().as_str(), "nothing_to_do");
}

#[tokio::test]
async fn a_lost_answer_on_the_way_back_sends_nothing_twice() {
    let it = TestEngine::start().await;
    let run = it.run(json!({"items": [stuck("web")]})).await;
    it.reaches(&run, |run| run.items[0].status == ItemStatus::Rolling).await;
    // The answer to the patch that goes back is lost: it is read again before anything is sent again.
    it.api.fault(Method::PATCH, "/web", Fault::LostAnswer);
    it.engine.cancel_run(&it.who, run.id, CancelRun { rollback: true }).await.expect("cancelled");
    let run = it.settled(&run).await;
    assert_eq!(run.status, RunStatus::Undone, "{run:#?}");
    assert_eq!(it.api.patches("web"), 2, "there and back");
    assert_eq!(it.runs("web"), image("a"));
}
