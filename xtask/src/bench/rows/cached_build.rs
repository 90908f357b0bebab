//! What a build of which every layer is in the cache takes in Slipway, from the POST to the settled
//! build run, over what `docker build` of the same sources takes on the same engine. Slipway's time
//! holds what `docker build` has no part in: the clone, the push, and the question whether the
//! registry has what was pushed; the remarks say how much of it that is.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::stage::{REPOSITORIES, Stage};
use crate::bench::unit::ms;
use crate::bench::{build, interrupt};
use crate::command;
use crate::playground;

const BUILDS: usize = 20;
const BUILDS_AT_A_GLANCE: usize = 5;
const NAME: &str = "bench-cached";
/// The page of the shop: a context of a few files, and a layer that takes a second when it is made.
const SOURCES: &str = "web.git";
/// An argument that differed from run to run would be another build.
const VERSION: &str = "1.0.0";

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    let repository = playground::repositories(&stage.playground).join(SOURCES);
    define(stage, &repository)?;
    let context = tempfile::tempdir()?;
    let mut clone = Command::new("git");
    command::output(clone.args(["clone", "--quiet", "--depth=1"]).arg(url(&repository)).arg(context.path()))?;
    // From here on all of it is in the cache.
    by_docker(stage, context.path())?;
    build::succeeded(stage, NAME)?;
    let (mut samples, mut docker, mut steps) = (Samples::default(), Samples::default(), Steps::default());
    for _ in 0..stage.bench.count(BUILDS, BUILDS_AT_A_GLANCE) {
        interrupt::check()?;
        let (took, run) = build::succeeded(stage, NAME)?;
        let by_docker = ms(by_docker(stage, context.path())?);
        samples.push(ms(took) - by_docker);
        docker.push(by_docker);
        steps.take(&run)?;
    }
    let docker = docker.median().unwrap_or_default();
    Ok(Reading::of(samples).remark(format!("`docker build` takes {docker:.0} ms (median)")).remark(steps.words()))
}

/// The steps' own durations.
#[derive(Default)]
struct Steps {
    git: Samples,
    image: Samples,
    all: Samples,
}

impl Steps {
    fn take(&mut self, run: &Value) -> Result<()> {
        let took = |step: usize| run["steps"][step]["duration_ms"].as_f64().context("a step that ended has a duration");
        self.git.push(took(0)?);
        self.image.push(took(1)?);
        self.all.push(run["duration_ms"].as_f64().context("a run that ended has a duration")?);
        Ok(())
    }

    fn words(&self) -> String {
        let median = |samples: &Samples| samples.median().unwrap_or_default();
        format!(
            "of Slipway's: {:.0} ms the clone, {:.0} ms the image with its push, {:.0} ms the whole run by its own clock",
            median(&self.git),
            median(&self.image),
            median(&self.all),
        )
    }
}

fn define(stage: &Stage, repository: &Path) -> Result<()> {
    let image = json!({
        "type": "image",
        "name": "image",
        "context": "web",
        "build_args": {"VERSION": VERSION, "BASE": playground::base_image(&stage.playground.state)},
    });
    let git = json!({"type": "git", "name": "source", "url": url(repository), "reference": "main", "folder": "web"});
    build::define(stage, NAME, &format!("{REPOSITORIES}/web"), &[git, image])
}

fn url(repository: &Path) -> String {
    format!("file://{}", repository.display())
}

fn by_docker(stage: &Stage, context: &Path) -> Result<Duration> {
    let base = format!("BASE={}", playground::base_image(&stage.playground.state));
    let version = format!("VERSION={VERSION}");
    let mut build = playground::docker(&stage.playground);
    build.args(["build", "--quiet", "--build-arg", &base, "--build-arg", &version]).arg(context);
    let began = Instant::now();
    command::output(&mut build)?;
    Ok(began.elapsed())
}
