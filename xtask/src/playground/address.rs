//! Where Slipway listens on this playground: at its usual address, or at the
//! next free one if something else does.

use std::fs;

use anyhow::{Context, Result, bail};

use super::place::Place;
use super::process::Process;
use super::{Playground, probe, records, state};

const USUAL_PORT: u16 = 8420;
const TRIES: u16 = 100;

/// The name of Slipway's own record among those of the parts.
const SLIPWAY: &str = "slipway";

/// The port of the last time, as long as it is free or Slipway is on it.
pub(crate) fn port(place: &Place) -> Result<u16> {
    let path = place.data("port");
    let before = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok());
    let serving = serving(place);
    if let Some(port) = before.filter(|port| serving || state::is_free(*port)) {
        return Ok(port);
    }
    let port = (USUAL_PORT..USUAL_PORT + TRIES)
        .find(|port| state::is_free(*port))
        .context("no port from 8420 to 8519 is free for Slipway")?;
    fs::write(path, port.to_string())?;
    Ok(port)
}

pub(crate) fn url(playground: &Playground) -> Result<String> {
    Ok(format!("http://127.0.0.1:{}", port(&playground.place)?))
}

pub(crate) fn answers(playground: &Playground) -> Result<bool> {
    Ok(probe::http_status(port(&playground.place)?, "/readyz") == Some(200))
}

/// So that its port is known to be its own.
pub(crate) fn record(playground: &Playground, process: Process) -> Result<()> {
    let fingerprint = String::new();
    records::write(&playground.place, SLIPWAY, &records::Record { process, fingerprint })
}

fn serving(place: &Place) -> bool {
    records::read(place, SLIPWAY).is_some_and(|record| record.process.is_alive())
}

/// The first to end would stop the playground of both.
pub(crate) fn refuse_a_second() -> Result<()> {
    let place = Place::of_this_checkout()?;
    if serving(&place) {
        bail!("Slipway already runs on this playground, on 127.0.0.1:{}: end that one first", port(&place)?);
    }
    Ok(())
}
