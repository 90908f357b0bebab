//! Frames as text: each at most `FRAME_MAX` bytes.

use axum::extract::ws::Utf8Bytes;
use serde::Serialize;
use types::{
    Time,
    event::{LogFrame, MapChange, MapFrame},
    log::LogLine,
};

/// Most bytes of a frame, so that a client can bound what it buffers. One line of a log, which has
/// at most 16 KiB, always fits, however it is escaped.
const FRAME_MAX: usize = 256 * 1024;

/// A frame of a log; many lines become several frames.
pub(super) fn of_log(frame: LogFrame) -> Vec<Utf8Bytes> {
    let mut texts = Vec::new();
    match frame {
        LogFrame::Lines(lines) => split(lines, &mut texts),
        frame @ (LogFrame::Status(_) | LogFrame::Lagged(_) | LogFrame::End(_) | LogFrame::Ping(_)) => {
            texts.push(text(&frame));
        }
    }
    texts
}

/// A frame of a map. What does not fit into a frame is not sent in part: the client reads the page.
pub(super) fn of_map(frame: &MapFrame) -> Vec<Utf8Bytes> {
    let whole = text(frame);
    if whole.len() <= FRAME_MAX {
        return vec![whole];
    }
    vec![text(&MapFrame { seq: None, change: MapChange::Resync(true) })]
}

/// What is sent after a time of silence.
pub(super) fn ping() -> Utf8Bytes {
    text(&LogFrame::Ping(Time::from(jiff::Timestamp::now())))
}

fn split(mut lines: Vec<LogLine>, texts: &mut Vec<Utf8Bytes>) {
    if lines.is_empty() {
        return;
    }
    let frame = LogFrame::Lines(lines);
    let whole = text(&frame);
    let LogFrame::Lines(taken) = frame else { return };
    lines = taken;
    if whole.len() <= FRAME_MAX || lines.len() == 1 {
        texts.push(whole);
        return;
    }
    let rest = lines.split_off(lines.len() / 2);
    split(lines, texts);
    split(rest, texts);
}

fn text(frame: &impl Serialize) -> Utf8Bytes {
    serde_json::to_string(frame).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::{FRAME_MAX, of_log, of_map, ping};
    use types::{
        Time,
        event::{LogFrame, MapChange, MapFrame, Removed},
        log::{LogLine, LogStream},
    };

    fn line(n: u64, text: &str) -> LogLine {
        LogLine { n, at: Time::from_millis(0), stream: LogStream::Stdout, step: 0, text: text.to_owned(), cont: false }
    }

    #[test]
    fn lines_are_split_without_gap_or_double() {
        let text = "\u{1b}".repeat(16 * 1024);
        let lines: Vec<LogLine> = (1..=40).map(|n| line(n, &text)).collect();
        let frames = of_log(LogFrame::Lines(lines));
        assert!(frames.len() > 1 && frames.iter().all(|frame| frame.len() <= FRAME_MAX));
        let numbers: Vec<u64> = frames
            .iter()
            .flat_map(|frame| match serde_json::from_str(frame).expect("a frame") {
                LogFrame::Lines(lines) => lines,
                other => panic!("{other:?}"),
            })
            .map(|line| line.n)
            .collect();
        assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
    }

    #[test]
    fn have_one_key() {
        let lines = of_log(LogFrame::Lines(vec![line(1, "a")]));
        assert_eq!(
            lines[0].as_str(),
            r#"{"lines":[{"n":1,"at":"1970-01-01T00:00:00.000Z","stream":"stdout","step":0,"text":"a"}]}"#
        );
        assert!(of_log(LogFrame::Lines(Vec::new())).is_empty());
        assert!(ping().as_str().starts_with(r#"{"ping":""#));
        let removed = MapFrame { seq: Some("7".into()), change: MapChange::Removed(Removed { workload: "w".into() }) };
        assert_eq!(of_map(&removed)[0].as_str(), r#"{"seq":"7","removed":{"workload":"w"}}"#);
    }

    #[test]
    fn what_does_not_fit_asks_to_read_again() {
        let workload = "w".repeat(FRAME_MAX);
        let removed = MapFrame { seq: Some("7".into()), change: MapChange::Removed(Removed { workload }) };
        assert_eq!(of_map(&removed)[0].as_str(), r#"{"resync":true}"#);
    }
}
