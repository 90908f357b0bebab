//! Runs, as CI starts them.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::ground::MAP;
use super::stage::Stage;

/// A run that was accepted.
pub(super) struct Accepted {
    pub(super) id: String,
    /// Just before the request was sent, and just after it was answered.
    pub(super) sent: Instant,
    pub(super) answered: Instant,
}

/// Starts a run of one task to a tag.
pub(super) fn start(stage: &Stage, task: &str, tag: &str) -> Result<Accepted> {
    start_items(stage, MAP, &json!([{"task": task, "version": {"tag": tag}}]))
}

pub(super) fn start_items(stage: &Stage, map: &str, items: &Value) -> Result<Accepted> {
    let body = json!({"items": items});
    let sent = Instant::now();
    let run = stage.client.post(&format!("/maps/{map}/runs"), &body, None)?;
    let answered = Instant::now();
    let id = run["id"].as_str().context("a run has an id")?.to_owned();
    Ok(Accepted { id, sent, answered })
}

/// The run when it is settled.
pub(super) fn settled(stage: &Stage, id: &str) -> Result<Value> {
    let path = format!("/runs/{id}?wait=settled&timeout_ms=300000");
    stage.client.get(&path)?.context("the run was accepted")
}

/// The same, and it must have succeeded.
pub(super) fn succeeded(stage: &Stage, id: &str) -> Result<Value> {
    let run = settled(stage, id)?;
    if run["status"] != "succeeded" {
        let item = &run["items"][0];
        bail!("run {id} is {}: {} {}", run["status"], item["reason"], item["failure"]["message"]);
    }
    Ok(run)
}
