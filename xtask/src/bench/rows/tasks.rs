//! `GET /maps/{map}/tasks` of a map with 500 containers, to the last byte of its answer, on a
//! connection that is kept.

use std::io::{self, copy};
use std::time::Instant;

use anyhow::Result;

use crate::bench::crowd::MAP;
use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::stage::Stage;
use crate::bench::unit::ms;

const REQUESTS: usize = 300;
const REQUESTS_AT_A_GLANCE: usize = 100;
/// Made before the first that counts.
const WARM_UP: usize = 5;

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    let crowd = stage.crowd()?;
    let mut samples = Samples::default();
    let mut bytes = 0;
    for number in 0..WARM_UP + stage.bench.count(REQUESTS, REQUESTS_AT_A_GLANCE) {
        let began = Instant::now();
        let answer = stage.client.page(&format!("/api/v1/maps/{MAP}/tasks"), "identity")?;
        bytes = copy(&mut answer.into_body().into_reader(), &mut io::sink())?;
        if number >= WARM_UP {
            samples.push(ms(began.elapsed()));
        }
    }
    Ok(Reading::of(samples).remark(format!("{} containers, {} kB of JSON", crowd.containers, bytes / 1000)))
}
