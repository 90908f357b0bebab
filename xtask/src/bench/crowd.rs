//! Many workloads without pods: 500 containers in 200 deployments, in a map of their own.

use anyhow::Result;
use serde_json::Value;

use super::stage::Stage;
use super::versions::{self, Program};
use super::workload::Deployment;
use super::{ground, namespace};

pub(super) const NAMESPACE: &str = "slipway-bench-crowd";
pub(super) const MAP: &str = "bench-crowd";
pub(super) const WORKLOADS: usize = 200;
/// Every other workload has three, the others two.
const CONTAINERS: [&[&str]; 2] = [&["app", "proxy", "metrics"], &["app", "proxy"]];

#[derive(Clone, Copy)]
pub(super) struct Crowd {
    pub(super) containers: usize,
}

impl Crowd {
    pub(super) fn make(stage: &Stage) -> Result<Self> {
        let version = versions::make(&stage.playground, Program::Waits, 1)?;
        let image = format!("{}:{}", versions::repository(&stage.playground), version[0]);
        namespace::make(stage, NAMESPACE)?;
        let names: Vec<String> = (1..=WORKLOADS).map(|number| format!("service-{number}")).collect();
        let containers = CONTAINERS.iter().cycle();
        let deployments: Vec<Value> = names
            .iter()
            .zip(containers.clone())
            .map(|(name, containers)| {
                let (replicas, placement) = (0, Value::Null);
                Deployment { namespace: NAMESPACE, name, replicas, containers, image: &image, placement }.object()
            })
            .collect();
        namespace::create_all(stage, &deployments)?;
        // What the controllers still write about a new deployment is no part of what is measured.
        namespace::until_available(stage, NAMESPACE)?;
        ground::map(stage, MAP, NAMESPACE, WORKLOADS)?;
        Ok(Self { containers: containers.take(WORKLOADS).map(|containers| containers.len()).sum() })
    }
}
