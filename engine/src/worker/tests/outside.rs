//! What happens beside Slipway: images that others set, and versions that appear in registries and builds.

use super::{TestEngine, image, shop, tagged, task};
use crate::{
    kube::testing::controller::{put, set_image},
    registry::shelf::Content,
};
use serde_json::json;
use types::{
    event::MapChange,
    task::{Newer, Task},
};

async fn web(it: &TestEngine) -> Task {
    it.engine.task(&it.who, &shop(), &task("web")).await.expect("a task")
}

#[tokio::test]
async fn a_task_tells_who_changed_its_image_outside_and_when() {
    let it = TestEngine::start().await;
    assert_eq!(web(&it).await.external, None, "what was there at first sight is nobody's change");
    it.succeeds(&it.deploy("web", "b").await).await;
    assert_eq!(web(&it).await.external, None);
    let before = crate::now();
    let mut feed = it.engine.follow_map(&it.who, &shop(), None).await.expect("a feed");
    set_image(&it.api, "web", &image("d"), "argocd-controller");
    // It is told on the socket, without anybody asking.
    let told = async {
        loop {
            let frame = feed.next().await.expect("a frame");
            let MapChange::Workload(workload) = frame.change else { continue };
            if let Some(external) = workload.tasks[0].external.clone() {
                return external;
            }
        }
    };
    let external = tokio::time::timeout(super::PATIENCE, told).await.expect("told in time");
    assert_eq!((external.by.as_deref(), external.from), (Some("argocd-controller"), Some(image("b"))));
    assert!(external.at >= before && external.at <= crate::now());
    // What Slipway sets after it is Slipway's again.
    it.succeeds(&it.deploy("web", "c").await).await;
    assert_eq!(web(&it).await.external, None);
}

#[tokio::test]
async fn a_newer_version_of_a_common_image_is_told_and_the_registry_is_not_asked_for_each_read() {
    let it = TestEngine::start().await;
    let shelf = it.with_registry().await;
    for tag in ["1.9.0", "1.10.0", "1.10.0-alpine", "latest"] {
        shelf.put("web", tag, &Content::default());
    }
    it.succeeds(&it.run(json!({"items": [tagged("web", "1.9.0")]})).await).await;
    let newer = Newer { tag: "1.10.0".to_owned(), digest: None };
    it.until(|| async { web(&it).await.newer.as_ref() == Some(&newer) }).await;
    assert!(web(&it).await.registry_checked_at.is_some());
    let asked = shelf.count("GET /v2/web/tags/list");
    for _ in 0..5 {
        web(&it).await;
    }
    assert_eq!(shelf.count("GET /v2/web/tags/list"), asked);
    it.succeeds(&it.run(json!({"items": [tagged("web", "1.10.0")]})).await).await;
    assert_eq!(web(&it).await.newer, None);
}

#[tokio::test]
async fn a_tag_without_a_number_is_newer_when_it_has_moved() {
    let it = TestEngine::start().await;
    let shelf = it.with_registry().await;
    let before = shelf.put("web", "edge", &Content::default());
    let after = shelf.put("web", "edge", &Content { config: json!({"User": "1000"}), ..Content::default() });
    put(&it.api, "web", &format!("r.io/web:edge@{before}"));
    let newer = Newer { tag: "edge".to_owned(), digest: Some(after) };
    it.until(|| async { web(&it).await.newer.as_ref() == Some(&newer) }).await;
}

#[tokio::test]
async fn a_later_run_of_the_build_is_newer_and_an_earlier_one_is_not() {
    let it = TestEngine::start().await;
    let shelf = it.with_registry().await;
    let one = shelf.put("web", "1.1", &Content::default());
    let two = shelf.put("web", "1.2", &Content { layer_bytes: 2000, ..Content::default() });
    it.succeeds(&it.run(json!({"items": [tagged("web", "1.1")]})).await).await;
    it.built(1, one.as_str(), "first").await;
    assert_eq!(web(&it).await.newer, None);
    it.built(2, two.as_str(), "second").await;
    let newer = Newer { tag: "1.2".to_owned(), digest: Some(two) };
    assert_eq!(web(&it).await.newer, Some(newer));
    it.succeeds(&it.run(json!({"items": [tagged("web", "1.2")]})).await).await;
    assert_eq!(web(&it).await.newer, None);
}
