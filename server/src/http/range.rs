//! `Range: bytes=…`, one range (RFC 9110, section 14).

/// What a header asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    /// From, up to and with.
    From(u64, Option<u64>),
    /// The last so many.
    Last(u64),
}

impl Range {
    /// `None`: not a range that is understood; then the header is ignored, as the standard says.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
        match (first.trim(), last.trim()) {
            ("", last) => Some(Range::Last(last.parse().ok()?)),
            (first, "") => Some(Range::From(first.parse().ok()?, None)),
            (first, last) => {
                let (first, last) = (first.parse().ok()?, last.parse().ok()?);
                (first <= last).then_some(Range::From(first, Some(last)))
            }
        }
    }

    /// From and up to, without the end, of so many bytes. `None`: nothing of it is there.
    pub(super) fn within(self, total: u64) -> Option<(u64, u64)> {
        let (from, to) = match self {
            Range::From(from, last) => (from, last.map_or(total, |last| last.saturating_add(1).min(total))),
            Range::Last(count) => (total.saturating_sub(count), total),
        };
        (from < to).then_some((from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::Range;
    use rstest::rstest;

    #[rstest]
    #[case("bytes=0-4", Some((0, 5)))]
    #[case("bytes=5-", Some((5, 10)))]
    #[case("bytes=-3", Some((7, 10)))]
    #[case("bytes=-30", Some((0, 10)))]
    #[case("bytes=8-99", Some((8, 10)))]
    #[case("bytes=10-", None)]
    #[case("bytes=-0", None)]
    fn of_ten_bytes(#[case] text: &str, #[case] range: Option<(u64, u64)>) {
        assert_eq!(Range::parse(text).expect("a range").within(10), range);
    }

    #[rstest]
    #[case("bytes=4-2")]
    #[case("lines=1-2")]
    #[case("bytes=a-b")]
    #[case("bytes=0-1,4-5")]
    #[case("bytes=")]
    fn is_ignored(#[case] text: &str) {
        assert_eq!(Range::parse(text), None);
    }
}
