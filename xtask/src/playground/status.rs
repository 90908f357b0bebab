//! What works and what does not, part by part.

use anyhow::{Result, bail};

use super::{Playground, address};
use crate::say;

pub(crate) fn status() -> Result<()> {
    let playground = Playground::existing()?;
    let mut down = 0;
    for part in playground.parts() {
        let process = part.process(&playground.place);
        let verdict = match &process {
            None => "down",
            Some(_) if !part.probe.answers() => "silent",
            Some(_) => "ok",
        };
        down += usize::from(verdict != "ok");
        let pid = process.map_or_else(|| "–".to_owned(), |process| process.pid().to_string());
        say::plain(format_args!("{:<14} {verdict:<7} {pid:>8}  {}", part.name, part.address));
    }
    // Not a part: without it the playground is whole.
    let slipway = if address::answers(&playground)? { "ok" } else { "down" };
    say::plain(format_args!("{:<14} {slipway:<7} {:>8}  {}", "(slipway)", "–", address::url(&playground)?));
    if down > 0 {
        bail!("{down} of the playground's parts do not work: `make playground` mends them");
    }
    Ok(())
}
