//! A run of 100 items, from the POST to the settled run, as a multiple of what 100 times `kubectl
//! set image` and `kubectl rollout status`, all at once, take for the same step on the same nodes.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::bench::kwok::{self, Kwok};
use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::stage::Stage;
use crate::bench::versions::{self, Program};
use crate::bench::workload::{Deployment, probed};
use crate::bench::{ground, interrupt, namespace, run};

const ROUNDS: usize = 5;
const ROUNDS_AT_A_GLANCE: usize = 1;
const WORKLOADS: usize = 100;
const REPLICAS: u32 = 2;
const NAMESPACE: &str = "slipway-bench-hundred";
const MAP: &str = "bench-hundred";
const CONTAINER: &str = "app";

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    let rounds = stage.bench.count(ROUNDS, ROUNDS_AT_A_GLANCE);
    // One to begin with, and two in each round.
    let tags = versions::make(&stage.playground, Program::Waits, 1 + 2 * rounds)?;
    let repository = versions::repository(&stage.playground);
    let _kwok = Kwok::start(stage)?;
    deploy(stage, &format!("{repository}:{}", tags[0]))?;
    let (mut samples, mut slipway, mut kubectl) = (Samples::default(), Samples::default(), Samples::default());
    for pair in tags[1..].chunks_exact(2) {
        interrupt::check()?;
        let ours = by_slipway(stage, &pair[0])?.as_secs_f64();
        let theirs = by_kubectl(stage, &format!("{repository}:{}", pair[1]))?.as_secs_f64();
        samples.push(ours / theirs);
        slipway.push(ours);
        kubectl.push(theirs);
    }
    let remark = format!(
        "{WORKLOADS} deployments of {REPLICAS} pods: {:.1} s in Slipway, {:.1} s with kubectl (medians)",
        slipway.median().unwrap_or_default(),
        kubectl.median().unwrap_or_default(),
    );
    Ok(Reading::of(samples).remark(remark))
}

fn names() -> impl Iterator<Item = String> {
    (1..=WORKLOADS).map(|number| format!("service-{number}"))
}

fn deploy(stage: &Stage, image: &str) -> Result<()> {
    namespace::make(stage, NAMESPACE)?;
    let deployments: Vec<Value> = names()
        .map(|name| {
            let (containers, placement) = (&[CONTAINER][..], kwok::placement());
            probed(
                Deployment { namespace: NAMESPACE, name: &name, replicas: REPLICAS, containers, image, placement }
                    .object(),
            )
        })
        .collect();
    namespace::create_all(stage, &deployments)?;
    namespace::until_available(stage, NAMESPACE)?;
    ground::map(stage, MAP, NAMESPACE, WORKLOADS)
}

fn by_slipway(stage: &Stage, tag: &str) -> Result<Duration> {
    let items: Vec<Value> = names()
        .map(|name| json!({"task": format!("deployment/{name}/{CONTAINER}"), "version": {"tag": tag}}))
        .collect();
    let accepted = run::start_items(stage, MAP, &json!(items))?;
    run::succeeded(stage, &accepted.id)?;
    Ok(accepted.sent.elapsed())
}

fn by_kubectl(stage: &Stage, image: &str) -> Result<Duration> {
    let began = Instant::now();
    let failed = thread::scope(|scope| {
        let rollouts: Vec<_> = names().map(|name| scope.spawn(move || rolled_out(stage, &name, image))).collect();
        rollouts.into_iter().filter_map(|rollout| rollout.join().ok()).filter(|done| !done).count()
    });
    let took = began.elapsed();
    ensure!(failed == 0, "{failed} of {WORKLOADS} rollouts with kubectl failed");
    Ok(took)
}

fn rolled_out(stage: &Stage, name: &str, image: &str) -> bool {
    let deployment = format!("deployment/{name}");
    let container = format!("{CONTAINER}={image}");
    let set = ["set", "image", &deployment, &container, "--namespace", NAMESPACE];
    let status = ["rollout", "status", &deployment, "--namespace", NAMESPACE, "--timeout=300s"];
    [&set[..], &status[..]].iter().all(|words| {
        let mut kubectl = stage.kubectl(words);
        kubectl.stdin(Stdio::null()).stdout(Stdio::null()).status().is_ok_and(|status| status.success())
    })
}
