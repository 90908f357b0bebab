//! Every cause that can be made, really made: each manifest of `deploy/playground/causes` in a place of its own, all at
//! once, since a rollout that fails mostly waits.

use crate::{
    ground::{setting, slipway},
    place::Place,
    slipway::{list, text},
};
use serde_json::{Value, json};
use std::{fs, path::Path, thread, time::Duration};

/// Causes that may pass of themselves end with the deadline, which the manifests keep short.
const FAILS_WITHIN: Duration = Duration::from_secs(120);

/// A manifest, and the item that its head names.
struct Cause {
    code: String,
    manifest: String,
    item: Value,
}

fn causes() -> Vec<Cause> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/playground/causes");
    let files = fs::read_dir(folder).expect("the causes");
    let paths = files.map(|file| file.expect("a file").path());
    paths.map(|path| read(&path)).collect()
}

fn read(path: &Path) -> Cause {
    let text = fs::read_to_string(path).expect("a manifest");
    let item = text.lines().find_map(|line| line.strip_prefix("# item: ")).expect("an item");
    let open = setting("REGISTRY");
    let (_, port) = open.split_once(':').expect("a port");
    let manifest = text
        .replace("${REGISTRY_AUTH}", &setting("REGISTRY_AUTH"))
        .replace("${REGISTRY_PORT}", port)
        .replace("${REGISTRY}", &open);
    Cause {
        code: path.file_stem().expect("a name").to_string_lossy().into_owned(),
        item: serde_json::from_str(item).expect("JSON"),
        manifest,
    }
}

/// What a run of the item ends with, or why it did not get so far.
fn failure_of(cause: &Cause) -> Result<Value, String> {
    let place = Place::new(&slipway(), &cause.code.replace('_', "-"));
    place.apply_manifest(&cause.manifest, "store");
    let run = place.run_to_its_end(&json!({"items": [cause.item]}), FAILS_WITHIN);
    if run["status"] == "failed" { Ok(run["items"][0]["failure"].clone()) } else { Err(format!("{run:#}")) }
}

fn tells_it(cause: &Cause) -> Result<(), String> {
    let failure = failure_of(cause)?;
    let told = failure["code"] == cause.code.as_str()
        && !text(&failure["message"]).is_empty()
        && !failure["advice"].as_str().unwrap_or_default().is_empty()
        && !list(&failure["evidence"]).is_empty();
    if told { Ok(()) } else { Err(format!("{} ended with {failure:#}", cause.code)) }
}

#[test]
#[ignore = "needs the playground"]
fn each_is_found_with_evidence_and_advice() {
    let causes = causes();
    assert!(causes.len() >= 14, "the manifests are there");
    let wrong: Vec<String> = thread::scope(|scope| {
        let tries: Vec<_> = causes.iter().map(|cause| scope.spawn(|| tells_it(cause))).collect();
        tries.into_iter().filter_map(|tried| tried.join().expect("a place").err()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
