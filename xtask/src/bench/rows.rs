//! The table: what is promised, row by row, in the order of the promises.

mod big_context;
mod cached_build;
mod cold_start;
mod container_step;
mod context_memory;
mod eight_builds;
mod first_run;
mod hundred;
mod log_latency;
mod memory;
mod new_image;
mod page;
mod page_500;
mod rollout;
mod second_run;
mod six_steps;
mod tasks;
mod trouble;
mod watch_memory;
mod watches;
mod worker_start;

use anyhow::{Result, bail};

use super::row::{Measure, Row, Target};
use super::samples::Statistic;
use super::unit::Unit;

const ROWS: &[Row] = &[
    Row {
        name: "cold-start",
        what: "cold start of the binary to /readyz 200, empty database",
        unit: Unit::Milliseconds,
        targets: &[median(300.0)],
        measure: Measure::Alone(cold_start::measure),
    },
    Row {
        name: "memory",
        what: "resident memory, idle, playground connected",
        unit: Unit::Megabytes,
        targets: &[only(40.0)],
        measure: Measure::OnStage(memory::measure),
    },
    Row {
        name: "worker-start",
        what: "POST run → its worker starts",
        unit: Unit::Milliseconds,
        targets: &[median(2.5), p99(10.0)],
        measure: Measure::OnStage(worker_start::measure),
    },
    Row {
        name: "new-image",
        what: "POST run → the API server has the new image",
        unit: Unit::Milliseconds,
        targets: &[median(200.0)],
        measure: Measure::OnStage(new_image::measure),
    },
    Row {
        name: "rollout",
        what: "rollout complete in Slipway after `kubectl rollout status` returns",
        unit: Unit::Milliseconds,
        targets: &[median(100.0), p99(100.0)],
        measure: Measure::OnStage(rollout::measure),
    },
    Row {
        name: "cached-build",
        what: "fully cached build, over `docker build` of the same on the same engine",
        unit: Unit::Milliseconds,
        targets: &[median(100.0)],
        measure: Measure::OnStage(cached_build::measure),
    },
    Row {
        name: "six-steps",
        what: "fully cached build of 6 steps, over the sum of the same commands by hand",
        unit: Unit::Milliseconds,
        targets: &[median(150.0)],
        measure: Measure::OnStage(six_steps::measure),
    },
    Row {
        name: "container-step",
        what: "container step, over `docker run` of the same on the same engine",
        unit: Unit::Milliseconds,
        targets: &[median(50.0)],
        measure: Measure::OnStage(container_step::measure),
    },
    Row {
        name: "big-context",
        what: "image step with a context of 200 MB in 20,000 files, to `docker build` of the same",
        unit: Unit::Times,
        targets: &[median(1.05)],
        measure: Measure::OnStage(big_context::measure),
    },
    Row {
        name: "context-memory",
        what: "memory over idle while a context of 2 GB is sent",
        unit: Unit::Megabytes,
        targets: &[only(32.0)],
        measure: Measure::OnStage(context_memory::measure),
    },
    Row {
        name: "eight-builds",
        what: "8 builds at once, to 8 × `docker build` at once",
        unit: Unit::Times,
        targets: &[median(1.05)],
        measure: Measure::OnStage(eight_builds::measure),
    },
    Row {
        name: "log-latency",
        what: "log line written by the build → in a WebSocket client",
        unit: Unit::Milliseconds,
        targets: &[median(25.0), p99(100.0)],
        measure: Measure::OnStage(log_latency::measure),
    },
    Row {
        name: "page",
        what: "first load of the pipeline page, all files, brotli",
        unit: Unit::Kilobytes,
        targets: &[only(250.0)],
        measure: Measure::OnStage(page::measure),
    },
    Row {
        name: "first-run",
        what: "`make run` on a fresh machine",
        unit: Unit::Minutes,
        targets: &[only(20.0)],
        measure: Measure::Alone(first_run::measure),
    },
    Row {
        name: "second-run",
        what: "`make run` the second time",
        unit: Unit::Seconds,
        targets: &[median(10.0)],
        measure: Measure::FromDown(second_run::measure),
    },
    Row {
        name: "trouble",
        what: "a pod's failure visible in the API → trouble in the map's stream",
        unit: Unit::Milliseconds,
        targets: &[median(500.0)],
        measure: Measure::OnStage(trouble::measure),
    },
    // Before the rows that leave their workloads for the next.
    Row {
        name: "watch-memory",
        what: "200 workloads watched: memory over idle",
        unit: Unit::Megabytes,
        targets: &[only(20.0)],
        measure: Measure::OnStage(watch_memory::measure),
    },
    Row {
        name: "watches",
        what: "200 workloads watched: watches per kind and cluster",
        unit: Unit::Count,
        targets: &[only(1.0)],
        measure: Measure::OnStage(watches::measure),
    },
    Row {
        name: "tasks",
        what: "GET /maps/{map}/tasks with 500 containers",
        unit: Unit::Milliseconds,
        targets: &[p99(10.0)],
        measure: Measure::OnStage(tasks::measure),
    },
    Row {
        name: "page-500",
        what: "pipeline page with 500 containers: to the first text",
        unit: Unit::Milliseconds,
        targets: &[median(500.0)],
        measure: Measure::OnStage(page_500::first_text),
    },
    Row {
        name: "press-500",
        what: "pipeline page with 500 containers: a key → the next paint",
        unit: Unit::Milliseconds,
        targets: &[p99(50.0)],
        measure: Measure::OnStage(page_500::press),
    },
    Row {
        name: "hundred",
        what: "run of 100 items on nodes without containers, over 100 × `kubectl set image` + `rollout status`",
        unit: Unit::Times,
        targets: &[median(1.0)],
        measure: Measure::OnStage(hundred::measure),
    },
];

/// Those that were named, in the order of the table; all if none was.
pub(super) fn choose(names: &[String]) -> Result<Vec<&'static Row>> {
    if let Some(unknown) = names.iter().find(|name| ROWS.iter().all(|row| row.name != **name)) {
        let known: Vec<_> = ROWS.iter().map(|row| row.name).collect();
        bail!("there is no row `{unknown}`; there are {}", known.join(", "));
    }
    Ok(ROWS.iter().filter(|row| names.is_empty() || names.iter().any(|name| name == row.name)).collect())
}

const fn median(at_most: f64) -> Target {
    Target { statistic: Statistic::Median, at_most }
}

const fn p99(at_most: f64) -> Target {
    Target { statistic: Statistic::P99, at_most }
}

const fn only(at_most: f64) -> Target {
    Target { statistic: Statistic::Only, at_most }
}

#[cfg(test)]
mod tests {
    use super::{ROWS, choose};
    use std::collections::BTreeSet;

    #[test]
    fn rows_are_chosen_by_name_and_stay_in_order() {
        let names = |rows: Vec<&'static super::Row>| rows.iter().map(|row| row.name).collect::<Vec<_>>();
        assert_eq!(names(choose(&["page".to_owned(), "memory".to_owned()]).expect("rows")), ["memory", "page"]);
        assert_eq!(choose(&[]).expect("all").len(), ROWS.len());
        assert!(choose(&["nothing".to_owned()]).is_err());
    }

    #[test]
    fn names_are_unique() {
        assert_eq!(ROWS.iter().map(|row| row.name).collect::<BTreeSet<_>>().len(), ROWS.len());
    }
}
