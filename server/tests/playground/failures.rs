//! Rollouts that cannot succeed: each fails within a minute, and says why in a code, in words and
//! with what was seen.

use crate::{
    ground::{setting, shop, slipway},
    place::{Place, Workload},
    slipway::{list, text},
    truth,
};
use serde_json::{Value, json};
use std::time::Duration;

/// What the issue allows for the whole way to the failure.
const A_MINUTE: Duration = Duration::from_secs(60);

/// A place whose `store` runs well, and is sent to a version that does not.
fn sent_to(tag: &str) -> (Place, Value) {
    let place = Place::new(&slipway(), "fails");
    place.deploy(&Workload { name: "store", image: &shop("store:1.0.0"), replicas: 1 });
    let run = place.run_to_its_end(&store(tag), A_MINUTE);
    (place, failed(&run).clone())
}

fn store(tag: &str) -> Value {
    json!({"items": [{"task": "deployment/store/app", "version": {"tag": tag}}]})
}

/// The failure of the first item of a run that failed.
fn failed(run: &Value) -> &Value {
    assert_eq!(run["status"], "failed", "{run:#}");
    let item = &run["items"][0];
    assert_eq!((&item["status"], &item["changed"]), (&json!("failed"), &json!(true)), "{item:#}");
    assert!(!text(&item["failure"]["message"]).is_empty() && !text(&item["failure"]["advice"]).is_empty());
    &item["failure"]
}

/// All that was seen, of this kind.
fn seen(failure: &Value, kind: &str) -> String {
    let of_kind = list(&failure["evidence"]).iter().filter(|evidence| evidence["kind"] == kind);
    of_kind.map(|evidence| format!("{}\n", text(&evidence["text"]))).collect()
}

#[test]
#[ignore = "needs the playground"]
fn an_image_that_crashes() {
    let (place, failure) = sent_to("3.0.0-crash");
    assert_eq!(failure["code"], "crash_loop", "{failure:#}");
    assert!(text(&failure["message"]).contains("exited with 1"), "{failure:#}");
    let log = seen(&failure, "log");
    for line in ["opening the ledger", "ledger has version 2", "fatal: run the migration first"] {
        assert!(log.contains(line), "its last lines are evidence: {failure:#}");
    }
    let deployment = place.deployment("store");
    assert!(truth::image_of(&deployment, "app").contains(":3.0.0-crash@"), "the cluster is left as it is");
    assert_eq!(deployment["status"]["availableReplicas"], 1, "the version before still serves");
}

#[test]
#[ignore = "needs the playground"]
fn an_image_that_is_killed_for_memory() {
    let (_place, failure) = sent_to("3.0.2-oom");
    assert_eq!(failure["code"], "out_of_memory", "{failure:#}");
    assert!(text(&failure["message"]).contains("more memory than its limit"), "{failure:#}");
    assert!(seen(&failure, "pod").contains("OOMKilled, exit code 137"), "{failure:#}");
    assert!(seen(&failure, "log").contains("loading the whole ledger"), "{failure:#}");
}

#[test]
#[ignore = "needs the playground"]
fn a_tag_that_is_not_there_is_refused_at_once() {
    let place = Place::new(&slipway(), "no-tag");
    place.deploy(&Workload { name: "store", image: &shop("store:1.0.0"), replicas: 1 });
    let refused = place.run(&store("9.9.9"));
    let item = &refused.is_problem(422, "blocked")["items"][0];
    assert_eq!(item["blocked_by"][0]["code"], "tag_not_found", "{item}");
    let plan = place.slipway.post(&format!("/maps/{}/plan", place.name), &store("9.9.9")).is(200);
    assert_eq!(plan["items"][0]["blocked_by"], item["blocked_by"]);
    assert_eq!(truth::generation(&place.deployment("store")), 1, "nothing was touched");
}

/// The node reaches the registry by a name under which Slipway finds nobody, so only the node can
/// find out that the tag is not there.
#[test]
#[ignore = "needs the playground"]
fn a_tag_that_only_the_node_finds_missing() {
    let place = Place::new(&slipway(), "missing");
    let elsewhere = setting("REGISTRY").replace("127.0.0.1", "localhost");
    place.make(
        "registries",
        &json!({"name": place.named("dark"), "url": "http://127.0.0.1:9", "pull_hosts": [elsewhere]}),
    );
    place.apply(&Workload { name: "store", image: &format!("{elsewhere}/shop/store:1.0.0"), replicas: 1 });
    place.deploy(&Workload { name: "second", image: &shop("store:1.0.0"), replicas: 1 });
    let body = json!({"items": [
        {"task": "deployment/store/app", "version": {"tag": "9.9.9"}},
        {"task": "deployment/second/app", "version": {"tag": "1.1.0"}, "wave": 2},
    ]});
    let plan = place.slipway.post(&format!("/maps/{}/plan", place.name), &body).is(200);
    let warned: Vec<&str> = list(&plan["items"][0]["warnings"]).iter().map(|it| text(&it["code"])).collect();
    assert_eq!(warned, ["registry_unreachable", "digest_unknown"], "{plan:#}");
    let run = place.run_to_its_end(&body, A_MINUTE);
    let failure = failed(&run);
    assert_eq!(failure["code"], "image_not_found", "{failure:#}");
    assert!(text(&failure["message"]).contains("store:9.9.9"), "{failure:#}");
    assert!(seen(failure, "event").contains("not found"), "{failure:#}");
    let second = &run["items"][1];
    assert_eq!((&second["status"], &second["reason"]), (&json!("skipped"), &json!("earlier_failure")), "{second:#}");
    assert_eq!(truth::generation(&place.deployment("second")), 1, "the second wave never began");
}

/// Slipway has the password of the registry, the node has none.
#[test]
#[ignore = "needs the playground"]
fn a_registry_that_refuses_the_node() {
    let place = Place::new(&slipway(), "refused");
    let closed = setting("REGISTRY_AUTH");
    let known = json!({
        "name": place.named("closed"),
        "url": format!("http://{closed}"),
        "username": setting("REGISTRY_AUTH_USERNAME"),
        "password": setting("REGISTRY_AUTH_PASSWORD"),
    });
    place.make("registries", &known);
    place.apply(&Workload { name: "store", image: &format!("{closed}/shop/store:0.9.0"), replicas: 1 });
    let run = place.run_to_its_end(&store("1.0.0"), A_MINUTE);
    let failure = failed(&run);
    assert_eq!(failure["code"], "image_unauthorized", "{failure:#}");
    assert!(text(&failure["advice"]).contains("imagePullSecrets"), "{failure:#}");
    assert!(seen(failure, "event").contains("authorization") || seen(failure, "event").contains("401"), "{failure:#}");
    assert!(!failure.to_string().contains(&setting("REGISTRY_AUTH_PASSWORD")));
}

/// The engine may not push where Slipway was given a wrong password.
#[test]
#[ignore = "needs the playground"]
fn a_registry_that_refuses_the_push() {
    let place = Place::new(&slipway(), "no-push");
    let wrong = json!({
        "name": place.named("closed"),
        "url": format!("http://{}", setting("REGISTRY_AUTH").replace("127.0.0.1", "localhost")),
        "username": setting("REGISTRY_AUTH_USERNAME"),
        "password": "not this one",
    });
    place.make("registries", &wrong);
    let step = json!({"type": "image", "name": "image", "inline": format!("FROM {}", shop("store:1.0.0"))});
    let build = json!({
        "name": place.named("store"), "registry": place.named("closed"), "repository": place.repository("store"),
        "engine": "local", "tag_rule": {"type": "datetime"}, "steps": [step],
    });
    place.make("builds", &build);
    let path = format!("/builds/{}/runs?wait=settled&timeout_ms=60000", place.named("store"));
    let run = place.slipway.post(&path, &json!({})).is(200);
    assert_eq!((&run["status"], &run["failure"]["code"]), (&json!("failed"), &json!("push_failed")), "{run:#}");
    assert!(run["digest"].is_null(), "{run:#}");
    assert!(text(&run["failure"]["message"]).contains("unauthorized"), "{run:#}");
}
