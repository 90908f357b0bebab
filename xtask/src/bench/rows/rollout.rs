//! From the return of `kubectl rollout status` to the event `end` of the run, read from its stream.
//! Both follow the same rollout; kubectl is started once the API server has the new image, since
//! before it would see the end of the rollout before. Below zero Slipway says it first.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use crate::bench::events::Events;
use crate::bench::ground::{NAMESPACE, ROLLING, task};
use crate::bench::row::Reading;
use crate::bench::run;
use crate::bench::samples::Samples;
use crate::bench::stage::Stage;
use crate::bench::unit::ms;
use crate::bench::watch::{DEPLOYMENTS, Watch};
use crate::bench::workload::is_complete;

const ROLLOUTS: usize = 50;
const ROLLOUTS_AT_A_GLANCE: usize = 8;
const PATIENCE: Duration = Duration::from_secs(60);

/// Milliseconds.
struct Rollout {
    after_kubectl: f64,
    after_the_api: f64,
}

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    let ground = stage.ground()?;
    let watch = Watch::open(stage, DEPLOYMENTS, NAMESPACE)?;
    let (mut samples, mut after_the_api) = (Samples::default(), Samples::default());
    for version in ground.good.iter().skip(1).take(stage.bench.count(ROLLOUTS, ROLLOUTS_AT_A_GLANCE)) {
        let rollout = roll_out(stage, &watch, version)?;
        samples.push(rollout.after_kubectl);
        after_the_api.push(rollout.after_the_api);
    }
    let remark = format!(
        "after the API server's own event of the complete rollout: {:.1} / {:.1} ms (p50 / p99)",
        after_the_api.median().unwrap_or_default(),
        after_the_api.percentile(99).unwrap_or_default(),
    );
    Ok(Reading::of(samples).remark(remark))
}

fn roll_out(stage: &Stage, watch: &Watch, version: &str) -> Result<Rollout> {
    let accepted = run::start(stage, &task(ROLLING), version)?;
    let events = Events::of_run(&stage.client, &accepted.id)?;
    let (_, generation) = watch.image(ROLLING, version, PATIENCE)?;
    let mut status = stage.kubectl(&["rollout", "status", "deployment", ROLLING, "--namespace", NAMESPACE]);
    let mut kubectl = status.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let returned = thread::spawn(move || kubectl.wait().map(|status| (Instant::now(), status)));
    let (complete, ()) = watch.until("the complete rollout", PATIENCE, |deployment| {
        let ours = deployment["metadata"]["generation"].as_i64() == Some(generation);
        (ours && deployment["metadata"]["name"] == ROLLING && is_complete(deployment)).then_some(())
    })?;
    let (ended, outcome) = events.until("end", PATIENCE, |end| Some(end["status"].clone()))?;
    ensure!(outcome == "succeeded", "the rollout is {outcome}");
    let Ok(returned) = returned.join() else { bail!("waiting for kubectl ended in a panic") };
    let (returned, status) = returned?;
    ensure!(status.success(), "kubectl rollout status ended with {status}");
    Ok(Rollout { after_kubectl: signed_ms(returned, ended), after_the_api: signed_ms(complete, ended) })
}

/// Milliseconds from one moment to another, which may be before it.
fn signed_ms(from: Instant, to: Instant) -> f64 {
    ms(to.saturating_duration_since(from)) - ms(from.saturating_duration_since(to))
}
