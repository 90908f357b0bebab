//! `make run` when everything is built and the playground was up before: from the start of cargo
//! to the page that answers. What `make run` does then is done here, one by one.

use std::fs::File;
use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use crate::bench::Bench;
use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::serving::Server;
use crate::setup::{self, Purpose};
use crate::{checkout, command, playground, slipway};

const TIMES: usize = 3;
const TIMES_AT_A_GLANCE: usize = 1;

pub(super) fn measure(bench: Bench) -> Result<Reading> {
    let mut samples = Samples::default();
    for _ in 0..bench.count(TIMES, TIMES_AT_A_GLANCE) {
        playground::down()?;
        samples.push(start(bench)?);
    }
    Ok(Reading::of(samples).remark("`make run` ends when Slipway does; the shop is looked after meanwhile"))
}

fn start(bench: Bench) -> Result<f64> {
    let began = Instant::now();
    // What cargo takes to find that there is nothing to do.
    command::output(Command::new("cargo").args(["xtask", "--help"]).current_dir(checkout::root()?))?;
    setup::setup(Purpose::Run)?;
    slipway::build(bench.profile)?;
    let playground = playground::up()?;
    playground::ensure_credentials(bench.profile, &playground)?;
    playground::sign_in_link(bench.profile, &playground)?;
    let log = File::create(playground.place.log("slipway"))?;
    let mut server = Server::start(bench.profile, &playground, Some(log))?;
    let ready = server.ready(&playground);
    let took = began.elapsed();
    server.end()?;
    ready?;
    Ok(took.as_secs_f64())
}
