use super::{Change, ClusterView};
use crate::kube::{
    rollout,
    testing::{
        api::{FakeApi, Fault},
        shop::{deployment, shop},
    },
    workload::{WorkloadKey, WorkloadView},
};
use http::Method;
use std::{sync::Arc, time::Duration};
use tokio::{sync::broadcast::error::RecvError, time::timeout};
use types::{WorkloadKind, cluster::Reach, task::WorkloadStatus};

const IMAGE: &str = "r.io/web:1";

/// Waits for the state of the view, woken by its changes.
async fn until<T>(view: &ClusterView, mut look: impl FnMut() -> Option<T>) -> T {
    let mut changes = view.changes();
    let waiting = async {
        loop {
            if let Some(seen) = look() {
                return seen;
            }
            match changes.recv().await {
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => panic!("the view ended"),
            }
        }
    };
    timeout(Duration::from_secs(10), waiting).await.expect("the view shows it in time")
}

fn web(view: &ClusterView) -> Option<Arc<WorkloadView>> {
    view.workload(WorkloadKind::Deployment, "shop", "web")
}

async fn reach(view: &ClusterView, reach: Reach) {
    let mut status = view.status_changes();
    let reached = status.wait_for(|status| status.reach == reach);
    timeout(Duration::from_secs(10), reached).await.expect("in time").expect("a view");
}

#[tokio::test]
async fn shows_a_workload_with_its_pods() {
    let api = FakeApi::start().await;
    shop(&api, IMAGE);
    let cluster = api.cluster();
    cluster.view().settled().await;
    let view = cluster.view();
    let web = web(view).expect("a workload");
    assert_eq!((web.revision.as_deref(), web.ready_new, web.status), (Some("new"), Some(1), WorkloadStatus::Running));
    assert_eq!(web.container("app").map(|app| app.written_by.as_deref()), Some(Some("kubectl-edit")));
    let pods = view.pods_of(&web);
    assert!(pods.len() == 1 && pods[0].is_new(&web));
    assert!(rollout::progress(&web, 1).complete);
    assert_eq!(view.status().reach, Reach::Reachable);
}

#[tokio::test]
async fn announces_what_changed_and_nothing_else() {
    let api = FakeApi::start().await;
    shop(&api, IMAGE);
    let cluster = api.cluster();
    cluster.view().settled().await;
    let mut status = cluster.view().status_changes();
    status.wait_for(|status| status.uid.is_some()).await.expect("a status");
    let mut changes = cluster.view().changes();
    api.put("deployments", deployment("r.io/web:2"));
    let key = WorkloadKey { namespace: "shop".to_owned(), kind: WorkloadKind::Deployment, name: "web".to_owned() };
    let change = timeout(Duration::from_secs(10), changes.recv()).await.expect("in time");
    assert_eq!(change, Ok(Change::Workload(key)));
    assert_eq!(web(cluster.view()).map(|web| web.revision.clone()), Some(None), "no ReplicaSet has this template");
    assert!(changes.is_empty());
}

#[tokio::test]
async fn a_deleted_workload_goes() {
    let api = FakeApi::start().await;
    shop(&api, IMAGE);
    let cluster = api.cluster();
    cluster.view().settled().await;
    api.delete("deployments", "shop", "web");
    until(cluster.view(), || web(cluster.view()).is_none().then_some(())).await;
}

#[tokio::test]
async fn a_watch_that_breaks_misses_nothing() {
    let api = FakeApi::start().await;
    shop(&api, IMAGE);
    let cluster = api.cluster();
    reach(cluster.view(), Reach::Reachable).await;
    watching(&api).await;
    api.break_watches();
    api.delete("deployments", "shop", "web");
    until(cluster.view(), || web(cluster.view()).is_none().then_some(())).await;
    assert_eq!(cluster.view().status().reach, Reach::Reachable);
}

#[tokio::test]
async fn what_changes_elsewhere_is_no_change_of_a_namespace() {
    let api = FakeApi::start().await;
    shop(&api, IMAGE);
    let cluster = api.cluster();
    cluster.view().settled().await;
    watching(&api).await;
    let versions = || ["shop", "elsewhere"].map(|namespace| cluster.view().version(namespace));
    let [shop, elsewhere] = versions();
    api.delete("deployments", "shop", "web");
    until(cluster.view(), || web(cluster.view()).is_none().then_some(())).await;
    // How the cluster does concerns both.
    let [shop, elsewhere] = [versions()[0] - shop, versions()[1] - elsewhere];
    assert!(shop > elsewhere, "{shop} of its own, {elsewhere} of all");
}

#[tokio::test]
async fn a_watch_that_is_too_old_lists_again() {
    let api = FakeApi::start().await;
    shop(&api, IMAGE);
    let cluster = api.cluster();
    cluster.view().settled().await;
    watching(&api).await;
    api.delete_silently("deployments", "shop", "web");
    api.expire_watches();
    until(cluster.view(), || web(cluster.view()).is_none().then_some(())).await;
}

#[tokio::test]
async fn a_watch_that_stalls_without_closing_lists_again() {
    let api = FakeApi::start().await;
    shop(&api, IMAGE);
    let cluster = api.cluster_that_hangs_up_after(Some(Duration::from_secs(1)));
    cluster.view().settled().await;
    watching(&api).await;
    api.stall_watches();
    api.delete("deployments", "shop", "web");
    until(cluster.view(), || web(cluster.view()).is_none().then_some(())).await;
    assert_eq!(cluster.view().status().reach, Reach::Reachable, "what mends at once alarms nobody");
}

#[tokio::test]
async fn a_watch_that_does_not_begin_lists_again() {
    let api = FakeApi::start().await;
    shop(&api, IMAGE);
    let cluster = api.cluster();
    cluster.view().settled().await;
    watching(&api).await;
    // The first meets the watch that is taken up again.
    api.fault(Method::GET, "/deployments", Fault::Status(500, "no", false));
    api.delete_silently("deployments", "shop", "web");
    api.break_watches();
    until(cluster.view(), || web(cluster.view()).is_none().then_some(())).await;
    assert_eq!(cluster.view().status().reach, Reach::Reachable, "what mends at once alarms nobody");
}

#[tokio::test]
async fn a_list_that_is_never_answered_holds_up_only_its_kind() {
    let api = FakeApi::start().await;
    shop(&api, IMAGE);
    api.fault(Method::GET, "/cronjobs", Fault::Silence);
    let cluster = api.cluster();
    until(cluster.view(), || web(cluster.view())).await;
    assert_eq!(cluster.view().status().reach, Reach::Unknown);
}

#[tokio::test]
async fn what_is_down_shows_as_down_keeps_the_last_and_heals() {
    let api = FakeApi::start().await;
    shop(&api, IMAGE);
    let cluster = api.cluster();
    reach(cluster.view(), Reach::Reachable).await;
    watching(&api).await;
    for _ in 0..100 {
        api.fault(Method::GET, "/deployments", Fault::Status(503, "no leader", false));
    }
    api.break_watches();
    reach(cluster.view(), Reach::Unreachable).await;
    let status = cluster.view().status();
    assert_eq!(status.error.as_deref(), Some("no leader (503)"));
    assert!(status.stale_since.is_some() && web(cluster.view()).is_some());
    api.clear_faults();
    reach(cluster.view(), Reach::Reachable).await;
    assert_eq!((cluster.view().status().error, cluster.view().status().stale_since), (None, None));
}

#[tokio::test]
async fn half_a_list_is_no_list() {
    let api = FakeApi::start().await;
    shop(&api, IMAGE);
    api.fault(Method::GET, "/deployments", Fault::HalfAnswer);
    let cluster = api.cluster();
    until(cluster.view(), || web(cluster.view())).await;
}

#[tokio::test]
async fn a_missing_right_disables_only_what_needs_it() {
    let api = FakeApi::start().await;
    shop(&api, IMAGE);
    api.fault(Method::GET, "/cronjobs", Fault::Status(403, "cronjobs.batch is forbidden", false));
    let cluster = api.cluster();
    cluster.view().settled().await;
    reach(cluster.view(), Reach::Reachable).await;
    assert_eq!(cluster.view().status().forbidden, ["list cronjobs.batch"]);
    assert!(web(cluster.view()).is_some());
}

#[tokio::test]
async fn a_cluster_that_is_not_there_is_unreachable_from_the_start() {
    let api = FakeApi::start().await;
    let cluster = api.cluster();
    drop(api);
    reach(cluster.view(), Reach::Unreachable).await;
    assert_eq!(cluster.view().status().stale_since, None, "there is nothing that could be stale");
}

/// Waits until every kind is watched, not only listed: a test would otherwise break what has not begun.
async fn watching(api: &FakeApi) {
    let begun = async {
        while api.watches() < super::KINDS.len() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), begun).await.expect("watches begin in time");
}
