//! Whether what Slipway says of an item is so, by the cluster and the registry.

use crate::{
    kubectl,
    registry::digest_of,
    slipway::{list, text},
};
use serde_json::Value;

/// The generation of a Deployment, which every change of its template raises by one.
pub(crate) fn generation(deployment: &Value) -> u64 {
    crate::slipway::number(&deployment["metadata"]["generation"])
}

/// Asserts that a succeeded item of a Deployment tells the truth, and that it was applied once:
/// `before` is the generation that the Deployment had.
pub(crate) fn holds(namespace: &str, item: &Value, before: u64) {
    assert_eq!(item["status"], "succeeded", "{item:#}");
    assert_eq!(item["changed"], true, "{item:#}");
    assert_eq!(item["proof"]["state"], "proven", "{item:#}");
    let mut task = text(&item["task"]).split('/').skip(1);
    let (workload, container) = (task.next().expect("a workload"), task.next().expect("a container"));
    let deployment = kubectl::get(namespace, &["deployment", workload]);
    assert_eq!(generation(&deployment), before + 1, "it was applied once: {item:#}");
    assert_eq!(item["generation"], deployment["metadata"]["generation"]);
    rolled_out(&deployment);
    let image = text(&item["to"]["image"]);
    assert_eq!(image_of(&deployment, container), image);
    let digest = text(&item["to"]["digest"]);
    let repository = text(&item["to"]["repository"]);
    let (_, path) = repository.split_once('/').expect("a host and a path");
    assert_eq!(digest_of(path, text(&item["to"]["tag"])).as_deref(), Some(digest), "what the registry has");
    one_revision(namespace, workload, container, image);
    pods_run(namespace, workload, container, digest, &deployment["spec"]["replicas"]);
}

/// The image in the template.
pub(crate) fn image_of(workload: &Value, container: &str) -> String {
    let containers = list(&workload["spec"]["template"]["spec"]["containers"]);
    let found = containers.iter().find(|known| known["name"] == container).expect("the container");
    text(&found["image"]).to_owned()
}

fn rolled_out(deployment: &Value) {
    let (spec, status) = (&deployment["spec"], &deployment["status"]);
    assert_eq!(status["observedGeneration"], deployment["metadata"]["generation"], "{status}");
    for count in ["replicas", "updatedReplicas", "availableReplicas"] {
        assert_eq!(status[count], spec["replicas"], "{count}: {status}");
    }
}

/// One ReplicaSet has the image: a second patch would have made another.
fn one_revision(namespace: &str, workload: &str, container: &str, image: &str) {
    let sets = kubectl::get(namespace, &["replicasets", "--selector", &format!("app={workload}")]);
    let with = list(&sets["items"]).iter().filter(|set| image_of(set, container) == image).count();
    assert_eq!(with, 1, "ReplicaSets with {image}");
}

fn pods_run(namespace: &str, workload: &str, container: &str, digest: &str, replicas: &Value) {
    let pods = kubectl::get(namespace, &["pods", "--selector", &format!("app={workload}")]);
    let stay = |pod: &&Value| pod["metadata"]["deletionTimestamp"].is_null();
    let staying: Vec<&Value> = list(&pods["items"]).iter().filter(stay).collect();
    assert_eq!(Some(staying.len() as u64), replicas.as_u64());
    for pod in staying {
        let statuses = list(&pod["status"]["containerStatuses"]);
        let status = statuses.iter().find(|status| status["name"] == container).expect("the container");
        assert!(text(&status["imageID"]).ends_with(digest), "{} is not {digest}", status["imageID"]);
    }
}
