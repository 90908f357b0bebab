//! From the moment when a build writes a line to the moment when a WebSocket client has it. The
//! build stamps each line itself, with the clock that it shares with the client: both are processes
//! of one machine. The stamp is made by a process of its own, which is counted.

use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::bench::feed::Arrival;
use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::stage::{REPOSITORIES, Stage};
use crate::bench::unit::ms;
use crate::bench::{build, socket};
use crate::playground;

const LINES: usize = 500;
const LINES_AT_A_GLANCE: usize = 150;
/// What tells our lines from those of the builder.
const MARK: &str = " bench-line ";
const NAME: &str = "bench-log";
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    let lines = stage.bench.count(LINES, LINES_AT_A_GLANCE);
    let image = json!({"type": "image", "name": "image", "inline": dockerfile(stage, lines)});
    build::define(stage, NAME, &format!("{REPOSITORIES}/log"), &[image])?;
    let number = build::start_anew(stage, NAME)?;
    let frames = socket::open(&stage.client, &format!("/builds/{NAME}/runs/{number}/log/ws?after=0"))?;
    let mut samples = Samples::default();
    let status = frames.until("the end of the log", PATIENCE, |frame| read(frame, &mut samples))?;
    ensure!(status == "succeeded", "the build that writes the lines is {status}");
    ensure!(samples.len() == lines, "{} of {lines} lines came", samples.len());
    Ok(Reading::of(samples).remark("a line every 20 ms"))
}

/// The stamp is in microseconds: a line is cut where the base has no finer clock.
fn dockerfile(stage: &Stage, lines: usize) -> String {
    format!(
        "FROM {}\nRUN i=0; while [ $i -lt {lines} ]; do i=$((i+1)); echo \"bench-line $i\" | ts %.s; usleep 20000; done\n",
        playground::base_image(&stage.playground.state),
    )
}

/// Takes the lines of a frame; the last frame says how the build ended.
fn read(frame: &Arrival<String>, samples: &mut Samples) -> Option<Value> {
    let content: Value = serde_json::from_str(&frame.what).ok()?;
    let now = frame.clock.duration_since(UNIX_EPOCH).ok()?;
    for line in content["lines"].as_array().into_iter().flatten() {
        if let Some(written) = line["text"].as_str().and_then(stamp) {
            samples.push(ms(now) - ms(written));
        }
    }
    content["end"].get("status").cloned()
}

/// When one of our lines was written.
fn stamp(line: &str) -> Option<Duration> {
    let (before, number) = line.split_once(MARK)?;
    number.trim().parse::<usize>().ok()?;
    let (_, stamp) = before.rsplit_once(' ').unwrap_or(("", before));
    Duration::try_from_secs_f64(stamp.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::stamp;
    use std::time::Duration;

    #[test]
    fn only_lines_of_the_build_have_a_stamp() {
        assert_eq!(stamp("1795599175.25 bench-line 7"), Some(Duration::from_millis(1_795_599_175_250)));
        assert_eq!(stamp("#5 0.312 1795599175.25 bench-line 7"), Some(Duration::from_millis(1_795_599_175_250)));
        assert_eq!(stamp("RUN echo \"bench-line $i\" | ts %.s"), None);
        assert_eq!(stamp("Step 1 bench-line $i"), None);
    }
}
