//! The engine is restarted while it works for a build.

use crate::{
    dockerd::Dockerd,
    ground::{shop, slipway},
    place::Place,
    slipway::{list, text},
    streams::LogSocket,
};
use serde_json::{Value, json};
use tempfile::TempDir;

#[test]
#[ignore = "needs the playground"]
fn a_program_that_the_engine_ended_is_not_blamed() {
    let place = Place::new(&slipway(), "restart");
    let folder = TempDir::new().expect("a folder");
    let address = format!("unix://{}", folder.path().join("docker.sock").display());
    let mut dockerd = Dockerd::start(folder, &address, json!({}));
    place.make("engines", &json!({"name": place.named("own"), "type": "docker", "url": address}));
    let name = place.named("store");
    let image = json!({"type": "image", "name": "image", "inline": "FROM scratch\nLABEL a=b\n"});
    let script = json!({"type": "script", "name": "work", "image": shop("store:1.0.0"),
        "script": "echo \"at $((6 * 7)).\"; sleep 300"});
    place.make(
        "builds",
        &json!({"name": name, "registry": "local", "repository": place.repository("store"),
            "engine": place.named("own"), "tag_rule": {"type": "sequence", "prefix": "1.0-"},
            "steps": [script, image]}),
    );
    let runs = format!("/builds/{name}/runs");
    let run = format!("{runs}/{}", place.slipway.post(&runs, &json!({})).is(202)["number"]);
    LogSocket::open(&place.slipway, &format!("{run}/log"), 0).until("at 42.");
    dockerd.restart();
    let settled = place.slipway.read(&format!("{run}?wait=settled&timeout_ms=120000"));
    assert_eq!((&settled["status"], &settled["failure"]["code"]), (&json!("failed"), &json!("step_failed")));
    let why = text(&settled["failure"]["message"]);
    assert!(why.contains("exit code") && why.contains("the build engine could not be reached"), "{why}");
    let kept = place.slipway.read(&format!("{run}/log?limit=5000"));
    let told = |line: &Value| text(&line["text"]).starts_with("The build engine cannot be reached");
    assert!(list(&kept["lines"]).iter().any(told), "{kept:#}");
    // It builds again.
    let whole = json!({"steps": [image]});
    place.slipway.post(&format!("{runs}?expect=succeeded&timeout_ms=120000"), &whole).is(200);
}
