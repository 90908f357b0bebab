//! From bytes in any pieces to masked lines.
//!
//! The lines depend on the bytes of a step's stream alone, never on the pieces in which they came. A line is masked
//! before it is cut at its limit: what a secret may still reach into is held back until it is known, so a cut shows
//! nothing that a whole line would not show.

use super::{LINE_BYTES_MAX, Masker, lines::Mark};
use std::collections::BTreeMap;
use types::log::LogStream;

/// Where a line goes once it is whole.
pub(crate) trait Sink {
    /// Takes a line; its text has no LF.
    fn line(&mut self, mark: Mark, text: &str);
}

/// Puts the lines of one log together.
pub(crate) struct Assembler {
    masker: Masker,
    /// Lines that have not ended yet: one per step and stream.
    open: BTreeMap<(u32, u8), Open>,
}

/// A line of which the end is not there yet.
struct Open {
    mark: Mark,
    /// As it came, not masked yet.
    raw: Vec<u8>,
    /// How much of `raw` belongs to a secret that is masked already.
    covered: usize,
    /// Masked, but perhaps only the beginning of a character.
    half: Vec<u8>,
    /// Masked, at most a line.
    text: String,
}

impl Assembler {
    pub(crate) fn new(masker: Masker) -> Self {
        Self { masker, open: BTreeMap::new() }
    }

    /// Takes output that was received at `at`.
    pub(crate) fn feed(&mut self, step: u32, stream: LogStream, at: i64, bytes: &[u8], sink: &mut impl Sink) {
        let mark = Mark { at, step, stream, cont: false };
        let mut begin = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            self.end_of_line(mark, &bytes[begin..end], sink);
            begin = end + 1;
        }
        if begin < bytes.len() {
            self.middle_of_line(mark, &bytes[begin..], sink);
        }
    }

    /// Ends the lines that are open, oldest step first.
    pub(crate) fn finish(&mut self, sink: &mut impl Sink) {
        while let Some((_, open)) = self.open.pop_first() {
            open.end(&self.masker, sink);
        }
    }

    fn end_of_line(&mut self, mark: Mark, bytes: &[u8], sink: &mut impl Sink) {
        let open = if self.open.is_empty() { None } else { self.open.remove(&key(mark)) };
        if open.is_none() && bytes.len() <= LINE_BYTES_MAX && !self.masker.finds(bytes) {
            // Nearly every line: there at once, nothing to hide, and no longer for what is no UTF-8.
            let text = String::from_utf8_lossy(bytes);
            if text.len() <= LINE_BYTES_MAX {
                return sink.line(mark, &text);
            }
        }
        let mut open = open.unwrap_or_else(|| Open::new(mark));
        open.take(mark.at, bytes, &self.masker, sink);
        open.end(&self.masker, sink);
    }

    fn middle_of_line(&mut self, mark: Mark, bytes: &[u8], sink: &mut impl Sink) {
        let open = self.open.entry(key(mark)).or_insert_with(|| Open::new(mark));
        open.take(mark.at, bytes, &self.masker, sink);
    }
}

impl Open {
    fn new(mark: Mark) -> Self {
        Self { mark, raw: Vec::new(), covered: 0, half: Vec::new(), text: String::new() }
    }

    fn take(&mut self, at: i64, bytes: &[u8], masker: &Masker, sink: &mut impl Sink) {
        for piece in bytes.chunks(LINE_BYTES_MAX) {
            self.raw.extend_from_slice(piece);
            if self.raw.len() > LINE_BYTES_MAX + masker.longest() {
                self.advance(self.raw.len() - masker.longest(), masker);
                self.cut(at, sink);
            }
        }
    }

    fn end(mut self, masker: &Masker, sink: &mut impl Sink) {
        self.advance(self.raw.len(), masker);
        if !self.half.is_empty() {
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
        self.cut(self.mark.at, sink);
        sink.line(self.mark, &self.text);
    }

    /// Masks what came before `safe` and turns it into characters.
    fn advance(&mut self, safe: usize, masker: &Masker) {
        let (half, text) = (&mut self.half, &mut self.text);
        masker.cover(&self.raw, safe, &mut self.covered, |piece| decode(half, piece, text));
        self.raw.drain(..safe);
        self.covered -= safe;
    }

    /// Hands on what is longer than a line; exactly one line stays, since it may be the last.
    fn cut(&mut self, at: i64, sink: &mut impl Sink) {
        let mut begin = 0;
        while self.text.len() - begin > LINE_BYTES_MAX {
            let end = self.text.floor_char_boundary(begin + LINE_BYTES_MAX);
            sink.line(Mark { cont: true, ..self.mark }, &self.text[begin..end]);
            self.mark.at = at;
            begin = end;
        }
        self.text.drain(..begin);
    }
}

/// Adds bytes as characters: what cannot be one becomes U+FFFD, what may be the beginning of one waits in `half`.
fn decode(half: &mut Vec<u8>, piece: &[u8], text: &mut String) {
    let joined;
    let bytes = if half.is_empty() {
        piece
    } else {
        joined = [std::mem::take(half).as_slice(), piece].concat();
        &joined
    };
    let mut begin = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        begin += chunk.valid().len() + chunk.invalid().len();
        let unfinished = |bytes| std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none());
        if begin == bytes.len() && unfinished(chunk.invalid()) {
            half.extend_from_slice(chunk.invalid());
        } else if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
}

fn key(mark: Mark) -> (u32, u8) {
    let stream = match mark.stream {
        LogStream::Stdout => 0,
        LogStream::Stderr => 1,
        LogStream::System => 2,
    };
    (mark.step, stream)
}

#[cfg(test)]
mod tests {
    use super::{Assembler, Sink};
    use crate::logs::{LINE_BYTES_MAX, Masker, lines::Mark};
    use proptest::prelude::*;
    use types::log::LogStream;

    #[derive(Default)]
    struct Seen(Vec<(String, bool)>);

    impl Sink for Seen {
        fn line(&mut self, mark: Mark, text: &str) {
            self.0.push((text.to_owned(), mark.cont));
        }
    }

    fn assemble<'a>(masker: &Masker, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<(String, bool)> {
        let mut assembler = Assembler::new(masker.clone());
        let mut seen = Seen::default();
        for piece in pieces {
            assembler.feed(0, LogStream::Stdout, 0, piece, &mut seen);
        }
        assembler.finish(&mut seen);
        seen.0
    }

    /// Bytes of lines of all lengths, with halves of characters and secrets anywhere.
    fn output() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            4 => "[ -~äß🔑]{0,60}".prop_map(String::into_bytes),
            2 => Just(b"\n".to_vec()),
            2 => Just(b"hunter22hunter22".to_vec()),
            2 => Just(b"hunter2".to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..20),
            1 => (0..40_usize).prop_map(|more| vec![b'x'; LINE_BYTES_MAX - 20 + more]),
            1 => (0..40_usize).prop_map(|more| "🔑".repeat(LINE_BYTES_MAX / 4 - 20 + more).into_bytes()),
        ];
        prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_the_pieces(bytes in output(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
            let masker = Masker::new(["hunter22", "2hunter", "xxxxxxxxx?"]);
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]);
            prop_assert_eq!(assemble(&masker, pieces), assemble(&masker, [bytes.as_slice()]));
        }

        #[test]
        fn joined_lines_are_the_masked_output(bytes in output()) {
            let masker = Masker::new(["hunter22"]);
            let seen = assemble(&masker, bytes.chunks(777));
            prop_assert!(seen.iter().all(|(text, _)| text.len() <= LINE_BYTES_MAX));
            let text: String = seen.iter().map(|(text, cont)| format!("{text}{}", if *cont { "" } else { "\n" })).collect();
            let mut whole = String::from_utf8_lossy(&bytes).into_owned();
            if !whole.is_empty() && !whole.ends_with('\n') {
                whole.push('\n');
            }
            let lines = whole.split_inclusive('\n').map(|line| masker.mask(line));
            prop_assert_eq!(text, lines.collect::<String>());
        }
    }

    #[test]
    fn a_secret_at_the_cut_is_hidden() {
        for before in LINE_BYTES_MAX - 10..LINE_BYTES_MAX + 2 {
            let line = format!("{}hunter22{}", "x".repeat(before), "y".repeat(LINE_BYTES_MAX));
            let seen = assemble(&Masker::new(["hunter22"]), line.as_bytes().chunks(100));
            let text: String = seen.into_iter().map(|(text, _)| text).collect();
            assert_eq!(text, line.replace("hunter22", "[masked]"));
        }
    }

    #[test]
    fn streams_and_steps_are_apart() {
        let mut assembler = Assembler::new(Masker::default());
        let mut seen = Seen::default();
        assembler.feed(0, LogStream::Stdout, 0, b"out", &mut seen);
        assembler.feed(0, LogStream::Stderr, 0, b"error\r\n", &mut seen);
        assembler.feed(1, LogStream::Stdout, 0, b"next", &mut seen);
        assembler.feed(0, LogStream::Stdout, 0, b"put\n", &mut seen);
        assembler.finish(&mut seen);
        let texts: Vec<&str> = seen.0.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["error\r", "output", "next"]);
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let line = format!("x{}", "🔑".repeat(LINE_BYTES_MAX / 4));
        let seen = assemble(&Masker::default(), [line.as_bytes()]);
        assert_eq!(
            seen.iter().map(|(text, cont)| (text.len(), *cont)).collect::<Vec<_>>(),
            [(LINE_BYTES_MAX - 3, true), (4, false)]
        );
    }

    #[test]
    fn a_line_that_grows_by_replacement_is_cut() {
        let line = [vec![b'x'; LINE_BYTES_MAX - 1], b"\xff\n".to_vec()].concat();
        let seen = assemble(&Masker::default(), [line.as_slice()]);
        assert_eq!(
            seen.iter().map(|(text, cont)| (text.len(), *cont)).collect::<Vec<_>>(),
            [(LINE_BYTES_MAX - 1, true), (3, false)]
        );
    }
}
