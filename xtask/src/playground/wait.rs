//! Waiting for something that is asked again and again until it is so.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Short against what a person notices, long against what an answer costs.
pub(crate) const INTERVAL: Duration = Duration::from_millis(40);

pub(crate) fn until(patience: Duration, mut so: impl FnMut() -> bool) -> Result<()> {
    let end = Instant::now() + patience;
    while !so() {
        if Instant::now() >= end {
            bail!("not so after {} s", patience.as_secs());
        }
        thread::sleep(INTERVAL);
    }
    Ok(())
}
