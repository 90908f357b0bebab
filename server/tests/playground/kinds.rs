//! Every kind of workload and the states in which there is nothing to wait for, checked by `kubectl`.

use crate::{
    ground::{shop, slipway},
    kubectl::{self, kubectl},
    patience::until,
    place::Place,
    slipway::{list, text},
    truth::image_of,
};
use serde_json::{Value, json};
use std::time::Duration;

const ENDS_WITHIN: Duration = Duration::from_secs(120);

/// A workload with one container `app` of the shop's `store`; `spec` is laid over its specification.
fn workload(kind: &str, spec: &Value) -> Value {
    let mut manifest = json!({
        "apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "store"},
        "spec": {
            "selector": {"matchLabels": {"app": "store"}},
            "template": {"metadata": {"labels": {"app": "store"}}, "spec": pod()},
        },
    });
    let members = spec.as_object().expect("a specification").clone();
    manifest["spec"].as_object_mut().expect("a specification").extend(members);
    manifest
}

fn pod() -> Value {
    json!({
        "automountServiceAccountToken": false,
        "terminationGracePeriodSeconds": 1,
        "containers": [{
            "name": "app",
            "image": shop("store:1.0.0"),
            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1},
            "resources": {"requests": {"cpu": "5m", "memory": "8Mi"}, "limits": {"memory": "48Mi"}},
        }],
    })
}

fn to(kind: &str, tag: &str) -> Value {
    json!({"items": [{"task": format!("{kind}/store/app"), "version": {"tag": tag}}]})
}

/// Applies it and waits for so many ready pods.
fn deploy(place: &Place, manifest: &Value, pods: u64) {
    place.apply_manifest(&manifest.to_string(), "store");
    ready(place, pods);
}

fn ready(place: &Place, pods: u64) {
    until(ENDS_WITHIN, "the pods are ready", || {
        let tasks = place.slipway.read(&format!("/maps/{}/tasks", place.name));
        (tasks["workloads"][0]["ready"].as_u64() == Some(pods)).then_some(())
    });
}

/// The first item of a run that must succeed.
fn succeeds(place: &Place, body: &Value) -> Value {
    let run = place.run_to_its_end(body, ENDS_WITHIN);
    assert_eq!(run["status"], "succeeded", "{run:#}");
    run["items"][0].clone()
}

/// Images of the pods that stay, in the order of their names.
fn images_of_pods(place: &Place) -> Vec<String> {
    let pods = kubectl::get(&place.name, &["pods", "--sort-by=.metadata.name"]);
    let stay = list(&pods["items"]).iter().filter(|pod| pod["metadata"]["deletionTimestamp"].is_null());
    stay.map(|pod| text(&pod["spec"]["containers"][0]["image"]).to_owned()).collect()
}

#[test]
#[ignore = "needs the playground"]
fn a_stateful_set_goes_as_far_as_its_partition() {
    let place = Place::new(&slipway(), "partition");
    let spec = json!({
        "replicas": 2, "serviceName": "store", "updateStrategy": {"rollingUpdate": {"partition": 1}},
        "podManagementPolicy": "Parallel",
    });
    deploy(&place, &workload("StatefulSet", &spec), 2);
    let plan = place.slipway.post(&format!("/maps/{}/plan", place.name), &to("statefulset", "1.1.0")).is(200);
    assert_eq!(plan["items"][0]["warnings"][0]["code"], "partitioned", "{plan:#}");
    let item = succeeds(&place, &to("statefulset", "1.1.0"));
    assert_eq!((&item["ready"], &item["proof"]["state"]), (&json!(1), &json!("proven")), "{item:#}");
    assert!(text(&item["reason"]).contains("1 of 2 by partition"), "{item:#}");
    let images = images_of_pods(&place);
    assert!(images[0].contains(":1.0.0") && images[1].contains(":1.1.0@"), "{images:?}");
}

#[test]
#[ignore = "needs the playground"]
fn a_daemon_set_rolls_on_every_node() {
    let place = Place::new(&slipway(), "daemon");
    deploy(&place, &workload("DaemonSet", &json!({})), 1);
    let item = succeeds(&place, &to("daemonset", "1.1.0"));
    assert_eq!((&item["ready"], &item["proof"]["state"]), (&json!(1), &json!("proven")), "{item:#}");
    assert!(images_of_pods(&place)[0].contains(":1.1.0@"));
}

#[test]
#[ignore = "needs the playground"]
fn a_cron_job_is_changed_for_its_next_run() {
    let place = Place::new(&slipway(), "cron");
    let mut pod = pod();
    pod["restartPolicy"] = json!("Never");
    let manifest = json!({
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "store"},
        "spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": {"spec": pod}}}},
    });
    place.apply_manifest(&manifest.to_string(), "store");
    let item = succeeds(&place, &to("cronjob", "1.1.0"));
    assert_eq!(item["proof"]["state"], "none", "{item:#}");
    assert!(text(&item["proof"]["why"]).contains("next run of the CronJob"), "{item:#}");
    let job = kubectl::get(&place.name, &["cronjob", "store"]);
    assert!(image_of(&job["spec"]["jobTemplate"], "app").contains(":1.1.0@"));
}

#[test]
#[ignore = "needs the playground"]
fn what_is_replaced_on_delete_and_what_has_no_pods_takes_effect_later() {
    let place = Place::new(&slipway(), "later");
    deploy(&place, &workload("DaemonSet", &json!({"updateStrategy": {"type": "OnDelete"}})), 1);
    let item = succeeds(&place, &to("daemonset", "1.1.0"));
    assert_eq!(item["proof"]["state"], "none", "{item:#}");
    assert!(text(&item["proof"]["why"]).contains("pods are deleted"), "{item:#}");
    assert!(images_of_pods(&place)[0].contains(":1.0.0"), "no pod was touched");

    let empty = Place::new(&slipway(), "empty");
    empty.apply_manifest(&workload("Deployment", &json!({"replicas": 0})).to_string(), "store");
    let item = succeeds(&empty, &to("deployment", "1.1.0"));
    assert!(text(&item["proof"]["why"]).contains("scaled up"), "{item:#}");
}

#[test]
#[ignore = "needs the playground"]
fn a_paused_deployment_is_not_touched() {
    let place = Place::new(&slipway(), "paused");
    deploy(&place, &workload("Deployment", &json!({"replicas": 1})), 1);
    kubectl(&["rollout", "pause", "deployment/store", "--namespace", &place.name]);
    until(ENDS_WITHIN, "Slipway sees the pause", || {
        let task = place.slipway.read(&format!("/maps/{}/tasks", place.name));
        (task["workloads"][0]["tasks"][0]["runnable"] == false).then_some(())
    });
    let refused = place.run(&to("deployment", "1.1.0")).is_problem(422, "blocked");
    assert_eq!(refused["items"][0]["blocked_by"][0]["code"], "paused", "{refused:#}");
    assert!(image_of(&place.deployment("store"), "app").ends_with(":1.0.0"));
}

/// All items of a workload go into one patch: one rollout, all or none.
#[test]
#[ignore = "needs the playground"]
fn containers_of_all_roles_go_together() {
    let place = Place::new(&slipway(), "roles");
    let mut manifest = workload("Deployment", &json!({"replicas": 1}));
    let idle = |name: &str, image: &str| json!({"name": name, "image": shop(image), "command": ["/bin/sh", "-c"]});
    let mut init = idle("prepare", "tools:1.0.0");
    init["args"] = json!(["true"]);
    let mut sidecar = idle("proxy", "proxy:1.0.0");
    sidecar["args"] = json!(["trap 'exit 0' TERM; sleep 3600 & wait"]);
    sidecar["restartPolicy"] = json!("Always");
    manifest["spec"]["template"]["spec"]["initContainers"] = json!([init, sidecar]);
    deploy(&place, &manifest, 1);
    let roles: Vec<String> = {
        let tasks = place.slipway.read(&format!("/maps/{}/tasks", place.name));
        list(&tasks["workloads"][0]["tasks"]).iter().map(|task| text(&task["role"]).to_owned()).collect()
    };
    assert_eq!(roles, ["main", "init", "sidecar"]);
    let body = json!({"items": [
        {"task": "deployment/store/app", "version": {"tag": "1.1.0"}},
        {"task": "deployment/store/prepare", "version": {"tag": "1.1.0"}},
        {"task": "deployment/store/proxy", "version": {"tag": "1.0.1"}},
    ]});
    let run = place.run_to_its_end(&body, ENDS_WITHIN);
    assert_eq!(run["status"], "succeeded", "{run:#}");
    for item in list(&run["items"]) {
        assert_eq!((&item["generation"], &item["proof"]["state"]), (&json!(2), &json!("proven")), "{item:#}");
    }
    assert_eq!(crate::truth::generation(&place.deployment("store")), 2, "one patch for all three");
}

/// A tag that did not move: only a restart is possible, and the pods are replaced by it.
#[test]
#[ignore = "needs the playground"]
fn a_restart_replaces_the_pods_and_keeps_the_image() {
    let place = Place::new(&slipway(), "restart");
    deploy(&place, &workload("Deployment", &json!({"replicas": 1})), 1);
    let before = kubectl::get(&place.name, &["pods"])["items"][0]["metadata"]["name"].clone();
    let body = json!({"items": [{"task": "deployment/store/app", "version": {"restart": true}}]});
    let item = succeeds(&place, &body);
    assert_eq!(item["proof"]["state"], "proven", "{item:#}");
    let pods = kubectl::get(&place.name, &["pods"]);
    let names: Vec<&Value> = list(&pods["items"])
        .iter()
        .filter(|pod| pod["metadata"]["deletionTimestamp"].is_null())
        .map(|pod| &pod["metadata"]["name"])
        .collect();
    assert!(!names.contains(&&before), "{names:?} has still {before}");
    assert!(image_of(&place.deployment("store"), "app").ends_with(":1.0.0"));
}
