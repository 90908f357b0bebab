//! The most memory that Slipway has over what it has at rest, while it sends a context of 2 GB.

use anyhow::Result;
use serde_json::json;

use crate::bench::build;
use crate::bench::resident::Resident;
use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::stage::{REPOSITORIES, Stage};
use crate::playground;

const NAME: &str = "bench-large";
const BYTES: u64 = 2_000_000_000;

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    let image = playground::base_image(&stage.playground.state);
    let fill = json!({"type": "script", "name": "fill", "image": image,
        "script": format!("head -c {BYTES} /dev/zero > large; echo small > small")});
    let made = json!({"type": "image", "name": "image", "inline": "FROM scratch\nCOPY small /\n"});
    build::define(stage, NAME, &format!("{REPOSITORIES}/large"), &[fill, made])?;
    stage.restart()?;
    let process = stage.server()?;
    let rest = Resident::at_rest(&process)?;
    let (most, run) = Resident::most_during(&process, || build::succeeded(stage, NAME))?;
    let (_, run) = run?;
    let took = run["steps"][1]["duration_ms"].as_f64().unwrap_or_default() / 1e3;
    let remark =
        format!("{:.1} MB at rest, {:.1} MB at most; the image step takes {took:.1} s", rest.all(), most.all());
    Ok(Reading::of(Samples::one(most.all() - rest.all())).remark(remark))
}
