//! The machine, and how busy it is with other things.

use std::fs;
use std::thread;

use anyhow::{Context, Result};

/// As the heading of the table says it: numbers of another machine are other numbers.
pub(super) fn machine() -> Result<String> {
    let cores = thread::available_parallelism()?;
    let processors = fs::read_to_string("/proc/cpuinfo")?;
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, model)| model.trim());
    let memory = fs::read_to_string("/proc/meminfo")?;
    let kib = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    let kib: f64 = kib.context("the machine does not say how much memory it has")?.trim().parse()?;
    Ok(format!("{cores} cores ({model}), {:.0} GB of memory", kib * 1024.0 / 1e9))
}

/// Processes that ran or wanted to, on average over the last minute.
pub(super) fn now() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_ascii_whitespace().next().unwrap_or("?").to_owned()
}
