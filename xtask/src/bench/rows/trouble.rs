//! From the moment when a watch of the API server shows that a container of a new pod has failed to
//! the frame of the map's WebSocket, which the pipeline page listens to, that shows the trouble.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::bench::feed::Feed;
use crate::bench::ground::{MAP, NAMESPACE, ROLLING, task};
use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::stage::Stage;
use crate::bench::unit::ms;
use crate::bench::watch::{PODS, Watch};
use crate::bench::{run, socket};

const FAILURES: usize = 10;
const FAILURES_AT_A_GLANCE: usize = 4;
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    let ground = stage.ground()?;
    let pods = Watch::open(stage, PODS, NAMESPACE)?;
    let frames = socket::open(&stage.client, &format!("/maps/{MAP}/events"))?;
    let mut samples = Samples::default();
    // Once more goes back to what runs, from the last version on.
    let back = ground.good.last().context("there are versions")?;
    for version in ground.bad.iter().take(stage.bench.count(FAILURES, FAILURES_AT_A_GLANCE)) {
        let accepted = run::start(stage, &task(ROLLING), version)?;
        let failed = failed(&pods, version)?;
        let shown = shown(&frames, &accepted.id)?;
        samples.push(ms(shown.saturating_duration_since(failed)));
        stage.client.post(&format!("/runs/{}/cancel", accepted.id), &json!({}), None)?;
        run::settled(stage, &accepted.id)?;
    }
    let repair = run::start(stage, &task(ROLLING), back)?;
    run::succeeded(stage, &repair.id)?;
    Ok(Reading::of(samples).remark("without what the browser takes to paint it"))
}

/// When the API server showed the first exit of a container of this version.
fn failed(pods: &Watch, version: &str) -> Result<Instant> {
    let marked = format!(":{version}@");
    let (at, ()) = pods.until(&format!("a pod of {version} that fails"), PATIENCE, |pod| {
        let ours = pod["spec"]["containers"][0]["image"].as_str()?.contains(&marked);
        let status = &pod["status"]["containerStatuses"][0];
        let exit = [&status["state"], &status["lastState"]].map(|state| &state["terminated"]["exitCode"]);
        (ours && exit.iter().any(|code| code.as_i64().is_some_and(|code| code != 0))).then_some(())
    })?;
    Ok(at)
}

/// When the frames showed trouble of the run.
fn shown(frames: &Feed<String>, id: &str) -> Result<Instant> {
    frames.until("the trouble in the map", PATIENCE, |frame| {
        let content: Value = serde_json::from_str(&frame.what).ok()?;
        let run = &content["run"];
        (run["id"] == id && !run["items"][0]["trouble"].is_null()).then_some(frame.at)
    })
}
