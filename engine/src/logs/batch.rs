//! Lines on their way to readers.

use super::lines::{Lines, Mark};
use bytes::Bytes;
use serde::Serialize;
use std::sync::{Arc, OnceLock};
use types::{
    Time,
    log::{LogLine, LogStream},
};

/// Most bytes of a frame of lines, as the WebSocket allows.
pub const FRAME_BYTES_MAX: usize = 256 * 1024;

/// What surrounds the text of a line in a frame, at its longest.
const LINE_OVERHEAD: usize = 128;

/// Neighbouring lines, shared by all who follow a log: cloning costs a pointer.
#[derive(Clone, Debug)]
pub struct Batch(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lines: Lines,
    wire: OnceLock<Vec<LogLine>>,
    frame: OnceLock<Bytes>,
}

impl Batch {
    /// As many batches as frames are needed.
    pub(super) fn split(lines: &Lines) -> Vec<Batch> {
        let mut batches = Vec::new();
        let (mut begin, mut size) = (0, LINE_OVERHEAD);
        for (index, (_, _, text)) in lines.iter().enumerate() {
            let line = frame_size(text);
            if size + line > FRAME_BYTES_MAX && begin < index {
                batches.push(Batch::of(lines.slice(begin..index)));
                (begin, size) = (index, LINE_OVERHEAD);
            }
            size += line;
        }
        if begin < lines.len() {
            batches.push(Batch::of(lines.slice(begin..lines.len())));
        }
        batches
    }

    fn of(lines: Lines) -> Self {
        Self(Arc::new(Inner { lines, wire: OnceLock::new(), frame: OnceLock::new() }))
    }

    /// Number of the first line.
    pub fn first(&self) -> u64 {
        self.0.lines.first()
    }

    /// Number of the last line.
    pub fn last(&self) -> u64 {
        self.0.lines.last()
    }

    /// The lines, made once for all readers.
    pub fn lines(&self) -> &[LogLine] {
        self.0.wire.get_or_init(|| self.0.lines.to_wire().collect())
    }

    /// `{"lines":[…]}` as it goes over the WebSocket: UTF-8, at most [`FRAME_BYTES_MAX`], encoded once for all
    /// readers.
    pub fn frame(&self) -> Bytes {
        self.0.frame.get_or_init(|| encode(&self.0.lines)).clone()
    }

    pub(super) fn columns(&self) -> &Lines {
        &self.0.lines
    }

    /// The part of it that comes after line `after`.
    pub(super) fn after(&self, after: u64) -> Batch {
        if after < self.first() {
            return self.clone();
        }
        Batch::of(self.0.lines.between(after + 1, self.last()))
    }

    /// About what it costs in memory.
    pub(super) fn cost(&self) -> usize {
        self.0.lines.text().len() + self.0.lines.len() * LINE_OVERHEAD
    }
}

/// A line of a frame; the same words as [`LogLine`], borrowed.
#[derive(Serialize)]
struct FrameLine<'a> {
    n: u64,
    at: &'a str,
    stream: LogStream,
    step: u32,
    text: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cont: bool,
}

fn encode(lines: &Lines) -> Bytes {
    let mut out = Vec::with_capacity(lines.text().len() + lines.len() * LINE_OVERHEAD);
    out.extend_from_slice(br#"{"lines":["#);
    let (mut shown_at, mut shown) = (i64::MIN, String::new());
    for (n, Mark { at, step, stream, cont }, text) in lines.iter() {
        if at != shown_at {
            // Most lines come in the same millisecond as the one before.
            (shown_at, shown) = (at, Time::from_millis(at).to_string());
        }
        if n > lines.first() {
            out.push(b',');
        }
        let line = FrameLine { n, at: &shown, stream, step, text, cont };
        serde_json::to_writer(&mut out, &line).expect("a line of words and numbers is JSON, and memory takes it");
    }
    out.extend_from_slice(b"]}");
    out.into()
}

/// Most bytes that a line takes in a frame: control characters become six, quotes and backslashes two.
fn frame_size(text: &str) -> usize {
    let more = |byte: u8| if byte < 0x20 { 5 } else { usize::from(byte == b'"' || byte == b'\\') };
    LINE_OVERHEAD + text.len() + text.bytes().map(more).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::{Batch, FRAME_BYTES_MAX};
    use crate::logs::{
        LINE_BYTES_MAX,
        lines::{Lines, Mark},
    };
    use proptest::prelude::*;
    use types::{event::LogFrame, log::LogStream};

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            9 => "[^\n]{0,80}",
            1 => Just("\u{1b}\"".repeat(LINE_BYTES_MAX / 2)),
            1 => Just("\u{1}".repeat(LINE_BYTES_MAX)),
        ]
    }

    proptest! {
        #[test]
        fn frames_are_small_and_hold_all(texts in prop::collection::vec((text(), any::<bool>()), 1..60), at in 0..i64::MAX / 2_000_000) {
            let mut lines = Lines::starting_at(3);
            for (index, (text, cont)) in texts.iter().enumerate() {
                lines.push(Mark { at: at + index as i64 / 3, step: 7, stream: LogStream::Stderr, cont: *cont }, text);
            }
            let mut seen = Vec::new();
            for batch in Batch::split(&lines) {
                prop_assert!(batch.frame().len() <= FRAME_BYTES_MAX);
                let frame: LogFrame = serde_json::from_slice(&batch.frame()).expect("a frame");
                prop_assert_eq!(&frame, &LogFrame::Lines(batch.lines().to_vec()));
                let same = serde_json::to_vec(&frame).expect("JSON");
                prop_assert_eq!(same.as_slice(), &batch.frame()[..]);
                seen.extend_from_slice(batch.lines());
            }
            prop_assert_eq!(seen, lines.to_wire().collect::<Vec<_>>());
        }
    }
}
