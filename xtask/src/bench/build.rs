//! Builds of the benchmark's own, and their runs.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::stage::Stage;

pub(super) fn define(stage: &Stage, name: &str, repository: &str, steps: &[Value]) -> Result<()> {
    define_on(stage, "local", name, repository, steps)
}

pub(super) fn define_on(stage: &Stage, engine: &str, name: &str, repository: &str, steps: &[Value]) -> Result<()> {
    stage.client.delete(&format!("/builds/{name}"))?;
    let build = json!({
        "name": name,
        "registry": "local",
        "repository": repository,
        "engine": engine,
        "tag_rule": {"type": "sequence", "prefix": ""},
        "steps": steps,
    });
    stage.client.post("/builds", &build, None)?;
    Ok(())
}

/// Runs a build to its end: how long that took from here, and the build run.
pub(super) fn succeeded(stage: &Stage, name: &str) -> Result<(Duration, Value)> {
    // The tags of an earlier benchmark are still there.
    run(stage, name, &json!({"overwrite": true}))
}

/// Runs a build to its end and takes nothing from the cache.
pub(super) fn anew(stage: &Stage, name: &str) -> Result<(Duration, Value)> {
    run(stage, name, &json!({"overwrite": true, "no_cache": true}))
}

fn run(stage: &Stage, name: &str, body: &Value) -> Result<(Duration, Value)> {
    let began = Instant::now();
    let run = stage.client.post(&format!("/builds/{name}/runs?wait=settled&timeout_ms=300000"), body, None)?;
    let took = began.elapsed();
    if run["status"] != "succeeded" {
        bail!("run {} of the build {name} is {}: {}", run["number"], run["status"], run["failure"]["message"]);
    }
    Ok((took, run))
}

/// Starts a run that takes nothing from the cache; its number.
pub(super) fn start_anew(stage: &Stage, name: &str) -> Result<u64> {
    let body = json!({"overwrite": true, "no_cache": true});
    let run = stage.client.post(&format!("/builds/{name}/runs"), &body, None)?;
    run["number"].as_u64().context("a build run has a number")
}
