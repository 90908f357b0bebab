//! What keeps a task from running, and what should be known of it, on a cluster and a registry that answer.

use super::{TestEngine, image, item, shop, tagged, task};
use crate::{Error, PageRequest, kube::testing::api::FakeApi, registry::shelf::Content};
use serde_json::json;
use types::{
    Digest, ErrorCode, Name, Time,
    freeze::{Freeze, NewFreeze},
    history::{NewRollback, RollbackTo, UndoRun},
    plan::{Wall, Warning},
    run::{CancelRun, Cause, ItemStatus, RunStatus},
    task::{NewSelection, Task},
    version::Version,
};

async fn wall_of(it: &TestEngine, body: serde_json::Value) -> (Wall, String) {
    let Error::Blocked(mut blocked) = it.try_run(body).await.expect_err("blocked") else { panic!("another error") };
    let wall = blocked.remove(0).blocked_by.remove(0);
    (wall.code, wall.message)
}

async fn web(it: &TestEngine) -> Task {
    it.engine.task(&it.who, &shop(), &task("web")).await.expect("a task")
}

async fn freeze(it: &TestEngine, maps: Option<&str>, until: Option<Time>) -> Freeze {
    let maps = maps.map(|name| vec![Name::parse(name).expect("a name")]);
    let new = NewFreeze { maps, from: None, until, reason: "the fair".to_owned() };
    it.engine.create_freeze(&it.who, new).await.expect("a freeze")
}

#[tokio::test]
async fn a_frozen_map_takes_no_runs_and_lets_rollback_and_undo_pass() {
    let it = TestEngine::start().await;
    let first = it.succeeds(&it.deploy("web", "b").await).await;
    let second = it.succeeds(&it.deploy("web", "c").await).await;
    let frozen = freeze(&it, Some("shop"), None).await;
    assert!(frozen.active);
    let (code, words) = wall_of(&it, json!({"items": [item("api", "b")]})).await;
    assert_eq!(code, Wall::Frozen);
    assert!(words.contains("slipway froze it") && words.contains("the fair"), "{words}");
    let (code, _) = wall_of(&it, json!({"items": [item("api", "b")], "override_hold": "urgent"})).await;
    assert_eq!(code, Wall::Frozen, "to pass a hold is not to pass a freeze");
    let to = NewRollback { to: RollbackTo::Run(first.id), hold: Some(false), note: None, deadline_ms: None };
    let back = it.engine.roll_back(&it.who, &shop(), &task("web"), to, None).await.expect("a run").value;
    it.succeeds(&back).await;
    let undo = UndoRun { hold: Some(false), force: true, note: None };
    let undo = it.engine.undo_run(&it.who, second.id, undo, None).await.expect("a run").value;
    it.settled(&undo).await;
    assert_eq!(it.runs("web"), image("b"));
    it.engine.delete_freeze(&it.who, frozen.id).await.expect("lifted");
    it.succeeds(&it.deploy("api", "b").await).await;
}

#[tokio::test]
async fn a_freeze_of_other_maps_or_of_another_time_keeps_nothing() {
    let it = TestEngine::start().await;
    let tomorrow = crate::now().plus_ms(86_400_000);
    let new = NewFreeze { maps: None, from: Some(tomorrow), until: None, reason: "the fair".to_owned() };
    let coming = it.engine.create_freeze(&it.who, new).await.expect("a freeze");
    assert!(!coming.active);
    it.succeeds(&it.deploy("web", "b").await).await;
    let listed = it.engine.freezes(&it.who, PageRequest::default()).await.expect("freezes").items;
    assert_eq!(listed, [coming]);
}

#[tokio::test]
async fn a_freeze_of_what_is_not_there_or_past_is_refused() {
    let it = TestEngine::start().await;
    let new = |maps, until, reason: &str| NewFreeze { maps, from: None, until, reason: reason.to_owned() };
    let other = vec![Name::parse("other").expect("a name")];
    for wrong in [
        new(Some(other), None, "why"),
        new(Some(Vec::new()), None, "why"),
        new(None, Some(Time::from_millis(1)), "why"),
        new(None, None, " "),
    ] {
        let error = it.engine.create_freeze(&it.who, wrong.clone()).await.expect_err("refused");
        assert_eq!(error.code(), ErrorCode::Invalid, "{wrong:?}");
    }
}

#[tokio::test]
async fn what_waits_when_a_freeze_begins_fails_when_its_turn_comes() {
    let it = TestEngine::start().await;
    let first = it.run(json!({"items": [tagged("web", "stuck")]})).await;
    it.reaches(&first, |run| run.items[0].status == ItemStatus::Rolling).await;
    let waiting = it.deploy("web", "c").await;
    it.reaches(&waiting, |run| run.items[0].waiting_for.is_some()).await;
    freeze(&it, None, None).await;
    it.engine.cancel_run(&it.who, first.id, CancelRun::default()).await.expect("cancelled");
    let waiting = it.settled(&waiting).await;
    let failure = waiting.items[0].failure.as_ref().expect("a failure");
    assert_eq!((waiting.status, failure.code), (RunStatus::Failed, Cause::Frozen), "{failure:?}");
    assert_eq!(it.api.patches("web"), 1, "only the first touched it");
}

#[tokio::test]
async fn the_page_shows_that_a_freeze_began_and_ended() {
    let it = TestEngine::start().await;
    let choice = NewSelection { version: Version::Tag("2".to_owned()), seen: None };
    it.engine.select(&it.who, &shop(), &task("web"), choice).await.expect("chosen");
    let mut feed = it.engine.follow_map(&it.who, &shop(), None).await.expect("a feed");
    let soon = crate::now().plus_ms(300);
    freeze(&it, Some("shop"), Some(soon)).await;
    let frozen = |task: &Task| task.blocked_by.iter().any(|wall| wall.code == Wall::Frozen);
    let (mut began, mut ended) = (false, false);
    let looking = async {
        while !ended {
            feed.next().await.expect("a frame");
            let now = frozen(&web(&it).await);
            ended = began && !now;
            began |= now;
        }
    };
    tokio::time::timeout(super::PATIENCE, looking).await.expect("it is told in time");
}

#[tokio::test]
async fn a_missing_right_is_a_wall_also_on_the_page_and_of_a_build() {
    let api = FakeApi::start().await;
    api.forbid("patch deployments");
    let it = TestEngine::on(api).await;
    let (code, words) = wall_of(&it, json!({"items": [item("web", "b")]})).await;
    assert_eq!(code, Wall::ClusterForbidden);
    assert!(words.contains("patch deployments.apps"), "{words}");
    assert_eq!(it.api.trials("web"), 0, "nothing is tried that is known to be refused");
    let asked = it.api.count("POST /apis/authorization.k8s.io");
    assert_eq!(web(&it).await.blocked_by.iter().filter(|wall| wall.code == Wall::ClusterForbidden).count(), 1);
    assert_eq!(it.api.count("POST /apis/authorization.k8s.io"), asked, "the page remembers it for a while");
    it.api.allow("patch deployments");
    it.succeeds(&it.deploy("web", "b").await).await;
}

#[tokio::test]
async fn an_image_for_another_platform_than_the_nodes_is_refused() {
    let api = FakeApi::start().await;
    let labels = json!({"kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"});
    api.put("nodes", json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1", "labels": labels}}));
    let it = TestEngine::on(api).await;
    let shelf = it.with_registry().await;
    shelf.put("web", "2", &Content { architecture: "arm64", ..Content::default() });
    shelf.put("web", "3", &Content::default());
    let (code, words) = wall_of(&it, json!({"items": [tagged("web", "2")]})).await;
    assert_eq!(code, Wall::WrongPlatform);
    assert!(words.contains("linux/arm64") && words.contains("linux/amd64"), "{words}");
    it.succeeds(&it.run(json!({"items": [tagged("web", "3")]})).await).await;
}

#[tokio::test]
async fn a_tag_that_moved_since_it_was_chosen_warns_and_runs() {
    let it = TestEngine::start().await;
    let shelf = it.with_registry().await;
    let seen = shelf.put("web", "2", &Content::default());
    let choice = NewSelection { version: Version::Tag("2".to_owned()), seen: Some(seen.clone()) };
    it.engine.select(&it.who, &shop(), &task("web"), choice).await.expect("chosen");
    let moved = shelf.put("web", "2", &Content { layer_bytes: 2000, ..Content::default() });
    let warned = |plan: &types::plan::Plan| plan.items[0].warnings.iter().any(|warned| warned.code == Warning::Moved);
    // Of the stored selection, of a batch, and of an item that says itself what it has seen.
    let body = json!({"items": [tagged("web", "2")]});
    assert!(warned(&it.plan(body.clone()).await));
    assert!(warned(&it.plan(json!({"batch": true})).await));
    it.engine.clear_selection(&it.who, &shop(), &task("web")).await.expect("cleared");
    assert!(!warned(&it.plan(body.clone()).await));
    let mut carried = tagged("web", "2");
    carried["seen"] = json!(seen);
    assert!(warned(&it.plan(json!({"items": [carried]})).await));
    it.succeeds(&it.run(body).await).await;
    assert_eq!(it.runs("web"), format!("r.io/web:2@{moved}"));
}

#[tokio::test]
async fn what_is_older_than_what_runs_warns() {
    let it = TestEngine::start().await;
    let shelf = it.with_registry().await;
    for tag in ["1.9.0", "1.10.0"] {
        shelf.put("web", tag, &Content::default());
    }
    it.succeeds(&it.run(json!({"items": [tagged("web", "1.10.0")]})).await).await;
    let plan = it.plan(json!({"items": [tagged("web", "1.9.0")]})).await;
    let older = plan.items[0].warnings.iter().find(|warned| warned.code == Warning::OlderVersion);
    assert_eq!(older.map(|warned| warned.message.as_str()), Some("1.9.0 is older than 1.10.0."));
    assert!(plan.items[0].runnable);
}

#[tokio::test]
async fn a_digest_that_the_registry_has_no_more_is_a_wall() {
    let it = TestEngine::start().await;
    let shelf = it.with_registry().await;
    let digest: Digest = shelf.put("web", "2", &Content::default());
    shelf.remove("web", &digest);
    let body = json!({"items": [{"task": "deployment/web/app", "version": {"digest": digest}}]});
    assert_eq!(wall_of(&it, body).await.0, Wall::ImageGone);
    assert_eq!(wall_of(&it, json!({"items": [tagged("web", "2")]})).await.0, Wall::TagNotFound);
}
