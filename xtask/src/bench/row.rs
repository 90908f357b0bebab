//! A row of the table: what is promised, and how it is measured.

use anyhow::Result;

use super::Bench;
use super::samples::{Samples, Statistic};
use super::stage::Stage;
use super::unit::Unit;

pub(super) struct Row {
    /// By which it is asked for.
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) unit: Unit,
    pub(super) targets: &'static [Target],
    pub(super) measure: Measure,
}

pub(super) struct Target {
    pub(super) statistic: Statistic,
    pub(super) at_most: f64,
}

/// What has to be there for a measurement, and the measurement.
#[derive(Clone, Copy)]
pub(super) enum Measure {
    /// The program alone.
    Alone(fn(Bench) -> Result<Reading>),
    /// The playground with the shop, and Slipway on it.
    OnStage(fn(&mut Stage) -> Result<Reading>),
    /// A playground that is down; it may be up afterwards.
    FromDown(fn(Bench) -> Result<Reading>),
}

/// What a measurement found.
pub(super) struct Reading {
    pub(super) samples: Samples,
    /// What a reader must know to judge the numbers, a sentence each.
    pub(super) remarks: Vec<String>,
}

impl Reading {
    pub(super) fn of(samples: Samples) -> Self {
        Self { samples, remarks: Vec::new() }
    }

    pub(super) fn remark(mut self, words: impl Into<String>) -> Self {
        self.remarks.push(words.into());
        self
    }
}

/// What became of a row.
pub(super) struct Outcome {
    pub(super) row: &'static Row,
    /// The machine's load when the measurement began.
    pub(super) load: String,
    /// The reading, or why there is none.
    pub(super) reading: Result<Reading, String>,
}

/// Whether a row keeps what it promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Ok,
    Missed,
    NotMeasured,
}

impl Outcome {
    pub(super) fn verdict(&self) -> Verdict {
        let Ok(reading) = &self.reading else { return Verdict::NotMeasured };
        let kept = |target: &Target| reading.samples.read(target.statistic).map(|value| value <= target.at_most);
        let kept: Option<Vec<bool>> = self.row.targets.iter().map(kept).collect();
        match kept {
            None => Verdict::NotMeasured,
            Some(kept) if kept.iter().all(|kept| *kept) => Verdict::Ok,
            Some(_) => Verdict::Missed,
        }
    }
}
