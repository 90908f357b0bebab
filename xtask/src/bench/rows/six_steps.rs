//! What a fully cached build of six steps takes, from the POST to the settled build run, over the sum of the same
//! commands by hand on the same engine: `git clone`, four times `docker run` with the work space, `docker build` and
//! `docker push`.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Result;
use serde_json::json;

use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::stage::{REPOSITORIES, Stage};
use crate::bench::unit::ms;
use crate::bench::{build, interrupt};
use crate::command;
use crate::playground;

const BUILDS: usize = 10;
const BUILDS_AT_A_GLANCE: usize = 3;
const NAME: &str = "bench-six";
const SOURCES: &str = "web.git";
const PROGRAM: &str = "echo one; ls -R | wc -l";
const PROGRAMS: usize = 4;

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    let url = format!("file://{}", playground::repositories(&stage.playground).join(SOURCES).display());
    let image = playground::base_image(&stage.playground.state);
    let git = json!({"type": "git", "name": "source", "url": url, "reference": "main", "folder": "web"});
    let programs = (1..=PROGRAMS).map(|n| {
        let name = format!("program-{n}");
        if n % 2 == 0 {
            json!({"type": "container", "name": name, "image": image, "command": ["sh", "-c", PROGRAM]})
        } else {
            json!({"type": "script", "name": name, "image": image, "script": PROGRAM})
        }
    });
    let made =
        json!({"type": "image", "name": "image", "context": "web", "build_args": {"VERSION": "1", "BASE": image}});
    let steps: Vec<_> = [git].into_iter().chain(programs).chain([made]).collect();
    build::define(stage, NAME, &format!("{REPOSITORIES}/six"), &steps)?;
    let name = format!("{}/{REPOSITORIES}/six-by-hand:1", stage.playground.state.registry());
    // From here on all of it is in the cache, and the registry has it.
    build::succeeded(stage, NAME)?;
    by_hand(stage, &url, &image, &name)?;
    let (mut samples, mut hand) = (Samples::default(), Samples::default());
    for _ in 0..stage.bench.count(BUILDS, BUILDS_AT_A_GLANCE) {
        interrupt::check()?;
        let (took, _) = build::succeeded(stage, NAME)?;
        let by_hand = by_hand(stage, &url, &image, &name)?;
        samples.push(ms(took) - by_hand);
        hand.push(by_hand);
    }
    let hand = hand.median().unwrap_or_default();
    Ok(Reading::of(samples).remark(format!("by hand it takes {hand:.0} ms (median)")))
}

/// In milliseconds.
fn by_hand(stage: &Stage, url: &str, image: &str, name: &str) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let context = folder.path().join("web");
    let docker = |words: &[&str]| command::output(playground::docker(&stage.playground).args(words));
    let began = Instant::now();
    clone(url, &context)?;
    let volume = docker(&["volume", "create"])?;
    let mount = format!("{}:/workspace", volume.trim());
    for _ in 0..PROGRAMS {
        let run = ["run", "--rm", "--volume", &mount, "--workdir", "/workspace", image, "sh", "-c", PROGRAM];
        docker(&run)?;
    }
    let base = format!("BASE={image}");
    let folder = context.display().to_string();
    docker(&["build", "--quiet", "--build-arg", &base, "--build-arg", "VERSION=1", "--tag", name, &folder])?;
    docker(&["push", "--quiet", name])?;
    docker(&["volume", "rm", volume.trim()])?;
    Ok(ms(began.elapsed()))
}

fn clone(url: &str, into: &Path) -> Result<()> {
    command::output(Command::new("git").args(["clone", "--quiet", "--depth=1", url]).arg(into)).map(drop)
}
