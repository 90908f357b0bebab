//! What most tests find in the scripted API server.

use super::api::FakeApi;
use serde_json::{Value, json};

/// A Deployment `web` in `shop` with container `app`, one ReplicaSet and one ready pod of it.
pub(crate) fn shop(api: &FakeApi, image: &str) {
    let template = template(image);
    api.put("deployments", deployment(image));
    let mut copy = template.clone();
    copy["metadata"]["labels"]["pod-template-hash"] = json!("new");
    api.put("replicasets", json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": "web-new", "namespace": "shop", "uid": "uid-rs", "labels": {"pod-template-hash": "new"},
            "annotations": {"deployment.kubernetes.io/revision": "1"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "uid-web", "controller": true}],
        },
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": copy},
    }));
    api.put("pods", json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": "web-new-1", "namespace": "shop", "uid": "uid-pod", "labels": {"app": "web", "pod-template-hash": "new"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-new", "uid": "uid-rs", "controller": true}],
        },
        "spec": template["spec"],
        "status": {
            "phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{
                "name": "app", "image": image, "imageID": image, "ready": true, "restartCount": 0,
                "state": {"running": {"startedAt": "2026-11-25T10:00:00Z"}},
            }],
        },
    }));
}

pub(crate) fn deployment(image: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": "web", "namespace": "shop", "uid": "uid-web", "generation": 1, "labels": {"app": "web"},
            "managedFields": [{
                "manager": "kubectl-edit", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
                "time": "2026-11-25T10:00:00Z",
                "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"app\"}": {"f:image": {}}}}}}},
            }],
        },
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template(image)},
        "status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1},
    })
}

fn template(image: &str) -> Value {
    json!({
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [
            {"name": "proxy", "image": "r.io/proxy:1"},
            {
                "name": "app", "image": image, "imagePullPolicy": "IfNotPresent",
                "readinessProbe": {"tcpSocket": {"port": 8080}},
            },
        ]},
    })
}
