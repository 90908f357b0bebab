//! Runs of another flow than the build's own, on the real engine: repeated, edited, one step tried.

use crate::{
    ground::{docker, setting, shop, slipway},
    place::Place,
    slipway::{list, text},
};
use serde_json::{Value, json};

const WAIT: &str = "wait=settled&timeout_ms=120000";

fn build(place: &Place, channel: &str) -> String {
    let name = place.named("store");
    let body = json!({"name": name, "registry": "local", "repository": place.repository("store"), "engine": "local",
        "tag_rule": {"type": "sequence", "prefix": "1.0-"}, "steps": [
            {"type": "git", "name": "source", "url": format!("file://{}/api.git", setting("SLIPWAY_GIT_FILE_ROOT"))},
            {"type": "script", "name": "say", "image": shop("store:1.0.0"),
                "script": format!("echo {channel}; echo $(ls | wc -l) files")},
            {"type": "image", "name": "image", "inline": format!("FROM {}\nCOPY . /srv\n", shop("store:1.0.0"))}]});
    place.make("builds", &body);
    format!("/builds/{name}")
}

fn said(place: &Place, run: &str) -> Vec<String> {
    let kept = place.slipway.read(&format!("{run}/log?limit=5000"));
    let of_program = |line: &&Value| text(&line["stream"]) == "stdout";
    list(&kept["lines"]).iter().filter(of_program).map(|line| text(&line["text"]).to_owned()).collect()
}

#[test]
#[ignore = "needs the playground"]
fn a_run_is_repeated_at_its_commit_and_with_steps_of_its_own() {
    let place = Place::new(&slipway(), "repeat");
    let build = build(&place, "stable");
    let run = |body: Value| place.slipway.post(&format!("{build}/runs?{WAIT}&expect=succeeded"), &body).is(200);
    let first = run(json!({"reference": "v1.0.0"}));
    let again = run(json!({"repeat_of": first["number"]}));
    assert_eq!((&again["commit"], &again["repeat_of"]), (&first["commit"], &first["number"]), "{again:#}");
    assert_ne!(again["tag"], first["tag"]);

    let mut steps = place.slipway.read(&format!("{build}/runs/1/flow"))["steps"].clone();
    steps[1]["script"] = json!("echo edited");
    let edited = run(json!({"repeat_of": first["number"], "reference": "v1.0.0", "steps": steps}));
    assert_eq!(said(&place, &format!("{build}/runs/{}", edited["number"]))[0], "edited");
    assert_eq!(place.slipway.read(&build)["steps"][1]["script"], "echo stable; echo $(ls | wc -l) files");
}

#[test]
#[ignore = "needs the playground"]
fn a_step_is_tried_and_leaves_nothing_behind() {
    let place = Place::new(&slipway(), "try");
    let build = build(&place, "stable");
    let attempt = |body: Value| place.slipway.post(&format!("{build}/try?{WAIT}&expect=succeeded"), &body).is(200);
    let step = json!({"type": "script", "name": "say", "image": shop("store:1.0.0"),
        "script": "echo $TAG; ls | wc -l", "environment": {"TAG": "${build.tag}"}});
    let alone = attempt(json!({"step": step}));
    assert_eq!(said(&place, &format!("{build}/runs/{}", alone["number"])), ["try", "0"], "its work space is empty");
    let with_code = attempt(json!({"step": step, "with_source": true}));
    let files = said(&place, &format!("{build}/runs/{}", with_code["number"]));
    assert!(files[1].trim().parse::<u32>().is_ok_and(|files| files > 0), "{files:?}");

    let inline = format!("FROM {}\nRUN echo built at all\nCOPY . /srv\n", shop("store:1.0.0"));
    let image = json!({"type": "image", "name": "image", "inline": inline});
    let built = attempt(json!({"step": image, "with_source": true}));
    assert_eq!((&built["digest"], &built["tag"]), (&Value::Null, &Value::Null), "nothing is pushed");
    let tried = docker(&["images", "--format", "{{.Repository}}:{{.Tag}}"]);
    assert!(!tried.lines().any(|image| image.starts_with("slipway-try/")), "{tried}");
    assert_eq!(place.slipway.read(&format!("{build}/runs"))["items"], json!([]));
}

#[test]
#[ignore = "needs the playground"]
fn the_flow_of_the_shops_api_has_all_six_types_and_runs_green_again_when_it_is_edited() {
    let slipway = slipway();
    let place = Place::new(&slipway, "six");
    let mut flow = slipway.read("/builds/api");
    let kinds: Vec<&str> = list(&flow["steps"]).iter().map(|step| text(&step["type"])).collect();
    assert_eq!(kinds, ["git", "transfer", "http", "script", "container", "image"]);
    let name = place.named("api");
    flow["name"] = json!(name);
    flow["repository"] = json!(place.repository("api"));
    place.make("builds", &flow);
    let run = |body: Value| slipway.post(&format!("/builds/{name}/runs?{WAIT}&expect=succeeded"), &body).is(200);
    let first = run(json!({}));
    let steps = list(&first["steps"]);
    assert!(steps.iter().all(|step| step["status"] == "succeeded"), "{first:#}");
    let lines = said(&place, &format!("/builds/{name}/runs/1"));
    for line in ["checked with shop/tools", "rates/eur.csv is good", "rates/gbp.csv is good"] {
        assert!(lines.iter().any(|said| said == line), "{lines:?}");
    }
    let answer = slipway.get(&format!("/builds/{name}"));
    let etag = answer.header("etag");
    flow["steps"][3]["script"] = json!("echo edited");
    slipway.put(&format!("/builds/{name}"), &flow, etag).is(200);
    run(json!({}));
    assert!(said(&place, &format!("/builds/{name}/runs/2")).iter().any(|line| line == "edited"));
}
