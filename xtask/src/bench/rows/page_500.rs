//! The pipeline page of a map with 500 containers, in a browser.

use anyhow::Result;

use crate::bench::browser;
use crate::bench::crowd::MAP;
use crate::bench::row::Reading;
use crate::bench::stage::Stage;

/// To the first text, of a browser that has nothing of Slipway yet.
pub(super) fn first_text(stage: &mut Stage) -> Result<Reading> {
    stage.crowd()?;
    Ok(Reading::of(browser::measure(stage, "first text", MAP)?))
}

/// From a key to the frame that shows what it did.
pub(super) fn press(stage: &mut Stage) -> Result<Reading> {
    stage.crowd()?;
    Ok(Reading::of(browser::measure(stage, "press", MAP)?).remark("what took less than 16 ms counts as 16"))
}
