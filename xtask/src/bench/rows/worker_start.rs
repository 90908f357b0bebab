//! From the acceptance of a run to the moment when its worker takes the item in hand, both as the
//! run document tells them: `created_at` is set in the transaction of the POST, after planning, and
//! the phase `applying` begins when the worker has found out whose turn it is and has decided what
//! to do. The workload has no pods, so that nothing but Slipway works.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::bench::ground::{QUICK, task};
use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::stage::Stage;
use crate::bench::unit::ms;
use crate::bench::{clock, run};

const RUNS: usize = 200;
const RUNS_AT_A_GLANCE: usize = 50;

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    let ground = stage.ground()?;
    let (mut samples, mut answers) = (Samples::default(), Samples::default());
    // The first is made by a server that has yet to read this and that.
    let versions = ground.good.iter().cycle().skip(1).take(1 + stage.bench.count(RUNS, RUNS_AT_A_GLANCE));
    for (number, version) in versions.enumerate() {
        let accepted = run::start(stage, &task(QUICK), version)?;
        let run = run::succeeded(stage, &accepted.id)?;
        if number > 0 {
            samples.push(started_after(&run)?);
            answers.push(ms(accepted.answered - accepted.sent));
        }
    }
    let post = format!(
        "the POST itself, with the plan and its dry run, is answered after {:.1} / {:.1} ms (p50 / p99)",
        answers.median().unwrap_or_default(),
        answers.percentile(99).unwrap_or_default(),
    );
    Ok(Reading::of(samples).remark("from time stamps of whole milliseconds").remark(post))
}

fn started_after(run: &Value) -> Result<f64> {
    let phases = run["items"][0]["phases"].as_array().context("an item has phases")?;
    let applying = phases.iter().find(|phase| phase["phase"] == "applying").context("the item was applied")?;
    clock::ms_between(&run["created_at"], &applying["at"])
}
