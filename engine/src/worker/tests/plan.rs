//! What a plan says before anything happens, and what becomes of it when things change meanwhile.

use super::{TestEngine, image, item, tagged};
use crate::{
    Error,
    kube::testing::{api::Fault, controller::set_image},
    registry::shelf::Content,
};
use http::Method;
use serde_json::{Value, json};
use types::{
    plan::{Action, Plan, Wall, Warning},
    run::ItemStatus,
};

fn walls(plan: &Plan) -> Vec<Wall> {
    plan.items.iter().flat_map(|item| item.blocked_by.iter().map(|wall| wall.code)).collect()
}

fn warnings(plan: &Plan) -> Vec<Warning> {
    plan.items.iter().flat_map(|item| item.warnings.iter().map(|warned| warned.code)).collect()
}

fn stale(error: Error) -> Plan {
    match error {
        Error::PlanStale(plan) => *plan,
        other => panic!("{other}"),
    }
}

fn with_hash(mut body: Value, plan: &Plan) -> Value {
    body["plan_hash"] = json!(plan.plan_hash);
    body
}

#[tokio::test]
async fn quota_and_admission_speak_before_a_pod_is_touched() {
    let it = TestEngine::start().await;
    it.api.fault(Method::PATCH, "/web", Fault::Status(403, "exceeded quota: compute", false));
    let plan = it.plan(json!({"items": [item("web", "b"), item("api", "b")]})).await;
    assert_eq!(walls(&plan), [Wall::AdmissionDenied]);
    assert!(plan.items[0].blocked_by[0].message.contains("exceeded quota: compute"), "{plan:#?}");
    assert_eq!((plan.items[0].action, plan.items[0].runnable, plan.runnable_count), (Action::None, false, 1));
    assert_eq!((it.api.trials("web"), it.api.trials("api")), (1, 1), "each is tried once");
    assert_eq!((it.api.patches("web"), it.runs("web")), (0, image("a")));
}

#[tokio::test]
async fn what_the_dry_run_refuses_starts_nothing() {
    let it = TestEngine::start().await;
    let missing = r#"User "slipway" cannot patch resource "deployments""#;
    it.api.fault(Method::PATCH, "/web", Fault::Status(403, missing, false));
    let error = it.try_run(json!({"items": [item("web", "b"), item("api", "b")]})).await.expect_err("refused");
    let Error::Blocked(blocked) = error else { panic!("{error}") };
    assert_eq!((blocked.len(), blocked[0].blocked_by[0].code), (1, Wall::ClusterForbidden));
    assert_eq!((it.api.patches("web"), it.api.patches("api")), (0, 0));
}

#[tokio::test]
async fn a_webhook_that_rewrites_the_image_is_found_by_the_dry_run() {
    let it = TestEngine::start().await;
    it.api.rewrite(&image("b"), &image("e"));
    let plan = it.plan(json!({"items": [item("web", "b")]})).await;
    assert_eq!(walls(&plan), [Wall::AdmissionDenied]);
    assert!(plan.items[0].blocked_by[0].message.contains(&image("e")), "{plan:#?}");
}

#[tokio::test]
async fn a_mirror_of_the_same_content_is_no_wall() {
    let it = TestEngine::start().await;
    it.api.rewrite(&image("b"), &image("b").replace("r.io", "mirror.example"));
    assert_eq!(walls(&it.plan(json!({"items": [item("web", "b")]})).await), []);
}

#[tokio::test]
async fn a_cluster_that_hangs_makes_the_plan_neither_slow_nor_blocked() {
    let it = TestEngine::start().await;
    for _ in 0..4 {
        it.api.fault(Method::GET, "/web", Fault::Silence);
    }
    let began = std::time::Instant::now();
    let plan = it.plan(json!({"items": [item("web", "b"), item("api", "b")]})).await;
    assert!(began.elapsed() < super::PATIENCE / 2, "{:?}", began.elapsed());
    assert_eq!((walls(&plan), plan.runnable_count), (vec![], 2));
    assert_eq!(warnings(&plan), [Warning::NotTried]);
    assert!(plan.items[1].warnings.is_empty(), "the others were tried all the same");
}

#[tokio::test]
async fn the_page_tries_nothing() {
    let it = TestEngine::start().await;
    it.engine.map_tasks(&it.who, &super::shop()).await.expect("tasks");
    assert_eq!((it.api.trials("web"), it.api.trials("api")), (0, 0));
}

#[tokio::test]
async fn a_plan_that_is_still_the_same_runs() {
    let it = TestEngine::start().await;
    let body = json!({"items": [item("web", "b")]});
    let plan = it.plan(body.clone()).await;
    let run = it.succeeds(&it.run(with_hash(body, &plan)).await).await;
    assert_eq!(run.plan_hash, plan.plan_hash);
}

#[tokio::test]
async fn a_tag_that_moves_between_plan_and_run_makes_the_plan_stale() {
    let it = TestEngine::start().await;
    let shelf = it.with_registry().await;
    let before = shelf.put("web", "2", &Content::default());
    let body = json!({"items": [tagged("web", "2")]});
    let plan = it.plan(body.clone()).await;
    assert_eq!(plan.items[0].to.as_ref().and_then(|to| to.digest.clone()), Some(before));
    let after = shelf.put("web", "2", &Content { layer_bytes: 2000, ..Content::default() });
    let new = stale(it.try_run(with_hash(body.clone(), &plan)).await.expect_err("stale"));
    assert_eq!(new.items[0].to.as_ref().and_then(|to| to.digest.clone()), Some(after.clone()));
    assert_eq!(it.api.patches("web"), 0, "nothing started");
    // The new one, confirmed, is what runs.
    let run = it.succeeds(&it.run(with_hash(body, &new)).await).await;
    assert_eq!(run.items[0].to.as_ref().and_then(|to| to.digest.clone()), Some(after));
}

#[tokio::test]
async fn a_tag_that_moves_after_the_run_was_accepted_changes_nothing() {
    let it = TestEngine::start().await;
    let shelf = it.with_registry().await;
    let planned = shelf.put("web", "2", &Content::default());
    shelf.put("web", "stuck", &Content::default());
    let first = it.run(json!({"items": [tagged("web", "stuck")]})).await;
    it.reaches(&first, |run| run.items[0].status == ItemStatus::Rolling).await;
    let waiting = it.run(json!({"items": [tagged("web", "2")]})).await;
    shelf.put("web", "2", &Content { layer_bytes: 2000, ..Content::default() });
    it.engine.cancel_run(&it.who, first.id, types::run::CancelRun::default()).await.expect("cancelled");
    it.succeeds(&waiting).await;
    assert_eq!(it.runs("web"), format!("r.io/web:2@{planned}"));
}

#[tokio::test]
async fn a_workload_that_was_changed_between_plan_and_run_makes_the_plan_stale() {
    let it = TestEngine::start().await;
    let body = json!({"items": [item("web", "b")]});
    let plan = it.plan(body.clone()).await;
    set_image(&it.api, "web", &image("d"), "kubectl-edit");
    it.until(|| async { it.history("web").await[0].image.image == image("d") }).await;
    let new = stale(it.try_run(with_hash(body, &plan)).await.expect_err("stale"));
    assert_eq!(new.items[0].from.as_ref().map(|from| from.image.clone()), Some(image("d")));
}

#[tokio::test]
async fn a_container_that_moved_in_the_list_is_found_by_its_name() {
    let it = TestEngine::start().await;
    let body = json!({"items": [item("web", "b")]});
    let plan = it.plan(body.clone()).await;
    it.api.edit("web", |containers| containers.insert(0, json!({"name": "proxy", "image": image("f")})));
    it.until(|| async { it.engine.task(&it.who, &super::shop(), &proxy()).await.is_ok() }).await;
    let run = it.settled(&it.run(with_hash(body, &plan)).await).await;
    assert_eq!(run.items[0].status, ItemStatus::Succeeded, "{run:#?}");
    let containers = it.api.containers("web");
    assert_eq!((&containers[0]["image"], &containers[1]["image"]), (&json!(image("f")), &json!(image("b"))));
}

#[tokio::test]
async fn a_container_that_was_renamed_between_plan_and_run_makes_the_plan_stale() {
    let it = TestEngine::start().await;
    let body = json!({"items": [item("web", "b")]});
    let plan = it.plan(body.clone()).await;
    it.api.edit("web", |containers| containers[0]["name"] = json!("proxy"));
    it.until(|| async { it.engine.task(&it.who, &super::shop(), &proxy()).await.is_ok() }).await;
    let new = stale(it.try_run(with_hash(body, &plan)).await.expect_err("stale"));
    assert_eq!(walls(&new), [Wall::TaskNotFound]);
}

#[tokio::test]
async fn a_workload_that_vanished_between_plan_and_run_makes_the_plan_stale() {
    let it = TestEngine::start().await;
    let body = json!({"items": [item("web", "b")]});
    let plan = it.plan(body.clone()).await;
    it.api.delete("deployments", "shop", "web");
    it.until(|| async { it.engine.task(&it.who, &super::shop(), &super::task("web")).await.is_err() }).await;
    let new = stale(it.try_run(with_hash(body.clone(), &plan)).await.expect_err("stale"));
    assert_eq!(walls(&new), [Wall::TaskNotFound]);
    assert!(matches!(it.try_run(body).await.expect_err("blocked"), Error::Blocked(_)));
}

#[tokio::test]
async fn an_image_of_another_repository_is_refused() {
    let it = TestEngine::start().await;
    let body = json!({"items": [{"repository": "r.io/other", "version": {"tag": "1"}}]});
    assert_eq!(it.try_run(body).await.expect_err("no container has it").code(), types::ErrorCode::Invalid);
    assert_eq!(it.api.patches("web"), 0);
}

fn proxy() -> types::TaskId {
    "deployment/web/proxy".parse().expect("a task")
}
