//! Rollouts that fail, each of one cause, to be seen on the page. What makes them fail stands in a manifest per
//! cause; its head says what it is and which version to run.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::{Playground, address, kubernetes, seed, wait};
use crate::slipway::Profile;
use crate::{checkout, command, say};

const MANIFESTS: &str = "deploy/playground/causes";

/// The watch shows a new workload at once.
const SHOWN_WITHIN: Duration = Duration::from_secs(10);

pub(super) fn run(code: Option<&str>) -> Result<()> {
    match code {
        Some(code) => fail(&Cause::read(code)?),
        None => list(),
    }
}

struct Cause {
    code: String,
    /// What makes it fail, in a sentence.
    about: String,
    /// The item of the run.
    item: Value,
    manifest: String,
}

impl Cause {
    fn read(code: &str) -> Result<Self> {
        let path = folder()?.join(format!("{code}.yaml"));
        let Ok(manifest) = fs::read_to_string(&path) else {
            bail!("no such cause: {code}; `cargo xtask playground cause` lists them");
        };
        let mut head = manifest.lines().filter_map(|line| line.strip_prefix("# "));
        let about = head.next().context("a manifest begins with what it is about")?.to_owned();
        let item = head.find_map(|line| line.strip_prefix("item: ")).context("a manifest says what to run")?;
        Ok(Self { code: code.to_owned(), about, item: serde_json::from_str(item)?, manifest })
    }

    /// Of the namespace and of the map.
    fn place(&self) -> String {
        format!("cause-{}", self.code.replace('_', "-"))
    }
}

fn folder() -> Result<PathBuf> {
    Ok(checkout::root()?.join(MANIFESTS))
}

fn list() -> Result<()> {
    let mut codes = Vec::new();
    for entry in fs::read_dir(folder()?)? {
        let path = entry?.path();
        codes.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    codes.sort();
    for code in codes {
        say::plain(format_args!("{code:28}{}", Cause::read(&code)?.about));
    }
    Ok(())
}

/// Begins anew each time, so that it can be repeated.
fn fail(cause: &Cause) -> Result<()> {
    let playground = Playground::existing()?;
    let client = seed::client(Profile::of_what_is_built()?, &playground)?;
    let place = cause.place();
    let kubectl = |words: &[&str]| command::output(kubernetes::kubectl(&playground).args(words));
    client.delete(&format!("/maps/{place}"))?;
    kubectl(&["delete", "namespace", &place, "--ignore-not-found", "--now"])?;
    kubectl(&["create", "namespace", &place])?;
    // Pods are refused until the controllers have given the namespace its account.
    kubectl(&["wait", "--for=create", "serviceaccount/default", "--namespace", &place, "--timeout=30s"])?;
    let manifest = filled_in(&playground, &cause.manifest);
    command::fed(&mut apply(&playground, &place), &manifest)?;
    client.ensure("maps", &json!({"name": place, "cluster": "local", "namespace": place, "group": "causes"}))?;
    let tasks = format!("/maps/{place}/tasks");
    wait::until(SHOWN_WITHIN, || {
        let shown = client.get(&tasks).ok().flatten();
        shown.is_some_and(|shown| shown["workloads"].as_array().is_some_and(|workloads| !workloads.is_empty()))
    })
    .context("Slipway does not show the workload")?;
    let run = client.post(&format!("/maps/{place}/runs"), &json!({"items": [cause.item]}), None)?;
    let url = address::url(&playground)?;
    say::plain(format_args!(
        "{}\n{url}/maps/{place}/pipeline\n{url}/runs/{}",
        cause.about,
        run["id"].as_str().unwrap_or_default()
    ));
    Ok(())
}

fn apply(playground: &Playground, place: &str) -> Command {
    let mut apply = kubernetes::kubectl(playground);
    apply.args(["apply", "--namespace", place, "--filename=-"]);
    apply
}

fn filled_in(playground: &Playground, manifest: &str) -> String {
    let state = &playground.state;
    manifest
        .replace("${REGISTRY_AUTH}", &state.registry_auth())
        .replace("${REGISTRY_PORT}", &state.ports.registry.to_string())
        .replace("${REGISTRY}", &state.registry())
}

#[cfg(test)]
mod tests {
    use super::{Cause, folder};
    use std::fs;

    #[test]
    fn every_manifest_says_what_it_is_and_what_to_run() {
        let mut count = 0;
        for entry in fs::read_dir(folder().expect("a checkout")).expect("the folder") {
            let path = entry.expect("a file").path();
            let code = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let cause = Cause::read(&code).expect("a cause");
            assert!(cause.about.ends_with('.'), "{code}: {}", cause.about);
            assert!(cause.item["task"].is_string(), "{code}: {}", cause.item);
            count += 1;
        }
        assert!(count > 0);
    }
}
