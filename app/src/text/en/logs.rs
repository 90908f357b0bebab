//! Words of logs.

use super::plural;
use crate::format::count;
use types::Name;

words! {
    clock_time = "Clock time";
    failed_step = "Failed step";
    follow = "Follow";
    no_lines_yet = "No lines yet.";
    no_times = "No times";
    since_start = "Since start";
    time_stamps = "Time stamps";
}

pub(crate) fn log_of(build: &Name, number: u32) -> String {
    format!("{build} #{number} log")
}

pub(crate) fn log_of_item(task: &str) -> String {
    format!("Log of {task}")
}

pub(crate) fn lines(n: u64) -> String {
    plural(n, "line", "lines")
}

pub(crate) fn lines_from_to(first: u64, last: u64) -> String {
    if first == last { format!("line {}", count(first)) } else { format!("lines {} to {}", count(first), count(last)) }
}

pub(crate) fn lines_marked(first: u64, last: u64) -> String {
    if first == last { format!("Line {}", count(first)) } else { format!("Lines {} to {}", count(first), count(last)) }
}

pub(crate) fn new_lines(n: u64) -> String {
    format!("{} new {}", count(n), if n == 1 { "line" } else { "lines" })
}

pub(crate) fn line_not_there(line: u64, total: u64, complete: bool) -> String {
    let (line, total) = (count(line), lines(total));
    match complete {
        true => format!("There is no line {line}: the log ended after {total}. This is its end."),
        false => format!("Line {line} is not there yet: the log has {total} so far. This is its end."),
    }
}
