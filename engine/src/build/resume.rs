//! Taking a run up again after Slipway was stopped: what is done, and where the output goes on.

use crate::{
    docker::Cursor,
    logs::{LogError, Logs},
};
use types::{
    Time,
    build::{Step, TransferDirection},
    build_run::StepStatus,
    log::{LogLine, LogStream},
};
use uuid::Uuid;

/// Lines read at once, from the end of a log backwards.
const BLOCK: u64 = 4096;

/// A step of a flow as it stood when Slipway was stopped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stood<'a> {
    pub(super) step: &'a Step,
    pub(super) status: StepStatus,
    /// Its container was started.
    pub(super) begun: bool,
}

/// What is left to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// By index: whether a step is done, and need not be done again.
    Steps(Vec<bool>),
    /// A call was under way: whether it did its work is not known, so it is not repeated.
    Interrupted(usize),
}

/// Whether a step runs in a container, which goes on while Slipway is stopped.
pub(crate) fn in_container(step: &Step) -> bool {
    match step {
        Step::Script(_) | Step::Container(_) => true,
        Step::Git(_) | Step::Transfer(_) | Step::Http(_) | Step::Image(_) => false,
    }
}

/// Files that Slipway fetched itself are in the work space once a later container was started;
/// before that they lie in a private folder, which may be gone.
pub(super) fn left(steps: &[Stood<'_>]) -> Left {
    let calling = |stood: &Stood<'_>| matches!(stood.step, Step::Http(_)) && stood.status == StepStatus::Running;
    if let Some(index) = steps.iter().position(calling) {
        return Left::Interrupted(index);
    }
    let sent = sent_before(steps);
    let done = |(index, stood): (usize, &Stood<'_>)| {
        let kept = match stood.step {
            Step::Script(_) | Step::Container(_) | Step::Http(_) => true,
            Step::Transfer(step) => match step.direction {
                TransferDirection::Send => true,
                TransferDirection::Fetch => index < sent,
            },
            Step::Git(_) => index < sent,
            Step::Image(_) => false,
        };
        kept && stood.status == StepStatus::Succeeded
    };
    Left::Steps(steps.iter().enumerate().map(done).collect())
}

/// The index of the last step whose container was started; 0 if there is none.
pub(super) fn sent_before(steps: &[Stood<'_>]) -> usize {
    let started =
        |stood: &Stood<'_>| in_container(stood.step) && (stood.begun || stood.status == StepStatus::Succeeded);
    steps.iter().rposition(started).unwrap_or_default()
}

/// How far the log has the output of a container that began at `began`; the log is flushed.
pub(super) async fn cursor(logs: &Logs, log: Uuid, step: u32, began: Time) -> Result<Cursor, LogError> {
    let mut counted = Counted { step, began_ms: began.as_millis(), cursor: Cursor::default() };
    let mut last = logs.info(log).await?.lines;
    while last > 0 {
        let first = last.saturating_sub(BLOCK - 1).max(1);
        let lines = logs.lines_between(log, first, last).await?;
        if !lines.iter().rev().all(|line| counted.goes_on_before(line)) {
            break;
        }
        last = first - 1;
    }
    Ok(counted.cursor)
}

/// Counts the lines that the engine will say again, from the last one backwards.
struct Counted {
    step: u32,
    began_ms: i64,
    cursor: Cursor,
}

impl Counted {
    /// Takes a line; false where none before it counts.
    fn goes_on_before(&mut self, line: &LogLine) -> bool {
        let which = match line.stream {
            LogStream::Stdout => 0,
            LogStream::Stderr => 1,
            LogStream::System => return true,
        };
        let at = line.at.as_millis();
        if line.step != self.step || at < self.began_ms {
            return false;
        }
        // The two streams of a program are written by turns: a line may be a little before its time.
        if self.cursor.since_s == 0 {
            self.cursor.since_s = (at / 1000 - 1).max(1);
        }
        let since_ms = self.cursor.since_s * 1000;
        if at >= since_ms && !line.cont {
            self.cursor.skip[which] += 1;
        }
        at >= since_ms - 1000
    }
}

#[cfg(test)]
mod tests {
    use super::{Counted, Cursor, Left, Stood, left};
    use rstest::rstest;
    use serde_json::json;
    use types::{
        Time,
        build::Step,
        build_run::StepStatus::{self, Running, Succeeded, Waiting},
        log::{LogLine, LogStream},
    };

    fn step(kind: &str) -> Step {
        let (kind, direction) = kind.split_once(' ').unwrap_or((kind, "fetch"));
        let wire = match kind {
            "git" => json!({"url": "https://git.example/a.git"}),
            "transfer" => json!({"protocol": "sftp", "host": "files.example", "direction": direction,
                "remote_path": "a", "local_path": "b"}),
            "http" => json!({"url": "https://status.example"}),
            "script" => json!({"image": "tools", "script": "make"}),
            "container" => json!({"image": "tools"}),
            _ => json!({}),
        };
        let mut wire = wire;
        wire["type"] = json!(kind);
        wire["name"] = json!("a");
        serde_json::from_value(wire).expect("a step")
    }

    #[rstest]
    #[case::nothing_was_sent(&[("git", Succeeded, false), ("image", Running, false)], &[false, false])]
    #[case::a_container_runs(
        &[("git", Succeeded, false), ("script", Running, true), ("image", Waiting, false)], &[true, false, false]
    )]
    #[case::a_container_was_about_to_run(
        &[("git", Succeeded, false), ("script", Running, false), ("image", Waiting, false)], &[false, false, false]
    )]
    #[case::the_image_is_made(
        &[("git", Succeeded, false), ("container", Succeeded, true), ("image", Running, false)], &[true, true, false]
    )]
    #[case::a_second_repository(
        &[("git", Succeeded, false), ("script", Succeeded, false), ("git", Succeeded, false), ("image", Running, false)],
        &[true, true, false, false]
    )]
    #[case::calls_and_sent_files_are_never_repeated(
        &[("http", Succeeded, false), ("transfer send", Succeeded, false), ("transfer fetch", Succeeded, false)],
        &[true, true, false]
    )]
    fn knows_what_is_done(#[case] steps: &[(&str, StepStatus, bool)], #[case] done: &[bool]) {
        let made: Vec<Step> = steps.iter().map(|(kind, ..)| step(kind)).collect();
        let stood: Vec<Stood<'_>> =
            made.iter().zip(steps).map(|(step, &(_, status, begun))| Stood { step, status, begun }).collect();
        assert_eq!(left(&stood), Left::Steps(done.to_vec()));
    }

    #[test]
    fn a_call_that_was_under_way_is_not_repeated() {
        let (git, call) = (step("git"), step("http"));
        let stood = [
            Stood { step: &git, status: Succeeded, begun: false },
            Stood { step: &call, status: Running, begun: false },
        ];
        assert_eq!(left(&stood), Left::Interrupted(1));
    }

    fn line(step: u32, stream: LogStream, ms: i64, cont: bool) -> LogLine {
        LogLine { n: 1, at: Time::from_millis(ms), stream, step, text: String::new(), cont }
    }

    #[rstest]
    #[case::nothing_yet(&[], 0, [0, 0])]
    #[case::words_of_slipway(&[line(2, LogStream::System, 90_000, false)], 0, [0, 0])]
    #[case::only_the_last_seconds(
        &[
            line(2, LogStream::Stdout, 50_000, false),
            line(2, LogStream::Stderr, 88_900, false),
            line(2, LogStream::Stdout, 89_000, false),
            line(2, LogStream::Stderr, 89_500, false),
            line(2, LogStream::System, 89_900, false),
            line(2, LogStream::Stdout, 90_100, false),
        ], 89, [2, 1]
    )]
    #[case::a_long_line_is_one(
        &[line(2, LogStream::Stdout, 90_000, true), line(2, LogStream::Stdout, 90_000, false)], 89, [1, 0]
    )]
    #[case::another_step(&[line(1, LogStream::Stdout, 90_000, false), line(2, LogStream::Stdout, 90_100, false)], 89, [1, 0])]
    #[case::a_container_before(
        &[line(2, LogStream::Stdout, 39_900, false), line(2, LogStream::Stdout, 40_100, false)], 39, [1, 0]
    )]
    fn counts_what_will_be_said_again(#[case] lines: &[LogLine], #[case] since_s: i64, #[case] skip: [u64; 2]) {
        let mut counted = Counted { step: 2, began_ms: 40_000, cursor: Cursor::default() };
        lines.iter().rev().all(|line| counted.goes_on_before(line));
        assert_eq!(counted.cursor, Cursor { since_s, skip });
    }
}
