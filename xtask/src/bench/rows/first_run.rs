//! `make run` on a fresh machine, which only a fresh machine can tell: the first one of a checkout
//! writes down how long it took.

use anyhow::{Context, Result};

use crate::bench::Bench;
use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::playground;

pub(super) fn measure(_: Bench) -> Result<Reading> {
    let seconds = playground::first_run()?.context("not here: no first `make run` of this checkout was timed")?;
    Ok(Reading::of(Samples::one(seconds / 60.0)).remark("as the first `make run` of this checkout timed itself"))
}
