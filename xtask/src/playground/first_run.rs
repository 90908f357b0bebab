//! How long the first `make run` of a checkout takes, until Slipway answers. Only that one can
//! tell, so it is written down, for the benchmark.

use std::fs;

use anyhow::{Context, Result};

use super::Playground;
use super::place::Place;

const FILE: &str = "first-run";

/// A `make run` that found no playground.
pub(crate) struct FirstRun(());

impl FirstRun {
    /// None where there has been a playground before.
    pub(crate) fn begun() -> Result<Option<Self>> {
        Ok((!Place::of_this_checkout()?.exists()).then_some(Self(())))
    }

    /// Slipway answers: since cargo was started, so much time has passed.
    pub(crate) fn note(&self, playground: &Playground) -> Result<()> {
        fs::write(playground.place.data(FILE), format!("{:.1}\n", age_of_this_process()?))?;
        Ok(())
    }
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
fn age_of_this_process() -> Result<f64> {
    let own = i32::try_from(std::process::id()).ok().and_then(super::process::Process::of);
    own.and_then(|own| own.age()).context("the kernel does not say since when this process runs")
}
