//! Lines put together from pieces.

use bytes::{Bytes, BytesMut};
use memchr::memchr;

/// A line that grows beyond this goes on in the next one: a program that never ends its line must
/// not fill the memory.
const LONGEST: usize = 64 << 10;

/// What has come of a line that has not ended.
#[derive(Debug, Default)]
pub(crate) struct Partial(BytesMut);

impl Partial {
    /// Takes a piece and gives the lines that it ends.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Vec<Bytes> {
        let mut lines = Vec::new();
        let mut rest = piece;
        while let Some(end) = memchr(b'\n', rest) {
            self.0.extend_from_slice(&rest[..end]);
            lines.push(self.0.split().freeze());
            rest = &rest[end + 1..];
        }
        self.0.extend_from_slice(rest);
        while self.0.len() > LONGEST {
            lines.push(self.0.split_to(LONGEST).freeze());
        }
        lines
    }

    /// Whether a line is open.
    pub(crate) fn is_begun(&self) -> bool {
        !self.0.is_empty()
    }

    /// The last line, if it has no end.
    pub(crate) fn finish(&mut self) -> Option<Bytes> {
        (!self.0.is_empty()).then(|| self.0.split().freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Partial};
    use rstest::rstest;

    #[rstest]
    #[case(&["a\nb\n"], &["a", "b"], None)]
    #[case(&["a", "b\nc"], &["ab"], Some("c"))]
    #[case(&["10%\r20%\r\n"], &["10%\r20%\r"], None)]
    #[case(&["\n\n"], &["", ""], None)]
    #[case(&[""], &[], None)]
    fn splits(#[case] pieces: &[&str], #[case] lines: &[&str], #[case] rest: Option<&str>) {
        let mut partial = Partial::default();
        let seen: Vec<_> = pieces.iter().flat_map(|piece| partial.push(piece.as_bytes())).collect();
        assert_eq!(seen, lines);
        assert_eq!(partial.finish(), rest.map(|rest| rest.as_bytes().to_vec().into()));
    }

    #[test]
    fn an_endless_line_goes_on_in_the_next() {
        let mut partial = Partial::default();
        let lines = partial.push(&vec![b'x'; 2 * LONGEST + 1]);
        assert_eq!(lines.iter().map(|line| line.len()).collect::<Vec<_>>(), [LONGEST, LONGEST]);
        assert_eq!(partial.finish().map(|rest| rest.len()), Some(1));
    }
}
