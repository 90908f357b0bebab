//! The main call of a pipeline: build, push, roll out, and an answer that is true.

use crate::{
    ground::slipway,
    kubectl,
    slipway::{list, number, text},
    truth,
};
use serde_json::{Value, json};
use uuid::Uuid;

const CALL: &str = "/maps/shop/runs?wait=settled&timeout_ms=300000";

fn build_and_deploy(reference: &str) -> Value {
    json!({"items": [{"task": "deployment/web/app", "version": {"build": {"reference": reference}}}]})
}

#[test]
#[ignore = "needs the playground"]
fn one_call_builds_pushes_and_rolls_out() {
    let slipway = slipway();
    let before = truth::generation(&kubectl::get("shop", &["deployment", "web"]));
    let newest = || number(&slipway.read("/builds/web/runs?limit=1")["items"][0]["number"]);
    let earlier = newest();
    let key = Uuid::new_v4().to_string();
    let run = slipway.start(CALL, &key, &build_and_deploy("main")).is(200);
    assert_eq!(run["status"], "succeeded", "{run:#}");
    let item = &list(&run["items"])[0];
    truth::holds("shop", item, before);
    assert_eq!(item["build_run"], json!({"build": "web", "number": earlier + 1}));
    let build_run = slipway.read(&format!("/builds/web/runs/{}", earlier + 1));
    assert_eq!((&build_run["digest"], &build_run["tag"]), (&item["to"]["digest"], &item["to"]["tag"]));
    let phases: Vec<&str> = list(&item["phases"]).iter().map(|phase| text(&phase["phase"])).collect();
    assert_eq!(phases, ["building", "queued", "applying", "rolling"]);

    let again = slipway.start(CALL, &key, &build_and_deploy("main"));
    assert_eq!(again.is(200)["id"], run["id"]);
    assert_eq!(again.header("idempotent-replayed"), "true");
    slipway.start(CALL, &key, &build_and_deploy("broken")).is_problem(422, "idempotency_mismatch");
    assert_eq!(newest(), earlier + 1, "a repeat builds nothing");
    let after = truth::generation(&kubectl::get("shop", &["deployment", "web"]));
    assert_eq!(after, before + 1, "a repeat changes nothing");

    let same = json!({"items": [{"task": "deployment/web/app", "version": {"latest": true}}]});
    let skipped = slipway.post(CALL, &same).is(200);
    assert_eq!(skipped["status"], "succeeded", "{skipped:#}");
    assert_eq!(skipped["items"][0]["status"], "skipped");
    assert_eq!(skipped["items"][0]["reason"], "same_version");
}
