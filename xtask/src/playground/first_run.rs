//! How long the first `make run` of a checkout takes, until Slipway answers. Only that one can
//! tell, so it is written down, for the benchmark.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Playground;
use super::place::Place;
use super::process::Process;

const FILE: &str = "first-run";

/// Slipway answers: since cargo was started, so much time has passed. Nothing is written where the
/// playground was made before that.
pub(crate) fn note(playground: &Playground) -> Result<()> {
    let since_start = age_of_this_process()?;
    let made = fs::metadata(playground.place.data("state.json"))?.modified()?;
    // A clock that was set back meanwhile tells nothing.
    if made.elapsed().is_ok_and(|since_made| since_made < since_start) {
        fs::write(playground.place.data(FILE), format!("{:.1}\n", since_start.as_secs_f64()))?;
    }
    Ok(())
}

/// In seconds, if it was timed.
pub(crate) fn first_run() -> Result<Option<f64>> {
    let path = Place::of_this_checkout()?.data(FILE);
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path)?;
    text.trim().parse().map(Some).with_context(|| format!("{} holds no number", path.display()))
}

/// `cargo run` becomes the program that it has compiled, so the time for that is part of it.
fn age_of_this_process() -> Result<Duration> {
    let own = i32::try_from(std::process::id()).ok().and_then(Process::of);
    own.and_then(|own| own.age()).context("the kernel does not say since when this process runs")
}
