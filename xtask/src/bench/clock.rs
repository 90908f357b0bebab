//! Time stamps of the API.

use anyhow::{Context, Result};
use jiff::{Timestamp, Unit};
use serde_json::Value;

/// Milliseconds from one time stamp to another.
pub(super) fn ms_between(from: &Value, to: &Value) -> Result<f64> {
    Ok(parse(from)?.until(parse(to)?)?.total(Unit::Millisecond)?)
}

fn parse(stamp: &Value) -> Result<Timestamp> {
    let text = stamp.as_str().context("a time stamp is missing")?;
    text.parse().with_context(|| format!("{text} is no time stamp"))
}

#[cfg(test)]
mod tests {
    use super::ms_between;
    use serde_json::json;

    #[test]
    fn time_stamps_differ_by_milliseconds() {
        let (from, to) = (json!("2026-11-25T02:30:37.999Z"), json!("2026-11-25T02:30:38.004Z"));
        assert_eq!(ms_between(&from, &to).expect("time stamps"), 5.0);
        ms_between(&json!(null), &to).expect_err("none");
    }
}
