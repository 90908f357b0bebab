//! What is measured in a browser: a spec of `end2end/bench`, which writes its figures into a file.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::samples::Samples;
use super::stage::Stage;
use crate::setup::{self, Purpose};
use crate::{checkout, command};

/// Runs one test of the spec on a map; milliseconds.
pub(super) fn measure(stage: &mut Stage, test: &str, map: &str) -> Result<Samples> {
    setup::setup(Purpose::Test)?;
    let folder = checkout::root()?.join("end2end");
    if !folder.join("node_modules").exists() {
        command::run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    }
    let figures = stage.playground.place.run("bench-browser");
    fs::write(&figures, "")?;
    let mut playwright = Command::new("npx");
    playwright.args(["playwright", "test", "--config", "bench.config.ts", "--reporter", "line", "--grep", test]);
    playwright.current_dir(&folder).envs(stage.settings()?);
    playwright.env("BENCH_MAP", map).env("BENCH_OUT", &figures).env("SLIPWAY_BIN", stage.program()?);
    command::output(&mut playwright)?;
    let told = fs::read_to_string(&figures)?;
    fs::remove_file(&figures)?;
    told.lines().map(|line| line.parse().with_context(|| format!("{line} is no number"))).collect()
}
