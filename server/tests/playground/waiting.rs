//! What a script that waits is told: success, failure, or the state so far.

use crate::{
    ground::slipway,
    place::{Place, Workload},
    slipway::{number, text},
};
use serde_json::{Value, json};
use std::time::Duration;

/// Fails on the branch `broken`.
const COUNTS: &str = "RUN cd /srv && sh stock.sh";

const ENDS_WITHIN: Duration = Duration::from_secs(120);

/// A place whose workload `store` runs an image of the build `store`.
fn built() -> Place {
    let place = Place::new(&slipway(), "waiting");
    place.build("store", COUNTS);
    let path = format!("/builds/{}/runs?wait=settled&timeout_ms=120000&expect=succeeded", place.named("store"));
    let made = place.slipway.post(&path, &json!({})).is(200);
    place.deploy(&Workload { name: "store", image: text(&made["image"]), replicas: 1 });
    place
}

fn items(version: &Value) -> Value {
    json!({"items": [{"task": "deployment/store/app", "version": version}]})
}

#[test]
#[ignore = "needs the playground"]
fn curl_is_told_what_became_of_it() {
    let place = built();
    let slipway = &place.slipway;
    let generation = crate::truth::generation(&place.deployment("store"));
    let expecting = format!("{}?expect=succeeded&timeout_ms=120000", place.runs());
    let broken = slipway.post(&expecting, &items(&json!({"build": {"reference": "broken"}})));
    let run = &broken.is_problem(424, "run_failed")["run"];
    assert_eq!((&run["status"], &run["items"][0]["status"]), (&json!("failed"), &json!("failed")));
    let failure = &run["items"][0]["failure"];
    assert_eq!(failure["code"], "build_failed", "{failure}");
    assert_eq!(failure["evidence"][0]["kind"], "build");
    assert_eq!(crate::truth::generation(&place.deployment("store")), generation, "nothing was touched");

    let build = format!("/builds/{}/runs", place.named("store"));
    let asked = slipway.post(&format!("{build}?expect=succeeded&timeout_ms=120000"), &json!({"reference": "broken"}));
    let build_run = &asked.is_problem(424, "run_failed")["run"];
    assert_eq!(build_run["failure"]["code"], "build_failed", "{build_run}");
    let line = number(&build_run["steps"][1]["last_line"]);
    let log = slipway.read(&format!("{build}/{}/log?from=-12", build_run["number"]));
    assert!(log.to_string().contains("prices.csv is not there"), "{log}");
    assert!(line <= number(&log["total"]));
    let nowhere = slipway.post(&format!("{build}?wait=settled&timeout_ms=60000"), &json!({"reference": "nowhere"}));
    assert_eq!(nowhere.is(200)["failure"]["code"], "reference_not_found", "{}", nowhere.text);
}

#[test]
#[ignore = "needs the playground"]
fn who_waits_too_short_is_told_the_state_so_far() {
    let place = built();
    let slipway = &place.slipway;
    let body = items(&json!({"build": {"reference": "main"}}));
    let started = slipway.post(&format!("{}?wait=settled&timeout_ms=0", place.runs()), &body);
    let run = started.is(202);
    let path = format!("/runs/{}", text(&run["id"]));
    assert!(started.header("location").ends_with(&format!("/api/v1{path}")), "{}", started.header("location"));
    assert_eq!(run["items"][0]["status"], "building", "{run:#}");
    slipway.get(&format!("{path}?wait=settled&timeout_ms=1")).is(202);
    let unsettled = slipway.get(&format!("{path}?expect=succeeded&timeout_ms=1"));
    assert_eq!(unsettled.is_problem(424, "not_settled")["run"]["id"], run["id"]);
    slipway.get(&format!("{path}?wait=settled&timeout_ms=600001")).is_problem(422, "invalid");
    let settled = slipway.settled(text(&run["id"]), ENDS_WITHIN);
    assert_eq!(settled["status"], "succeeded", "whoever stops waiting stops nothing: {settled:#}");
    let lines = slipway.get_with(&path, &[("accept", "text/plain")]);
    assert_eq!(lines.text.lines().count(), 1, "a line per item: {}", lines.text);
    assert!(lines.text.starts_with("deployment/store/app\tsucceeded\t"), "{}", lines.text);
}
