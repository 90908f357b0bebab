//! Deployments as the benchmark makes them: as light as they can be.

use serde_json::{Value, json};

pub(super) struct Deployment<'a> {
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    pub(super) replicas: u32,
    /// Names of the containers, all of the same image.
    pub(super) containers: &'a [&'a str],
    pub(super) image: &'a str,
    /// Merged into the spec of its pods.
    pub(super) placement: Value,
}

impl Deployment<'_> {
    pub(super) fn object(&self) -> Value {
        let Self { namespace, name, replicas, containers, image, placement } = self;
        let containers: Vec<Value> =
            containers.iter().map(|container| json!({"name": container, "image": image})).collect();
        let mut pod = json!({
            "automountServiceAccountToken": false,
            "terminationGracePeriodSeconds": 1,
            "containers": containers,
        });
        if let (Some(pod), Some(placement)) = (pod.as_object_mut(), placement.as_object()) {
            pod.extend(placement.clone());
        }
        json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {
                "replicas": replicas,
                "revisionHistoryLimit": 2,
                "selector": {"matchLabels": {"app": name}},
                "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
            },
        })
    }
}

/// With a readiness probe, as what people run has: without one Slipway wants to see the pods stay up for a moment,
/// which `kubectl` does not.
pub(super) fn probed(mut deployment: Value) -> Value {
    deployment["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] =
        json!({"exec": {"command": ["/bin/true"]}, "periodSeconds": 1});
    deployment
}

/// The image of its first container.
pub(super) fn image(deployment: &Value) -> Option<&str> {
    deployment["spec"]["template"]["spec"]["containers"][0]["image"].as_str()
}

/// Whether the controller says that its last change is rolled out, by the rule that both Slipway
/// and `kubectl rollout status` follow.
pub(super) fn is_complete(deployment: &Value) -> bool {
    let status = |name: &str| deployment["status"][name].as_i64().unwrap_or(0);
    let wanted = deployment["spec"]["replicas"].as_i64().unwrap_or(1);
    let counts = ["updatedReplicas", "replicas", "availableReplicas"];
    status("observedGeneration") >= deployment["metadata"]["generation"].as_i64().unwrap_or(i64::MAX)
        && counts.iter().all(|count| status(count) == wanted)
}

#[cfg(test)]
mod tests {
    use super::is_complete;
    use serde_json::json;

    #[test]
    fn the_status_must_be_of_this_generation() {
        let deployment = |observed: i64, available: i64| {
            json!({
                "metadata": {"generation": 4},
                "spec": {"replicas": 2},
                "status": {"observedGeneration": observed, "replicas": 2, "updatedReplicas": 2, "availableReplicas": available},
            })
        };
        assert!(is_complete(&deployment(4, 2)));
        assert!(!is_complete(&deployment(3, 2)));
        assert!(!is_complete(&deployment(4, 1)));
    }
}
