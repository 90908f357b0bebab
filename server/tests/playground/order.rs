//! Runs and items one after the other, and builds that are shared.

use crate::{
    ground::{shop, slipway},
    place::{Place, Workload},
    slipway::{list, number, text},
    streams::waits_for,
    truth,
};
use serde_json::json;
use std::time::Duration;

const ENDS_WITHIN: Duration = Duration::from_secs(120);

#[test]
#[ignore = "needs the playground"]
fn runs_for_one_workload_queue_up() {
    let place = Place::new(&slipway(), "queue");
    place.deploy(&Workload { name: "store", image: &shop("store:1.0.0"), replicas: 2 });
    let to = |tag: &str| json!({"items": [{"task": "deployment/store/app", "version": {"tag": tag}}]});
    let first = place.run(&to("1.1.0")).is(202);
    let second = place.run(&to("2.0.0")).is(202);
    let twice = place.run(&to("2.0.0")).is(202);
    assert_eq!(twice["id"], second["id"], "what is queued already is not queued twice");
    let waits = waits_for(&place.slipway, text(&second["id"]));
    assert_eq!((&waits["kind"], &waits["run"]), (&json!("workload"), &first["id"]));
    let second = place.slipway.settled(text(&second["id"]), ENDS_WITHIN);
    truth::holds(&place.name, &second["items"][0], 2);
    let first = place.slipway.settled(text(&first["id"]), Duration::ZERO);
    assert_eq!(first["status"], "succeeded", "the first had ended before: {first:#}");
    assert_eq!(second["items"][0]["from"]["image"], first["items"][0]["to"]["image"]);
    assert!(text(&first["ended_at"]) <= text(&list(&second["items"][0]["phases"])[1]["at"]));
}

#[test]
#[ignore = "needs the playground"]
fn items_of_the_same_build_share_one_run_of_it() {
    let place = Place::new(&slipway(), "shared");
    place.build("store", "RUN echo \"once.\"");
    let path = format!("/builds/{}/runs", place.named("store"));
    let made = place.slipway.post(&format!("{path}?expect=succeeded&timeout_ms=120000"), &json!({})).is(200);
    for name in ["left", "right"] {
        place.deploy(&Workload { name, image: text(&made["image"]), replicas: 1 });
    }
    let version = json!({"build": {"reference": "main"}});
    let body = json!({"items": [
        {"task": "deployment/left/app", "version": version},
        {"task": "deployment/right/app", "version": version, "wave": 2},
    ]});
    let plan = place.slipway.post(&format!("/maps/{}/plan", place.name), &body).is(200);
    assert_eq!(plan["items"][0]["build"]["shared_with"], json!([2]), "{plan:#}");
    let run = place.run_to_its_end(&body, ENDS_WITHIN);
    assert_eq!(run["status"], "succeeded", "{run:#}");
    let (left, right) = (&run["items"][0], &run["items"][1]);
    assert_eq!(left["build_run"], json!({"build": place.named("store"), "number": 2}));
    assert_eq!((&right["build_run"], &right["to"]), (&left["build_run"], &left["to"]));
    truth::holds(&place.name, left, 1);
    truth::holds(&place.name, right, 1);
    let rolls = list(&left["phases"]).last().expect("phases");
    let applies = &list(&right["phases"])[2];
    assert!(text(&applies["at"]) > text(&rolls["at"]), "the second wave came after the first");
    let newest = &place.slipway.read(&format!("{path}?limit=1"))["items"][0];
    assert_eq!(number(&newest["number"]), 2, "one build for both");
}
