//! Undo, rollback, hold and what they meet, on the real cluster.

use crate::{
    ground::{shop, slipway},
    kubectl::{self, kubectl},
    patience::until,
    place::{Place, Workload},
    slipway::{list, text},
    streams::{events, waits_for},
    truth::image_of,
};
use serde_json::{Value, json};
use std::time::Duration;

const ENDS_WITHIN: Duration = Duration::from_secs(150);

fn item(name: &str, tag: &str, wave: u32) -> Value {
    json!({"task": format!("deployment/{name}/app"), "version": {"tag": tag}, "wave": wave})
}

fn deploy(place: &Place, name: &str) {
    place.deploy(&Workload { name, image: &shop("store:1.0.0"), replicas: 1 });
}

fn image(place: &Place, name: &str) -> String {
    image_of(&place.deployment(name), "app")
}

/// Waits until the run rolls and shows trouble.
fn rolls_in_trouble(place: &Place, run: &Value) {
    let trouble = events(&place.slipway, text(&run["id"]), None).find(|event| event.name == "trouble");
    assert!(trouble.is_some(), "{run:#}");
}

#[test]
#[ignore = "needs the playground"]
fn by_policy_all_waves_go_back() {
    let place = Place::new(&slipway(), "policy");
    deploy(&place, "first");
    deploy(&place, "second");
    let body = json!({
        "items": [item("first", "1.1.0", 1), item("second", "3.0.0-crash", 2)], "on_failure": "undo",
    });
    let run = place.run_to_its_end(&body, ENDS_WITHIN);
    assert_eq!(run["status"], "undone", "{run:#}");
    for done in list(&run["items"]) {
        assert_eq!(done["status"], "undone", "{done:#}");
    }
    for name in ["first", "second"] {
        assert!(image(&place, name).contains("store:1.0.0"), "{name} has gone back");
    }
}

#[test]
#[ignore = "needs the playground"]
fn a_run_that_succeeded_is_undone_and_holds() {
    let place = Place::new(&slipway(), "undo");
    deploy(&place, "store");
    let run = place.run_to_its_end(&json!({"items": [item("store", "1.1.0", 1)]}), ENDS_WITHIN);
    let id = text(&run["id"]);
    let undo = place.slipway.post(&format!("/runs/{id}/undo"), &json!({})).is(202);
    assert_eq!((&undo["kind"], &undo["of"]), (&json!("undo"), &run["id"]));
    let undo = place.slipway.settled(text(&undo["id"]), ENDS_WITHIN);
    assert_eq!(undo["status"], "succeeded", "{undo:#}");
    assert!(image(&place, "store").contains("store:1.0.0"));
    assert_eq!(place.slipway.read(&format!("/runs/{id}"))["undone_by"], undo["id"]);
    let task = place.slipway.read(&format!("/maps/{}/tasks/deployment/store/app", place.name));
    assert!(task["hold"]["reason"].is_string(), "{task:#}");
    let held = place.run(&json!({"items": [item("store", "2.0.0", 1)]})).is_problem(422, "blocked");
    assert_eq!(held["items"][0]["blocked_by"][0]["code"], "held", "{held:#}");
    let body = json!({"items": [item("store", "2.0.0", 1)], "override_hold": "it is mended"});
    assert_eq!(place.run_to_its_end(&body, ENDS_WITHIN)["status"], "succeeded");
    place.slipway.post(&format!("/runs/{id}/undo"), &json!({})).is_problem(409, "nothing_to_do");
}

/// A broken rollout is under way, another one waits: the rollback goes first, and what waits stays behind its hold.
#[test]
#[ignore = "needs the playground"]
fn a_rollback_overtakes_what_rolls_and_what_waits() {
    let place = Place::new(&slipway(), "overtake");
    deploy(&place, "store");
    let good = place.run_to_its_end(&json!({"items": [item("store", "1.1.0", 1)]}), ENDS_WITHIN);
    let sick = place.run(&json!({"items": [item("store", "3.0.1-sick", 1)]})).is(202);
    rolls_in_trouble(&place, &sick);
    let waits = place.run(&json!({"items": [item("store", "2.0.0", 1)]})).is(202);
    let path = format!("/maps/{}/tasks/deployment/store/app/rollback", place.name);
    let candidates = place.slipway.read(&path);
    let wanted = &good["items"][0]["to"]["digest"];
    assert!(
        list(&candidates["items"]).iter().any(|known| known["entry"]["image"]["digest"] == *wanted),
        "{candidates:#}"
    );
    let back = place.slipway.post(&path, &json!({"to": {"digest": wanted}})).is(202);
    let back = place.slipway.settled(text(&back["id"]), ENDS_WITHIN);
    assert_eq!((&back["status"], &back["kind"]), (&json!("succeeded"), &json!("rollback")), "{back:#}");
    let sick = place.slipway.settled(text(&sick["id"]), ENDS_WITHIN);
    assert_eq!(sick["items"][0]["status"], "superseded", "{sick:#}");
    assert_eq!(waits_for(&place.slipway, text(&waits["id"]))["kind"], "hold");
    assert!(image(&place, "store").contains("store:1.1.0@"));
    let request = place.slipway.agent.delete(place.slipway.address(&path.replace("/rollback", "/hold")));
    request.header("authorization", place.slipway.bearer()).call().expect("the hold is lifted");
    let waits = place.slipway.settled(text(&waits["id"]), ENDS_WITHIN);
    assert_eq!(waits["status"], "succeeded", "{waits:#}");
    assert!(image(&place, "store").contains("store:2.0.0@"));
}

#[test]
#[ignore = "needs the playground"]
fn a_cancel_with_rollback_goes_back() {
    let place = Place::new(&slipway(), "cancel-back");
    deploy(&place, "store");
    let run = place.run(&json!({"items": [item("store", "3.0.1-sick", 1)]})).is(202);
    rolls_in_trouble(&place, &run);
    place.slipway.post(&format!("/runs/{}/cancel", text(&run["id"])), &json!({"rollback": true})).is(202);
    let run = place.slipway.settled(text(&run["id"]), ENDS_WITHIN);
    assert_eq!(run["items"][0]["status"], "undone", "{run:#}");
    assert!(image(&place, "store").contains("store:1.0.0"));
}

/// Only deleting the broken pod heals an OrderedReady StatefulSet: putting the image back does not.
#[test]
#[ignore = "needs the playground"]
fn a_broken_pod_does_not_block_the_way_back() {
    let place = Place::new(&slipway(), "broken");
    let manifest = json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "store"},
        "spec": {
            "replicas": 1, "serviceName": "store", "selector": {"matchLabels": {"app": "store"}},
            "template": {"metadata": {"labels": {"app": "store"}}, "spec": {
                "automountServiceAccountToken": false, "terminationGracePeriodSeconds": 1,
                "containers": [{
                    "name": "app", "image": shop("store:1.0.0"),
                    "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1},
                }],
            }},
        },
    });
    place.apply_manifest(&manifest.to_string(), "store");
    kubectl(&["rollout", "status", "--namespace", &place.name, "statefulset/store", "--timeout=60s"]);
    let to = |tag: &str| json!({"items": [{"task": "statefulset/store/app", "version": {"tag": tag}}]});
    let failed = place.run_to_its_end(&to("3.0.0-crash"), ENDS_WITHIN);
    assert_eq!(failed["items"][0]["failure"]["code"], "crash_loop", "{failed:#}");
    let undo = place.slipway.post(&format!("/runs/{}/undo", text(&failed["id"])), &json!({"hold": false})).is(202);
    let undo = place.slipway.settled(text(&undo["id"]), ENDS_WITHIN);
    assert_eq!(undo["status"], "succeeded", "{undo:#}");
    let log = place.slipway.get(&format!("/runs/{}/items/1/log.txt", text(&undo["id"]))).text;
    assert!(log.contains("store-0"), "the deleted pod is in the log: {log}");
    let pods = kubectl::get(&place.name, &["pods"]);
    assert!(text(&pods["items"][0]["spec"]["containers"][0]["image"]).contains("store:1.0.0"));
}

/// Somebody else changes the image while it rolls.
#[test]
#[ignore = "needs the playground"]
fn what_others_change_meanwhile_ends_the_item_and_is_told() {
    let place = Place::new(&slipway(), "others");
    deploy(&place, "store");
    let run = place.run(&json!({"items": [item("store", "3.0.1-sick", 1)]})).is(202);
    rolls_in_trouble(&place, &run);
    let other = format!("app={}", shop("store:2.0.0"));
    kubectl(&["set", "image", "--namespace", &place.name, "deployment/store", &other]);
    let run = place.slipway.settled(text(&run["id"]), ENDS_WITHIN);
    let done = &run["items"][0];
    assert_eq!(done["status"], "superseded", "{run:#}");
    assert!(text(&done["reason"]).contains("kubectl-set"), "it says by whom: {done:#}");
    let history = until(ENDS_WITHIN, "the history has it", || {
        let history = place.slipway.read(&format!("/maps/{}/tasks/deployment/store/app/history", place.name));
        (history["items"][0]["source"] == "external").then_some(history)
    });
    assert!(history["items"][0].to_string().contains("kubectl-set"), "{history:#}");
}

/// Thirty workloads in one run.
#[test]
#[ignore = "needs the playground"]
fn thirty_rollouts_at_once() {
    let place = Place::new(&slipway(), "thirty");
    let names: Vec<String> = (1..=30).map(|n| format!("store-{n}")).collect();
    for name in &names {
        place.apply(&Workload { name, image: &shop("store:1.0.0"), replicas: 1 });
    }
    let items: Vec<Value> = names.iter().map(|name| item(name, "1.1.0", 1)).collect();
    let run = place.run_to_its_end(&json!({"items": items}), Duration::from_secs(300));
    assert_eq!(run["status"], "succeeded", "{run:#}");
    for done in list(&run["items"]) {
        assert_eq!(done["proof"]["state"], "proven", "{done:#}");
    }
    let all = kubectl::get(&place.name, &["deployments"]);
    for deployment in list(&all["items"]) {
        assert!(image_of(deployment, "app").contains(":1.1.0@"));
        assert_eq!(deployment["status"]["updatedReplicas"], 1);
        assert_eq!(crate::truth::generation(deployment), 2, "each was applied once");
    }
}
