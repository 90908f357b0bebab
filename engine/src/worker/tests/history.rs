use super::{TestEngine, image};
use crate::kube::testing::controller::set_image;
use types::{history::ChangeSource, run::ProofState};

#[tokio::test]
async fn begins_with_what_was_found() {
    let it = TestEngine::start().await;
    let entries = it.history("web").await;
    assert_eq!(entries.len(), 1);
    assert!(entries[0].found && entries[0].until.is_none());
    assert_eq!((entries[0].source, &entries[0].image.image), (ChangeSource::External, &image("a")));
}

#[tokio::test]
async fn tells_what_slipway_set_and_what_proves_it() {
    let it = TestEngine::start().await;
    let run = it.succeeds(&it.deploy("web", "b").await).await;
    let entries = it.history("web").await;
    let entry = &entries[0];
    assert_eq!((entry.source, entry.run, entry.item), (ChangeSource::Slipway, Some(run.id), Some(1)));
    assert_eq!((entry.by.as_deref(), &entry.image.image), (Some("slipway"), &image("b")));
    assert_eq!(entry.proof.as_ref().map(|proof| proof.state), Some(ProofState::Proven));
    assert_eq!(entries[1].until, Some(entry.from), "one ends where the next begins");
}

#[tokio::test]
async fn tells_what_others_set_and_marks_the_run_that_they_reverted() {
    let it = TestEngine::start().await;
    let run = it.succeeds(&it.deploy("web", "b").await).await;
    set_image(&it.api, "web", &image("a"), "argocd-controller");
    it.until(|| async { it.history("web").await[0].source == ChangeSource::External }).await;
    let entry = it.history("web").await.remove(0);
    assert_eq!((entry.manager.as_deref(), entry.image.image), (Some("argocd-controller"), image("a")));
    let run = it.engine.run(&it.who, run.id).await.expect("a run");
    assert_eq!(run.reverted_by.as_deref(), Some("argocd-controller"));
}

#[tokio::test]
async fn what_others_set_while_it_rolls_ends_the_item() {
    let it = TestEngine::start().await;
    let body = serde_json::json!({"items": [{"task": "deployment/web/app", "version": {"tag": "stuck"}}]});
    let run = it.run(body).await;
    it.reaches(&run, |run| run.items[0].status == types::run::ItemStatus::Rolling).await;
    set_image(&it.api, "web", &image("d"), "kubectl-edit");
    let run = it.settled(&run).await;
    assert_eq!(run.items[0].status, types::run::ItemStatus::Superseded);
    assert!(run.items[0].reason.as_deref().is_some_and(|reason| reason.contains("kubectl-edit")), "{run:#?}");
}

#[tokio::test]
async fn digests_in_use_and_within_reach_are_listed() {
    let it = TestEngine::start().await;
    it.succeeds(&it.deploy("web", "b").await).await;
    let listed = it.engine.digests(&it.who).await.expect("digests");
    let tasks = |letter: &str| {
        let digest = format!("sha256:{}", letter.repeat(64));
        let found = listed.iter().find(|listed| listed.digest.as_str() == digest && listed.repository == "r.io/web");
        found.map(|found| found.tasks.join(" ")).unwrap_or_default()
    };
    assert_eq!(tasks("b"), "shop/deployment/web/app");
    assert_eq!(tasks("a"), "shop/deployment/api/app shop/deployment/web/app", "it is the way back");
    assert_eq!(tasks("c"), "");
}
