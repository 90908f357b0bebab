//! Eight builds at once beside eight times `docker build` and `docker push` of the same at once on the same engine: the
//! ratio of the two times from the first start to the last end.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::stage::{REPOSITORIES, Stage};
use crate::bench::{build, interrupt};
use crate::command;
use crate::playground;

const ROUNDS: usize = 3;
const AT_ONCE: usize = 8;
const SOURCES: &str = "web.git";
/// The playground's engine once more, without its cap.
const ENGINE: &str = "bench-eight";

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    let url = format!("file://{}", playground::repositories(&stage.playground).join(SOURCES).display());
    let base = playground::base_image(&stage.playground.state);
    forget(stage)?;
    let local = stage.client.get("/engines/local")?.context("the playground has an engine")?;
    let engine = json!({"name": ENGINE, "type": "docker", "url": local["url"], "parallel_builds": AT_ONCE});
    stage.client.post("/engines", &engine, None)?;
    for n in 0..AT_ONCE {
        let git = json!({"type": "git", "name": "source", "url": url, "reference": "main", "folder": "web"});
        let image = json!({"type": "image", "name": "image", "context": "web",
            "build_args": {"VERSION": "1.0.0", "BASE": base}});
        build::define_on(stage, ENGINE, &name(n), &format!("{REPOSITORIES}/eight-{n}"), &[git, image])?;
    }
    let mut samples = Samples::default();
    for _ in 0..stage.bench.count(ROUNDS, 1) {
        interrupt::check()?;
        let by_slipway = all(|n| build::anew(stage, &name(n)).map(drop))?;
        let by_hand = all(|n| by_hand(stage, &url, &base, n))?;
        samples.push(by_slipway.as_secs_f64() / by_hand.as_secs_f64());
    }
    forget(stage)?;
    Ok(Reading::of(samples))
}

fn forget(stage: &Stage) -> Result<()> {
    (0..AT_ONCE).try_for_each(|n| stage.client.delete(&format!("/builds/{}", name(n))))?;
    stage.client.delete(&format!("/engines/{ENGINE}"))
}

fn name(n: usize) -> String {
    format!("bench-eight-{n}")
}

/// How long it takes until all of them have ended.
fn all(work: impl Fn(usize) -> Result<()> + Sync) -> Result<Duration> {
    let began = Instant::now();
    thread::scope(|scope| {
        let work = &work;
        let each: Vec<_> = (0..AT_ONCE).map(|n| scope.spawn(move || work(n))).collect();
        for one in each {
            match one.join() {
                Ok(done) => done?,
                Err(_) => bail!("a build ended in a panic"),
            }
        }
        Ok(())
    })?;
    Ok(began.elapsed())
}

fn by_hand(stage: &Stage, url: &str, base: &str, n: usize) -> Result<()> {
    let context = tempfile::tempdir()?;
    command::output(Command::new("git").args(["clone", "--quiet", "--depth=1", url]).arg(context.path()))?;
    let tag = format!("{}/{REPOSITORIES}/eight-by-hand-{n}:1", stage.playground.state.registry());
    let (base, version) = (format!("BASE={base}"), "VERSION=1.0.0");
    let mut build = playground::docker(&stage.playground);
    build.args(["build", "--quiet", "--no-cache", "--build-arg", &base, "--build-arg", version, "--tag", &tag]);
    command::output(build.arg(context.path()))?;
    command::output(playground::docker(&stage.playground).args(["push", "--quiet", &tag])).map(drop)
}
