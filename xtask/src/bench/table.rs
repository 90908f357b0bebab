//! The outcomes as a table that can stand in a document as it is printed.

use super::row::{Outcome, Reading, Row, Verdict};
use super::samples::Statistic;

const COLUMNS: [&str; 7] = ["row", "what", "at most", "measured", "", "samples", "load"];

/// The table, then the remarks.
pub(super) fn written(outcomes: &[Outcome]) -> String {
    let mut lines: Vec<[String; COLUMNS.len()]> = vec![COLUMNS.map(str::to_owned)];
    lines.extend(outcomes.iter().map(line));
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; COLUMNS.len()] = std::array::from_fn(width);
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!(" {cell:width$} |"));
        text.push_str(&format!("|{}\n", cells.collect::<String>()));
        if at == 0 {
            let rules = widths.map(|width| format!("{}|", "-".repeat(width + 2)));
            text.push_str(&format!("|{}\n", rules.concat()));
        }
    }
    text.push('\n');
    for outcome in outcomes {
        for remark in remarks(outcome) {
            text.push_str(&format!("- {}: {remark}\n", outcome.row.name));
        }
    }
    text
}

fn line(outcome: &Outcome) -> [String; COLUMNS.len()] {
    let Outcome { row, load, reading } = outcome;
    [
        row.name.to_owned(),
        row.what.to_owned(),
        at_most(row),
        reading.as_ref().map_or_else(|_| String::new(), |reading| measured(row, reading)),
        verdict(outcome.verdict()).to_owned(),
        reading.as_ref().map_or_else(|_| String::new(), |reading| reading.samples.len().to_string()),
        load.clone(),
    ]
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Missed => "missed",
        Verdict::NotMeasured => "not measured",
    }
}

fn at_most(row: &Row) -> String {
    let limits = row.targets.iter().map(|target| marked(target.statistic, row.unit.written(target.at_most)));
    format!("{}{}", limits.collect::<Vec<_>>().join(" / "), row.unit.symbol())
}

/// The statistics that were promised, as they are.
pub(super) fn measured(row: &Row, reading: &Reading) -> String {
    let values = row.targets.iter().map(|target| {
        let value = reading.samples.read(target.statistic).map(|value| row.unit.written(value));
        marked(target.statistic, value.unwrap_or_else(|| "?".to_owned()))
    });
    format!("{}{}", values.collect::<Vec<_>>().join(" / "), row.unit.symbol())
}

fn marked(statistic: Statistic, value: String) -> String {
    match statistic {
        Statistic::Median => format!("p50 {value}"),
        Statistic::P99 => format!("p99 {value}"),
        Statistic::Only => value,
    }
}

fn remarks(outcome: &Outcome) -> Vec<String> {
    match &outcome.reading {
        Ok(reading) => reading.remarks.clone(),
        Err(why) => vec![format!("not measured: {why}")],
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::{Outcome, Reading};
    use super::super::rows;
    use super::super::samples::Samples;
    use super::written;

    fn outcome(name: &str, reading: Result<Reading, String>) -> Outcome {
        let row = rows::choose(&[name.to_owned()]).expect("a row")[0];
        Outcome { row, load: "0.50".to_owned(), reading }
    }

    #[test]
    fn missed_and_unmeasured_rows_say_so() {
        let slow = Reading::of([1.0, 2.0, 30.0].into_iter().collect::<Samples>()).remark("noisy");
        let text = written(&[outcome("worker-start", Ok(slow)), outcome("memory", Err("no server".to_owned()))]);
        assert!(text.contains("| p50 2.5 / p99 10.0 ms | p50 2.0 / p99 30.0 ms | missed"), "{text}");
        assert!(text.contains("| 40.0 MB "), "{text}");
        assert!(text.contains("| not measured |"), "{text}");
        assert!(text.ends_with("- worker-start: noisy\n- memory: not measured: no server\n"), "{text}");
    }

    #[test]
    fn all_lines_are_as_wide_as_the_first() {
        let text = written(&[outcome("page", Ok(Reading::of(Samples::one(240.0))))]);
        let widths: Vec<usize> =
            text.lines().take_while(|line| !line.is_empty()).map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{text}");
    }
}
