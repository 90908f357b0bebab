//! The image step on the real engine: what BuildKit is given, and what is told of the image.

use crate::{
    ground::{docker, setting, shop, slipway},
    place::Place,
    registry::digest_of,
    slipway::{Answer, list, number, text},
};
use serde_json::{Value, json};

/// A build of `api` by an image step with these settings; nothing is checked of the answer.
fn save(place: &Place, change: Value) -> Answer {
    let mut step = json!({"type": "image", "name": "image", "context": "api"});
    let Value::Object(change) = change else { panic!("settings") };
    step.as_object_mut().expect("a step").extend(change);
    let source = json!({"type": "git", "name": "source", "folder": "api",
        "url": format!("file://{}/api.git", setting("SLIPWAY_GIT_FILE_ROOT"))});
    let body = json!({"name": place.named("api"), "registry": "local", "repository": place.repository("api"),
        "engine": "local", "tag_rule": {"type": "sequence", "prefix": "1.0-"}, "steps": [source, step]});
    place.slipway.post("/builds", &body)
}

/// Saves a build of a Dockerfile on the shop's `store`; where its runs are.
fn build(place: &Place, instructions: &str, mut change: Value) -> String {
    change["inline"] = json!(format!("FROM {}\n{instructions}\n", shop("store:1.0.0")));
    save(place, change).is(201);
    place.remember(&format!("/builds/{}", place.named("api")));
    format!("/builds/{}/runs", place.named("api"))
}

fn run(place: &Place, runs: &str) -> Value {
    place.slipway.post(&format!("{runs}?expect=succeeded&timeout_ms=120000"), &json!({})).is(200)
}

/// The log of a run, as text.
fn log(place: &Place, runs: &str, run: &Value) -> String {
    let kept = place.slipway.read(&format!("{runs}/{}/log?limit=5000", run["number"]));
    list(&kept["lines"]).iter().map(|line| text(&line["text"]).to_owned() + "\n").collect()
}

#[test]
#[ignore = "needs the playground"]
fn a_secret_is_there_while_it_is_asked_for_and_nowhere_else() {
    let place = Place::new(&slipway(), "secret");
    let name = place.named("NPM").replace('-', "_").to_uppercase();
    // With its name in it, no earlier build can have left this in the engine's cache.
    let mount = &format!(
        "RUN --mount=type=secret,id=npmrc,required=true cat /run/secrets/npmrc \\\n\
        && wc -c < /run/secrets/npmrc > /length && echo \"{name}: length $(cat /length).\""
    );
    place.make("secrets", &json!({"name": name, "value": "hush-hush-42"}));
    let runs = build(&place, mount, json!({"secrets": {"npmrc": format!("token=${{secret:{name}}}")}}));
    let made = run(&place, &runs);
    let said = log(&place, &runs, &made);
    assert!(said.contains("[masked]") && said.contains("length 18."), "{said}");
    assert!(!said.contains("hush-hush"), "{said}");
    // Its layers, history and configuration in one file.
    let whole = docker(&["save", text(&made["image"])]);
    assert!(whole.contains("/run/secrets/npmrc") && !whole.contains("hush-hush"), "the image holds the secret");
}

#[test]
#[ignore = "needs the playground"]
fn layers_are_kept_in_the_registry_and_taken_from_there() {
    let place = Place::new(&slipway(), "cache");
    let cache = format!("{}/{}:cache", setting("REGISTRY"), place.repository("api"));
    let settings = json!({"cache_from": [&cache], "cache_to": [&cache]});
    let runs = build(&place, &format!("RUN echo {} > /mark", place.name), settings);
    let first = run(&place, &runs);
    let kept = digest_of(&place.repository("api"), "cache");
    assert_eq!(kept.as_deref(), first["digest"].as_str(), "the image says itself what made its layers");
    let second = run(&place, &runs);
    let said = log(&place, &runs, &second);
    let importing = said.lines().find(|line| line.ends_with(&format!("importing cache manifest from {cache}")));
    let number = importing.and_then(|line| line.split(' ').next()).unwrap_or_else(|| panic!("{said}"));
    assert!(said.lines().any(|line| line.starts_with(&format!("{number} DONE"))), "{said}");
    assert!(said.contains(" CACHED"), "{said}");
}

#[test]
#[ignore = "needs the playground"]
fn layers_are_not_kept_elsewhere() {
    let place = Place::new(&slipway(), "cache-place");
    for (to, why) in [
        ("elsewhere.example/shop/api:cache".to_owned(), "must be in the registry of the build"),
        (format!("{}/shop/api:cache", setting("REGISTRY")), "is the repository of another build"),
    ] {
        let refused = save(&place, json!({"cache_to": [to]})).is_problem(422, "invalid");
        assert_eq!(refused["fields"][0]["path"], "steps[1].cache_to[0]", "{refused:#}");
        assert_eq!(refused["fields"][0]["message"], why);
    }
}

#[test]
#[ignore = "needs the playground"]
fn one_platform_is_built_and_several_only_where_the_engine_can() {
    let place = Place::new(&slipway(), "platform");
    let engine = place.slipway.read("/engines/local");
    let can: Vec<&str> = list(&engine["capabilities"]).iter().map(text).collect();
    assert!(can.contains(&"build_secrets") && can.contains(&"cache_mounts"), "{can:?}");
    if !can.contains(&"multi_platform") {
        let several = json!({"platforms": ["linux/amd64", "linux/arm64"]});
        let refused = save(&place, several).is_problem(422, "missing_capability");
        assert_eq!(refused["fields"][0]["path"], "steps[1].platforms");
        let words = format!("{}{}", refused["detail"], refused["fields"][0]["message"]);
        assert!(words.contains("image") && words.contains("engine local"), "step and engine: {words}");
    }
    let foreign = json!({"platforms": ["linux/arm64"], "inline": "FROM scratch\nCOPY . /\n"});
    save(&place, foreign).is(201);
    place.remember(&format!("/builds/{}", place.named("api")));
    let made = run(&place, &format!("/builds/{}/runs", place.named("api")));
    assert_eq!(made["platforms"], json!(["linux/arm64"]), "{made:#}");
    assert_eq!(made["facts"]["base"], Value::Null);
}

#[test]
#[ignore = "needs the playground"]
fn an_image_is_told_with_its_base_and_its_largest_files() {
    let place = Place::new(&slipway(), "facts");
    let runs = build(&place, "COPY . /srv\nRUN head -c 300000 /dev/zero > /srv/big\nCMD [\"true\"]", json!({}));
    let made = run(&place, &runs);
    let facts = &made["facts"];
    assert_eq!(facts["base"]["name"], shop("store:1.0.0"), "{made:#}");
    let layers = list(&facts["layers"]);
    assert!(layers.len() > 2 && layers.iter().all(|layer| number(&layer["size_bytes"]) > 0), "{made:#}");
    let sizes: u64 = layers.iter().map(|layer| number(&layer["size_bytes"])).sum();
    assert!(sizes < number(&made["size_bytes"]), "the configuration comes on top: {made:#}");
    assert_eq!(facts["annotations"]["version"], made["tag"]);
    assert_eq!(facts["annotations"]["revision"], made["commit"]);
    let largest = list(&facts["largest_files"]);
    assert_eq!(largest[0], json!({"path": "/srv/big", "size_bytes": 300_000}));
    assert!(largest.iter().all(|file| text(&file["path"]).starts_with("/srv/")), "only what was added: {made:#}");
}

#[test]
#[ignore = "needs the playground"]
fn an_inline_dockerfile_is_not_part_of_the_image() {
    let place = Place::new(&slipway(), "inline");
    let count = "COPY . /srv\nRUN ls -A /srv && echo \"files $(ls -A /srv | grep -c slipway).\"";
    let runs = build(&place, &format!("{count} # {}", place.named("api")), json!({}));
    let made = run(&place, &runs);
    let said = log(&place, &runs, &made);
    assert!(said.contains("files 0."), "{said}");
    let largest = list(&made["facts"]["largest_files"]).iter().map(|file| text(&file["path"]));
    assert!(largest.clone().all(|path| !path.contains(".slipway")), "{:?}", largest.collect::<Vec<_>>());
}
