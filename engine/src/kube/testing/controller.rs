//! Plays the controllers of the scripted API server: what is patched rolls out, unless its image says otherwise.
//!
//! `crash` in an image: its pod has exited three times. `stuck`: no pod of it ever comes. `later`: by the clock of
//! the cluster its pod is made in another century.

use super::api::{FakeApi, Objects};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// It ends when dropped.
pub struct Controller(JoinHandle<()>);

impl Drop for Controller {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Controller {
    pub fn start(api: &FakeApi) -> Self {
        let objects = api.objects();
        Self(tokio::spawn(async move {
            loop {
                let changes = objects.changes();
                for workload in objects.of("deployments") {
                    roll_out(&objects, workload);
                }
                changes.await;
            }
        }))
    }
}

/// A Deployment in `shop` with one container `app`, rolled out.
pub fn put(api: &FakeApi, name: &str, image: &str) {
    let template = json!({
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{
            "name": "app", "image": image, "imagePullPolicy": "IfNotPresent",
            "readinessProbe": {"tcpSocket": {"port": 8080}},
        }]},
    });
    api.put(
        "deployments",
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name, "namespace": "shop", "uid": format!("uid-{name}"), "generation": 1},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": template},
        }),
    );
}

/// Sets an image as somebody else would.
pub fn set_image(api: &FakeApi, name: &str, image: &str, manager: &str) {
    let mut workload = api.object("deployments", "shop", name);
    workload["spec"]["template"]["spec"]["containers"][0]["image"] = json!(image);
    let generation = workload["metadata"]["generation"].as_i64().unwrap_or(0);
    workload["metadata"]["generation"] = json!(generation + 1);
    workload["metadata"]["managedFields"] = writers(manager);
    api.put("deployments", workload);
}

impl FakeApi {
    /// Changes the containers of a Deployment's template as its owner would.
    pub fn edit(&self, name: &str, change: impl FnOnce(&mut Vec<Value>)) {
        let mut workload = self.object("deployments", "shop", name);
        let generation = workload["metadata"]["generation"].as_i64().unwrap_or(0);
        workload["metadata"]["generation"] = json!(generation + 1);
        change(workload["spec"]["template"]["spec"]["containers"].as_array_mut().expect("containers"));
        self.put("deployments", workload);
    }

    pub fn containers(&self, name: &str) -> Vec<Value> {
        let workload = self.object("deployments", "shop", name);
        workload["spec"]["template"]["spec"]["containers"].as_array().cloned().unwrap_or_default()
    }
}

/// The image that the template of a Deployment has.
pub fn image(api: &FakeApi, name: &str) -> String {
    let workload = api.object("deployments", "shop", name);
    workload["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap_or_default().to_owned()
}

fn writers(manager: &str) -> Value {
    json!([{
        "manager": manager, "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
        "time": "2026-11-25T10:00:00Z",
        "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"app\"}": {"f:image": {}}}}}}},
    }])
}

fn roll_out(objects: &Objects, mut workload: Value) {
    let generation = workload["metadata"]["generation"].as_i64().unwrap_or(0);
    if workload["status"]["observedGeneration"] == json!(generation) {
        return;
    }
    let name = workload["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let image = workload["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap_or_default().to_owned();
    let (crashes, stuck) = (image.contains("crash"), image.contains("stuck"));
    let set = replica_set(&workload, &name, generation);
    for pod in objects.of("pods").iter().filter(|pod| pod["metadata"]["labels"]["app"] == json!(name)) {
        objects.remove("pods", pod);
    }
    if !stuck {
        objects.put("pods", pod(&workload, &set, &image, crashes));
    }
    objects.put("replicasets", set);
    let ready = i32::from(!crashes && !stuck);
    workload["status"] = json!({
        "observedGeneration": generation, "replicas": 1, "updatedReplicas": i32::from(!stuck), "readyReplicas": ready,
        "availableReplicas": ready,
    });
    objects.put("deployments", workload);
}

fn replica_set(workload: &Value, name: &str, generation: i64) -> Value {
    let mut template = workload["spec"]["template"].clone();
    template["metadata"]["labels"]["pod-template-hash"] = json!(generation.to_string());
    json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": format!("{name}-{generation}"), "namespace": "shop", "uid": format!("uid-{name}-{generation}"),
            "labels": {"app": name, "pod-template-hash": generation.to_string()},
            "annotations": {"deployment.kubernetes.io/revision": generation.to_string()},
            "creationTimestamp": format!("2026-11-25T10:{:02}:00Z", generation % 60),
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": format!("uid-{name}"), "controller": true}],
        },
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template},
    })
}

fn pod(workload: &Value, set: &Value, image: &str, crashes: bool) -> Value {
    let meta = &set["metadata"];
    let exited = json!({"exitCode": 1, "reason": "Error", "finishedAt": "2026-11-25T10:00:30Z"});
    let waits = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}});
    let runs = json!({"running": {"startedAt": "2026-11-25T10:00:00Z"}});
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": format!("{}-1", meta["name"].as_str().unwrap_or_default()), "namespace": "shop",
            "uid": format!("{}-1", meta["uid"].as_str().unwrap_or_default()), "labels": meta["labels"],
            "creationTimestamp": if image.contains("later") { "2099-01-01T00:00:00Z" } else { "2026-11-25T10:00:00Z" },
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": meta["name"], "uid": meta["uid"], "controller": true}],
        },
        "spec": workload["spec"]["template"]["spec"],
        "status": {
            "phase": "Running", "conditions": [{"type": "Ready", "status": if crashes { "False" } else { "True" }}],
            "containerStatuses": [{
                "name": "app", "image": image, "imageID": image, "ready": !crashes, "restartCount": if crashes { 3 } else { 0 },
                "state": if crashes { waits } else { runs },
                "lastState": if crashes { json!({"terminated": exited}) } else { json!({}) },
            }],
        },
    })
}
