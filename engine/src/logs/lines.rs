//! Lines in memory: columns beside one piece of text, a few bytes per line instead of an object each.

use std::ops::Range;
use types::{
    Time,
    log::{LogLine, LogStream},
};

/// What a line is besides its number and text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Milliseconds since the epoch.
    pub(crate) at: i64,
    pub(crate) step: u32,
    pub(crate) stream: LogStream,
    /// The line goes on in the next one.
    pub(crate) cont: bool,
}

impl Mark {
    /// Length in the text of the whole log: a line that goes on has no line end there.
    pub(crate) fn raw_len(self, text: &str) -> u64 {
        text.len() as u64 + u64::from(!self.cont)
    }
}

/// Neighbouring lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    first: u64,
    marks: Vec<Mark>,
    /// Where each line ends in `text`, its LF included.
    ends: Vec<u32>,
    /// Every text, followed by LF even where the line goes on: a search over it needs no other column.
    text: String,
}

impl Lines {
    /// No lines yet; the next one gets number `first`.
    pub(crate) fn starting_at(first: u64) -> Self {
        Self { first, marks: Vec::new(), ends: Vec::new(), text: String::new() }
    }

    /// Puts columns together; each text in `text` ends with LF. `None` if their lengths differ.
    pub(crate) fn from_columns(first: u64, marks: Vec<Mark>, text: String) -> Option<Self> {
        let ends: Vec<u32> = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1).collect();
        let whole = ends.last().map_or(0, |&end| end as usize) == text.len();
        (whole && ends.len() == marks.len()).then_some(Self { first, marks, ends, text })
    }

    /// Adds a line; `text` has no LF.
    pub(crate) fn push(&mut self, mark: Mark, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
        self.ends.push(self.text.len() as u32);
        self.marks.push(mark);
    }

    /// Adds those of `other`, which come right after.
    pub(crate) fn extend(&mut self, other: &Lines) {
        debug_assert_eq!(self.next(), other.first, "lines have no gaps");
        let base = self.text.len() as u32;
        self.text.push_str(&other.text);
        self.ends.extend(other.ends.iter().map(|end| base + end));
        self.marks.extend_from_slice(&other.marks);
    }

    pub(crate) fn len(&self) -> usize {
        self.marks.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Number of the first line.
    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    /// Number of the last line; meaningless while there is none.
    pub(crate) fn last(&self) -> u64 {
        self.next() - 1
    }

    /// Number that the line after these has.
    pub(crate) fn next(&self) -> u64 {
        self.first + self.len() as u64
    }

    pub(crate) fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// All texts, each followed by LF.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Length in the text of the whole log.
    pub(crate) fn raw_len(&self) -> u64 {
        let joined = self.marks.iter().filter(|mark| mark.cont).count();
        (self.text.len() - joined) as u64
    }

    /// Index of the line after the last one that ends within `bytes` of text from line `from` on; at least one line.
    pub(crate) fn fitting(&self, from: usize, bytes: usize) -> usize {
        let limit = self.begin(from) + bytes;
        let fitting = self.ends[from..].partition_point(|&end| end as usize <= limit);
        (from + fitting.max(1)).min(self.len())
    }

    /// A copy of the lines at these indices.
    pub(crate) fn slice(&self, range: Range<usize>) -> Lines {
        let begin = self.begin(range.start);
        Lines {
            first: self.first + range.start as u64,
            marks: self.marks[range.clone()].to_vec(),
            ends: self.ends[range.clone()].iter().map(|end| end - begin as u32).collect(),
            text: self.text[begin..self.begin(range.end)].to_owned(),
        }
    }

    /// Only the lines from `first` to `last`, both included.
    pub(crate) fn between(&self, first: u64, last: u64) -> Lines {
        let start = first.saturating_sub(self.first).min(self.len() as u64) as usize;
        let end = (last + 1).saturating_sub(self.first).min(self.len() as u64) as usize;
        self.slice(start..end.max(start))
    }

    /// Number, mark and text of each line.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, Mark, &str)> {
        self.marks.iter().enumerate().map(|(index, &mark)| {
            let text = &self.text[self.begin(index)..self.ends[index] as usize - 1];
            (self.first + index as u64, mark, text)
        })
    }

    /// The lines as they cross the wire.
    pub(crate) fn to_wire(&self) -> impl Iterator<Item = LogLine> {
        self.iter().map(|(n, Mark { at, step, stream, cont }, text)| LogLine {
            n,
            at: Time::from_millis(at),
            stream,
            step,
            text: text.to_owned(),
            cont,
        })
    }

    /// Where the line at `index` begins in the text.
    fn begin(&self, index: usize) -> usize {
        index.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }
}
