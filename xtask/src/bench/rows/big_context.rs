//! What an image step with a context of 200 MB in 20,000 files takes, to `docker build` and `docker push` of the
//! same on the same engine. Each time one file differs, so that the layer with the context is made anew by both.

use std::fs;
use std::path::Path;
use std::process::Command;
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

const BUILDS: usize = 5;
const BUILDS_AT_A_GLANCE: usize = 2;
const NAME: &str = "bench-context";
const FILES: usize = 20_000;
const FILE_BYTES: usize = 10_000;

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    let folder = playground::repositories(&stage.playground).join("bench-context.git");
    let base = playground::base_image(&stage.playground.state);
    fill(&folder, &base)?;
    let url = format!("file://{}", folder.display());
    let git = json!({"type": "git", "name": "source", "url": url, "reference": "main", "folder": "code"});
    let image = json!({"type": "image", "name": "image", "context": "code"});
    build::define(stage, NAME, &format!("{REPOSITORIES}/context"), &[git, image])?;
    let (mut samples, mut docker) = (Samples::default(), Samples::default());
    for n in 0..stage.bench.count(BUILDS, BUILDS_AT_A_GLANCE) {
        interrupt::check()?;
        change(&folder, n)?;
        let (_, run) = build::succeeded(stage, NAME)?;
        let step = run["steps"][1]["duration_ms"].as_f64().context("a step that ended has a duration")?;
        change(&folder, n + 1_000)?;
        let name = format!("{}/{REPOSITORIES}/context-by-hand:1", stage.playground.state.registry());
        let began = Instant::now();
        let mut by_hand = playground::docker(&stage.playground);
        command::output(by_hand.args(["build", "--quiet", "--tag", &name]).arg(&folder))?;
        command::output(playground::docker(&stage.playground).args(["push", "--quiet", &name]))?;
        let by_hand = ms(began.elapsed());
        samples.push(step / by_hand);
        docker.push(by_hand);
    }
    fs::remove_dir_all(&folder)?;
    let docker = docker.median().unwrap_or_default();
    Ok(Reading::of(samples).remark(format!("`docker build` and `docker push` take {docker:.0} ms (median)")))
}

/// A repository whose files are all different, so that nothing is compressed or shared away.
fn fill(folder: &Path, base: &str) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = vec![0_u8; FILE_BYTES];
    for n in 0..FILES {
        for byte in &mut bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 33) as u8;
        }
        let part = folder.join(format!("part-{:03}", n / 100));
        fs::create_dir_all(&part)?;
        fs::write(part.join(format!("{n}.bin")), &bytes)?;
    }
    fs::write(folder.join("Dockerfile"), format!("FROM {base}\nCOPY . /srv\n"))?;
    fs::write(folder.join(".dockerignore"), ".git\n")?;
    git(folder, &["init", "--quiet", "--initial-branch=main"])?;
    change(folder, 0)
}

fn change(folder: &Path, n: usize) -> Result<()> {
    fs::write(folder.join("changed"), n.to_string())?;
    git(folder, &["add", "--all"])?;
    let words = ["-c", "user.name=bench", "-c", "user.email=bench@example.com", "commit", "--quiet", "--allow-empty"];
    git(folder, &[&words[..], &["--message", "change"]].concat())
}

fn git(folder: &Path, words: &[&str]) -> Result<()> {
    command::output(Command::new("git").arg("-C").arg(folder).args(words)).map(drop)
}
