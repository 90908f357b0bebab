//! Cancelling what builds, what waits, and what rolls.

use crate::{
    ground::{shop, slipway},
    kubectl::kubectl,
    patience::until,
    place::{Place, Workload},
    processes,
    slipway::{number, text},
    streams::{LogSocket, events, waits_for},
    truth,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Would take five minutes. What it says stands nowhere in what it is told.
const DAWDLES: &str = "RUN echo \"at $((6 * 7)).\" && sleep 300";

/// By then a cancel is confirmed, or said not to be.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(60);

fn store(version: &Value) -> Value {
    json!({"items": [{"task": "deployment/store/app", "version": version}]})
}

fn cancel(place: &Place, run: &Value) {
    place.slipway.post(&format!("/runs/{}/cancel", text(&run["id"])), &json!({})).is(202);
}

#[test]
#[ignore = "needs the playground"]
fn a_build_is_stopped_and_gone() {
    let place = Place::new(&slipway(), "cancel");
    place.build("store", DAWDLES);
    // Only its repository matters: that makes both the tasks of the build.
    let image = shop(&format!("{}:none", place.named("store")));
    for name in ["store", "other"] {
        place.apply(&Workload { name, image: &image, replicas: 0 });
    }
    let both =
        ["store", "other"].map(|name| json!({"task": format!("deployment/{name}/app"), "version": {"build": {}}}));
    let run = place.run(&json!({"items": both})).is(202);
    assert_eq!(run["items"][0]["build_run"], run["items"][1]["build_run"], "they share it: {run:#}");
    let path = format!("/builds/{}/runs/{}", place.named("store"), number(&run["items"][0]["build_run"]["number"]));
    LogSocket::open(&place.slipway, &format!("{path}/log"), 0).until("at 42.");
    let mark = format!("MARK={}", place.named("store"));
    assert!(!processes::with(&mark).is_empty(), "the build is at work in the engine");
    cancel(&place, &run);
    let settled = place.slipway.settled(text(&run["id"]), CONFIRMED_WITHIN);
    assert_eq!(settled["status"], "canceled", "{settled:#}");
    assert!((0..2).all(|n| settled["items"][n]["status"] == "canceled"), "{settled:#}");
    let build_run = place.slipway.read(&format!("{path}?wait=settled&timeout_ms=60000"));
    assert_eq!(build_run["status"], "canceled", "{build_run:#}");
    assert_eq!(build_run["steps"][1]["status"], "canceled", "{build_run:#}");
    until(CONFIRMED_WITHIN, "nothing of the build runs", || processes::with(&mark).is_empty().then_some(()));
    let log = LogSocket::open(&place.slipway, &format!("{path}/log"), 0).rest();
    assert_eq!(log.end.expect("the log has ended")["status"], "canceled");
    place.slipway.post(&format!("{path}/cancel"), &json!({})).is_problem(409, "settled");
    let settled_run = format!("/runs/{}/cancel", text(&run["id"]));
    place.slipway.post(&settled_run, &json!({})).is_problem(409, "settled");
}

#[test]
#[ignore = "needs the playground"]
fn what_waits_never_begins_and_what_rolls_stays_as_it_is() {
    let place = Place::new(&slipway(), "waits");
    place.deploy(&Workload { name: "store", image: &shop("store:1.0.0"), replicas: 1 });
    let sick = place.run(&store(&json!({"tag": "3.0.1-sick"}))).is(202);
    let first = text(&sick["id"]);
    let second = place.run(&store(&json!({"tag": "2.0.0"}))).is(202);
    let waits = waits_for(&place.slipway, text(&second["id"]));
    assert_eq!((&waits["kind"], &waits["run"], &waits["item"]), (&json!("workload"), &json!(first), &json!(1)));
    cancel(&place, &second);
    let canceled = place.slipway.settled(text(&second["id"]), CONFIRMED_WITHIN);
    assert_eq!((&canceled["status"], &canceled["items"][0]["changed"]), (&json!("canceled"), &json!(false)));

    let trouble = events(&place.slipway, first, None).find(|event| event.name == "trouble");
    assert_eq!(trouble.expect("trouble").data["trouble"]["code"], "probe_failing", "it is shown while it rolls");
    cancel(&place, &sick);
    let left = place.slipway.settled(first, CONFIRMED_WITHIN);
    assert_eq!(left["status"], "canceled", "{left:#}");
    assert_eq!(left["items"][0]["reason"], "left at 0 of 1", "{left:#}");
    let deployment = place.deployment("store");
    assert_eq!(truth::generation(&deployment), 2, "it was changed once, and not back");
    assert!(truth::image_of(&deployment, "app").contains(":3.0.1-sick@"));
    assert_eq!(deployment["status"]["availableReplicas"], 1, "the version before still serves");
    kubectl(&["scale", "--namespace", &place.name, "deployment/store", "--replicas=0"]);
}
