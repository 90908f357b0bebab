//! What numbers are in, and how they are written.

use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Milliseconds,
    Seconds,
    Minutes,
    /// Millions of bytes.
    Megabytes,
    /// Thousands of bytes.
    Kilobytes,
    /// Of another measure, which is 1.
    Times,
    Count,
}

impl Unit {
    /// With as many digits as mean something.
    pub(super) fn written(self, value: f64) -> String {
        let digits = match self {
            Unit::Milliseconds if value.abs() < 100.0 => 1,
            Unit::Milliseconds | Unit::Count => 0,
            Unit::Seconds | Unit::Minutes | Unit::Megabytes | Unit::Kilobytes => 1,
            Unit::Times => 2,
        };
        format!("{value:.digits$}")
    }

    pub(super) fn symbol(self) -> &'static str {
        match self {
            Unit::Milliseconds => " ms",
            Unit::Seconds => " s",
            Unit::Minutes => " min",
            Unit::Megabytes => " MB",
            Unit::Kilobytes => " kB",
            Unit::Times => " ×",
            Unit::Count => "",
        }
    }
}

pub(super) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
