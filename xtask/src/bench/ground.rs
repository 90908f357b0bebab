//! The few workloads on which runs are measured, in a map of their own.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::stage::Stage;
use super::versions::{self, Program};
use super::workload::{Deployment, probed};
use super::{interrupt, namespace};

pub(super) const NAMESPACE: &str = "slipway-bench";
pub(super) const MAP: &str = "bench";
/// Has no pods: a run of it is nothing but Slipway's own work.
pub(super) const QUICK: &str = "quick";
/// Has two.
pub(super) const ROLLING: &str = "rolling";
pub(super) const CONTAINER: &str = "app";

/// More than any row rolls out, so that no version of a row is one of those before.
const VERSIONS: usize = 60;
const CRASHING: usize = 12;

#[derive(Clone)]
pub(super) struct Ground {
    /// Tags that run.
    pub(super) good: Vec<String>,
    /// Tags that crash.
    pub(super) bad: Vec<String>,
}

impl Ground {
    pub(super) fn make(stage: &Stage) -> Result<Self> {
        let good = versions::make(&stage.playground, Program::Waits, VERSIONS)?;
        let bad = versions::make(&stage.playground, Program::Crashes, CRASHING)?;
        let image = format!("{}:{}", versions::repository(&stage.playground), good[0]);
        namespace::make(stage, NAMESPACE)?;
        let deployments: Vec<Value> = [(QUICK, 0), (ROLLING, 2)]
            .map(|(name, replicas)| {
                let (containers, placement) = (&[CONTAINER][..], Value::Null);
                let deployment =
                    Deployment { namespace: NAMESPACE, name, replicas, containers, image: &image, placement };
                probed(deployment.object())
            })
            .into();
        namespace::create_all(stage, &deployments)?;
        let rolled = ["rollout", "status", "deployment", ROLLING, "--namespace", NAMESPACE, "--timeout=120s"];
        crate::command::output(&mut stage.kubectl(&rolled))?;
        map(stage, MAP, NAMESPACE, deployments.len())?;
        Ok(Self { good, bad })
    }
}

/// A map of a namespace, as soon as it shows so many workloads.
pub(super) fn map(stage: &Stage, name: &str, namespace: &str, workloads: usize) -> Result<()> {
    stage.client.delete(&format!("/maps/{name}"))?;
    stage.client.post("/maps", &json!({"name": name, "cluster": "local", "namespace": namespace}), None)?;
    for _ in 0..600 {
        let tasks = stage.client.get(&format!("/maps/{name}/tasks"))?.context("the map was made just now")?;
        if tasks["workloads"].as_array().is_some_and(|shown| shown.len() == workloads) {
            return Ok(());
        }
        interrupt::pause(Duration::from_millis(100))?;
    }
    anyhow::bail!("the map {name} does not show its {workloads} workloads within a minute")
}

/// The name of the task of a deployment of the ground.
pub(super) fn task(deployment: &str) -> String {
    format!("deployment/{deployment}/{CONTAINER}")
}
