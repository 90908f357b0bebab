//! What a step takes that runs a program in a container, over `docker run` of the same image and program on the same
//! engine. Both begin with an image that the engine has, and end with the container gone.

use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::json;

use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::stage::{REPOSITORIES, Stage};
use crate::bench::unit::ms;
use crate::bench::{build, interrupt};
use crate::command;
use crate::playground;

const RUNS: usize = 20;
const RUNS_AT_A_GLANCE: usize = 5;
const NAME: &str = "bench-container";

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    let image = playground::base_image(&stage.playground.state);
    let program = ["sh", "-c", "echo one; echo two"];
    let task = json!({"type": "container", "name": "task", "image": image, "command": program});
    let made = json!({"type": "image", "name": "image", "inline": format!("FROM {image}\n")});
    build::define(stage, NAME, &format!("{REPOSITORIES}/container"), &[task, made])?;
    build::succeeded(stage, NAME)?;
    let (mut samples, mut docker) = (Samples::default(), Samples::default());
    for _ in 0..stage.bench.count(RUNS, RUNS_AT_A_GLANCE) {
        interrupt::check()?;
        let (_, run) = build::succeeded(stage, NAME)?;
        let step = run["steps"][0]["duration_ms"].as_f64().context("a step that ended has a duration")?;
        let mut by_hand = playground::docker(&stage.playground);
        by_hand.args(["run", "--rm", "--volume", "/workspace", &image]).args(program);
        let began = Instant::now();
        command::output(&mut by_hand)?;
        let by_hand = ms(began.elapsed());
        samples.push(step - by_hand);
        docker.push(by_hand);
    }
    let docker = docker.median().unwrap_or_default();
    Ok(Reading::of(samples).remark(format!("`docker run` takes {docker:.0} ms (median)")))
}
