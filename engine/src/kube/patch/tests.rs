use super::{Applied, Conflict, ImageChange, PatchError, PatchOutcome};
use crate::kube::{
    rollout::WorkloadTarget,
    testing::{
        api::{FakeApi, Fault},
        shop::{deployment, shop},
    },
    workload::WorkloadKey,
};
use http::Method;
use rstest::rstest;
use serde_json::json;
use types::{WorkloadKind, run::Cause};

const OLD: &str = "r.io/web:1";
const NEW: &str = "r.io/web:2";

fn target() -> WorkloadTarget {
    let key = WorkloadKey { namespace: "shop".to_owned(), kind: WorkloadKind::Deployment, name: "web".to_owned() };
    WorkloadTarget { key, uid: "uid-web".to_owned() }
}

fn change() -> [ImageChange; 1] {
    [ImageChange { container: "app".to_owned(), from_image: OLD.to_owned(), to_image: NEW.to_owned() }]
}

fn applied(generation: i64) -> Applied {
    Applied { uid: "uid-web".to_owned(), generation, images: vec![("app".to_owned(), NEW.to_owned())] }
}

async fn api() -> FakeApi {
    let api = FakeApi::start().await;
    shop(&api, OLD);
    api
}

#[tokio::test]
async fn sends_one_patch_that_tests_before_it_replaces() {
    let api = api().await;
    let outcome = api.cluster().apply_images(&target(), &change(), false).await.expect("an outcome");
    assert_eq!(outcome, PatchOutcome::Applied(applied(2)));
    let at = "/spec/template/spec/containers/1";
    let patch = json!([
        {"op": "test", "path": "/metadata/uid", "value": "uid-web"},
        {"op": "test", "path": format!("{at}/name"), "value": "app"},
        {"op": "test", "path": format!("{at}/image"), "value": OLD},
        {"op": "replace", "path": format!("{at}/image"), "value": NEW},
    ]);
    assert_eq!(api.bodies(), [patch]);
    assert_eq!(api.count("PATCH /apis/apps/v1/namespaces/shop/deployments/web?fieldManager=slipway"), 1);
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let api = api().await;
    let outcome = api.cluster().apply_images(&target(), &change(), true).await.expect("an outcome");
    assert_eq!(outcome, PatchOutcome::Applied(applied(2)));
    assert_eq!(api.object("deployments", "shop", "web")["metadata"]["generation"], 1);
    assert_eq!(api.count("PATCH /apis/apps/v1/namespaces/shop/deployments/web?fieldManager=slipway&dryRun=All"), 1);
}

#[rstest]
#[case(Fault::Status(409, "the object has been modified", false))]
#[case(Fault::Status(429, "too many requests", false))]
#[case(Fault::Status(500, "failed calling webhook", false))]
#[case(Fault::Status(503, "no leader", false))]
#[tokio::test]
async fn tries_again_after_reading_again(#[case] fault: Fault) {
    let api = api().await;
    api.fault(Method::PATCH, "/web", fault);
    let outcome = api.cluster().apply_images(&target(), &change(), false).await.expect("an outcome");
    assert_eq!(outcome, PatchOutcome::Applied(applied(2)));
    assert_eq!(api.count("GET /apis/apps/v1/namespaces/shop/deployments/web"), 2);
    assert_eq!(api.count("PATCH "), 2);
}

#[rstest]
#[case(Fault::LostAnswer)]
#[case(Fault::HalfAnswer)]
#[tokio::test]
async fn a_patch_whose_answer_was_lost_is_not_sent_twice(#[case] fault: Fault) {
    let api = api().await;
    api.fault(Method::PATCH, "/web", fault);
    let outcome = api.cluster().apply_images(&target(), &change(), false).await.expect("an outcome");
    assert_eq!(outcome, PatchOutcome::AlreadyThere(applied(2)));
    assert_eq!(api.count("PATCH "), 1);
}

#[tokio::test]
async fn gives_up_in_the_end_and_says_that_nothing_is_known() {
    let api = api().await;
    for _ in 0..20 {
        api.fault(Method::GET, "/web", Fault::Status(503, "no leader", false));
    }
    let error = api.cluster().apply_images(&target(), &change(), false).await.expect_err("an error");
    assert!(error.is_retryable(), "{error}");
    assert_eq!(api.count("PATCH "), 0);
}

#[tokio::test]
async fn what_is_there_already_is_not_sent() {
    let api = api().await;
    api.put("deployments", deployment(NEW));
    let cluster = api.cluster();
    let outcome = cluster.apply_images(&target(), &change(), false).await.expect("an outcome");
    assert_eq!(outcome, PatchOutcome::AlreadyThere(applied(1)));
    assert_eq!(cluster.read_back(&target(), &change()).await.expect("an answer"), Some(outcome));
    assert_eq!(api.count("PATCH "), 0);
}

#[tokio::test]
async fn read_back_says_that_the_patch_may_be_sent() {
    let api = api().await;
    assert_eq!(api.cluster().read_back(&target(), &change()).await.expect("an answer"), None);
}

#[tokio::test]
async fn says_what_is_there_instead_and_who_wrote_it() {
    let api = api().await;
    api.put("deployments", deployment("r.io/web:hotfix"));
    let error = api.cluster().apply_images(&target(), &change(), false).await.expect_err("a conflict");
    let expected = Conflict {
        container: "app".to_owned(),
        image: "r.io/web:hotfix".to_owned(),
        by: Some("kubectl-edit".to_owned()),
    };
    assert_eq!(error.failure().code, Cause::Conflict);
    assert!(error.to_string().ends_with("(written by kubectl-edit)"), "{error}");
    match error {
        PatchError::Conflict(conflict) => assert_eq!(conflict, expected),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_failed_test_leads_to_another_look() {
    let api = api().await;
    let rejected = "the server rejected our request due to an error in our request";
    api.fault(Method::PATCH, "/web", Fault::Status(422, rejected, false));
    let outcome = api.cluster().apply_images(&target(), &change(), false).await.expect("an outcome");
    assert_eq!(outcome, PatchOutcome::Applied(applied(2)));
    assert_eq!(api.count("GET /apis/apps/v1/namespaces/shop/deployments/web"), 2);
}

#[rstest]
#[case(Fault::Status(422, "spec.template: Invalid value", true), Cause::AdmissionDenied)]
#[case(Fault::Status(403, "exceeded quota: compute", false), Cause::AdmissionDenied)]
#[case(Fault::Status(403, r#"User "ci" cannot patch resource "deployments""#, false), Cause::ClusterForbidden)]
#[case(Fault::Status(404, "not found", false), Cause::WorkloadGone)]
#[tokio::test]
async fn what_stays_refused_is_not_tried_again(#[case] fault: Fault, #[case] code: Cause) {
    let api = api().await;
    api.fault(Method::PATCH, "/web", fault);
    let error = api.cluster().apply_images(&target(), &change(), false).await.expect_err("an error");
    assert_eq!(error.failure().code, code);
    assert_eq!(api.count("PATCH "), 1);
}

#[tokio::test]
async fn another_workload_of_the_same_name_is_not_touched() {
    let api = api().await;
    let target = WorkloadTarget { uid: "uid-before".to_owned(), ..target() };
    let error = api.cluster().apply_images(&target, &change(), false).await.expect_err("an error");
    assert!(matches!(error, PatchError::WorkloadGone), "{error}");
    assert_eq!(api.count("PATCH "), 0);
}

#[tokio::test]
async fn a_restart_changes_the_template_alone() {
    let api = api().await;
    let outcome = api.cluster().restart(&target(), false).await.expect("an outcome");
    assert!(matches!(outcome, PatchOutcome::Applied(Applied { generation: 2, .. })), "{outcome:?}");
    let annotations = &api.object("deployments", "shop", "web")["spec"]["template"]["metadata"]["annotations"];
    assert!(annotations["kubectl.kubernetes.io/restartedAt"].is_string());
}
