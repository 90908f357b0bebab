//! `cargo xtask bench`: measures what Slipway promises about speed and size, and prints the table.
//!
//! A row that cannot be measured says why, and the others are measured all the same. What is
//! measured and how stands with each row in `bench/rows`, and for users in `docs/bench.md`.

mod browser;
mod build;
mod clock;
mod crowd;
mod events;
mod feed;
mod ground;
mod interrupt;
mod kwok;
mod load;
mod namespace;
mod resident;
mod row;
mod rows;
mod run;
mod samples;
mod socket;
mod stage;
mod table;
mod unit;
mod versions;
mod watch;
mod workload;

use anyhow::Result;
use clap::Args;

use crate::slipway::Profile;
use crate::{playground, say, slipway};
use row::{Measure, Outcome, Reading, Row};
use stage::Stage;

#[derive(Args)]
pub(crate) struct Options {
    /// Only these rows, by name; all of them if none is named
    rows: Vec<String>,
    /// The dev build and few samples: a quick look, whose numbers mean little
    #[arg(long)]
    debug: bool,
}

/// How it is measured.
#[derive(Clone, Copy)]
struct Bench {
    profile: Profile,
}

impl Bench {
    /// How many samples are taken.
    fn count(self, full: usize, at_a_glance: usize) -> usize {
        match self.profile {
            Profile::Release => full,
            Profile::Dev => at_a_glance,
        }
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let rows = rows::choose(&options.rows)?;
    let bench = Bench { profile: if options.debug { Profile::Dev } else { Profile::Release } };
    interrupt::catch()?;
    playground::refuse_a_second_slipway()?;
    slipway::build(bench.profile)?;
    interrupt::check()?;
    let heading = heading(bench)?;
    let mut outcomes = Vec::with_capacity(rows.len());
    alone(bench, &rows, &mut outcomes);
    let left = on_playground(bench, &rows, &mut outcomes);
    outcomes.sort_by_key(|outcome| rows.iter().position(|row| row.name == outcome.row.name));
    say::plain(format_args!("\n{heading}\n\n{}", table::written(&outcomes)));
    left
}

fn heading(bench: Bench) -> Result<String> {
    let build = match bench.profile {
        Profile::Release => "release build",
        Profile::Dev => "DEV BUILD, few samples: no result",
    };
    Ok(format!("Slipway {}, {build}; {}; load {}", env!("CARGO_PKG_VERSION"), load::machine()?, load::now()))
}

fn alone(bench: Bench, rows: &[&'static Row], outcomes: &mut Vec<Outcome>) {
    for row in rows {
        if let Measure::Alone(measure) = row.measure {
            outcomes.push(measured(row, || measure(bench)));
        }
    }
}

/// Rows that need the playground; it is left as it was.
fn on_playground(bench: Bench, rows: &[&'static Row], outcomes: &mut Vec<Outcome>) -> Result<()> {
    if rows.iter().all(|row| matches!(row.measure, Measure::Alone(_))) {
        return Ok(());
    }
    let was_up = playground::is_up()?;
    let closed = on_stage(bench, rows, outcomes);
    for row in rows {
        if let Measure::FromDown(measure) = row.measure {
            outcomes.push(measured(row, || measure(bench)));
        }
    }
    let left = if was_up { playground::up().map(drop) } else { playground::down() };
    closed.and(left)
}

/// An error is about what was left behind: rows keep theirs for themselves.
fn on_stage(bench: Bench, rows: &[&'static Row], outcomes: &mut Vec<Outcome>) -> Result<()> {
    if !rows.iter().any(|row| matches!(row.measure, Measure::OnStage(_))) {
        return Ok(());
    }
    let mut stage = interrupt::check()
        .and_then(|()| Stage::open(bench))
        .map_err(|why| format!("there is no stage for it: {why:#}"));
    for row in rows {
        if let Measure::OnStage(measure) = row.measure {
            outcomes.push(measured(row, || match &mut stage {
                Ok(stage) => measure(stage),
                Err(why) => Err(anyhow::Error::msg(why.clone())),
            }));
        }
    }
    stage.map_or(Ok(()), Stage::close)
}

/// Measures a row and says at once what came out, since all of them take a while.
fn measured(row: &'static Row, measure: impl FnOnce() -> Result<Reading>) -> Outcome {
    let load = load::now();
    say::plain(format_args!("→ {}: {} …", row.name, row.what));
    let reading = interrupt::check().and_then(|()| measure()).map_err(|why| format!("{why:#}"));
    match &reading {
        Ok(reading) => say::plain(format_args!("✓ {}: {}", row.name, table::measured(row, reading))),
        Err(why) => say::plain(format_args!("✗ {}: {why}", row.name)),
    }
    Outcome { row, load, reading }
}
