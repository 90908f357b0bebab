//! The workloads of the shop. They are applied once, with images of the builds:
//! from then on what they run is Slipway's business.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::things::Builds;
use crate::playground::{Playground, kubernetes};
use crate::{checkout, command, say};

const MANIFESTS: &str = "deploy/playground/shop/manifests";
const ROLLOUT_DEADLINE: &str = "--timeout=120s";

/// The page starts with a version behind its newest, so that there is something
/// to roll out; the others are where they should be.
pub(super) fn ensure(playground: &Playground, builds: &Builds) -> Result<()> {
    let oldest = image(builds.web.first())?;
    let newest = image(builds.api.last())?;
    if !exists(playground, "namespace", "shop")? {
        apply(playground, "namespace", "")?;
        await_namespace(playground)?;
    }
    for (kind, name, image) in [
        ("deployment", "web", oldest),
        ("deployment", "api", newest),
        ("statefulset", "store", ""),
        ("daemonset", "agent", ""),
        ("cronjob", "report", newest),
    ] {
        if !exists(playground, kind, name)? {
            apply(playground, name, image)?;
            say::line(format_args!("{kind} {name}"));
        }
    }
    for workload in ["deployment/web", "deployment/api", "statefulset/store", "daemonset/agent"] {
        let mut rollout = kubernetes::kubectl(playground);
        rollout.args(["rollout", "status", "--namespace=shop", ROLLOUT_DEADLINE, workload]);
        command::output(&mut rollout)?;
    }
    Ok(())
}

fn image(run: Option<&Value>) -> Result<&str> {
    run.and_then(|run| run["image"].as_str()).context("a build run that succeeded has no image")
}

fn exists(playground: &Playground, kind: &str, name: &str) -> Result<bool> {
    let mut get = kubernetes::kubectl(playground);
    get.args(["get", kind, name, "--namespace=shop", "--ignore-not-found", "--output=name"]);
    Ok(!command::output(&mut get)?.trim().is_empty())
}

/// Pods are refused until the controllers have given the namespace its account.
fn await_namespace(playground: &Playground) -> Result<()> {
    let mut wait = kubernetes::kubectl(playground);
    wait.args(["wait", "--for=create", "serviceaccount/default", "--namespace=shop", "--timeout=30s"]);
    command::output(&mut wait).map(drop)
}

fn apply(playground: &Playground, name: &str, image: &str) -> Result<()> {
    let path = checkout::root()?.join(MANIFESTS).join(format!("{name}.yaml"));
    let manifest = filled_in(playground, &path, image)?;
    let mut apply = kubernetes::kubectl(playground);
    command::fed(apply.args(["apply", "--filename=-"]), &manifest)
        .with_context(|| format!("cannot apply {}", path.display()))
        .map(drop)
}

fn filled_in(playground: &Playground, path: &Path, image: &str) -> Result<String> {
    let text = fs::read_to_string(path)?;
    Ok(text.replace("${REGISTRY}", &playground.state.registry()).replace("${IMAGE}", image))
}
