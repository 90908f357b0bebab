//! From the POST of a run to the moment when a watch of the API server shows the new image. The
//! version is another each time, so that the registry is asked about it.

use std::time::Duration;

use anyhow::Result;

use crate::bench::ground::{NAMESPACE, QUICK, task};
use crate::bench::row::Reading;
use crate::bench::run;
use crate::bench::samples::Samples;
use crate::bench::stage::Stage;
use crate::bench::unit::ms;
use crate::bench::watch::{DEPLOYMENTS, Watch};

const RUNS: usize = 50;
const RUNS_AT_A_GLANCE: usize = 15;
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    let ground = stage.ground()?;
    let watch = Watch::open(stage, DEPLOYMENTS, NAMESPACE)?;
    let mut samples = Samples::default();
    // From the last on: other rows begin with the first.
    for version in ground.good.iter().rev().take(stage.bench.count(RUNS, RUNS_AT_A_GLANCE)) {
        let accepted = run::start(stage, &task(QUICK), version)?;
        let (seen, _) = watch.image(QUICK, version, PATIENCE)?;
        samples.push(ms(seen - accepted.sent));
        run::succeeded(stage, &accepted.id)?;
    }
    Ok(Reading::of(samples))
}
