//! Marked lines in the address: `#L120`, `#L120-L134`.

/// First and last marked line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

impl Mark {
    pub(crate) fn of_line(n: u64) -> Self {
        Self { first: n, last: n }
    }

    /// From the first marked line to another one, whichever way.
    pub(crate) fn to(self, n: u64) -> Self {
        Self { first: self.first.min(n), last: self.first.max(n) }
    }

    pub(crate) fn holds(self, n: u64) -> bool {
        (self.first..=self.last).contains(&n)
    }

    /// Reads a fragment; `None` for any other one.
    pub(crate) fn parse(fragment: &str) -> Option<Self> {
        let line = |part: &str| part.strip_prefix('L')?.parse::<u64>().ok().filter(|n| *n > 0);
        let text = fragment.trim_start_matches('#');
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some(Self::of_line(line(first)?).to(line(last)?))
    }

    /// `#L120`, `#L120-L134`
    pub(crate) fn fragment(self) -> String {
        match self.first == self.last {
            true => format!("#L{}", self.first),
            false => format!("#L{}-L{}", self.first, self.last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Mark;
    use rstest::rstest;

    #[rstest]
    #[case("#L120", Some((120, 120)))]
    #[case("L120-L134", Some((120, 134)))]
    #[case("#L134-L120", Some((120, 134)))]
    #[case("#L0", None)]
    #[case("#120", None)]
    #[case("#L1-", None)]
    #[case("", None)]
    fn is_read(#[case] fragment: &str, #[case] lines: Option<(u64, u64)>) {
        assert_eq!(Mark::parse(fragment).map(|mark| (mark.first, mark.last)), lines);
    }

    #[test]
    fn is_written() {
        assert_eq!(Mark::of_line(120).fragment(), "#L120");
        assert_eq!(Mark::of_line(120).to(118).fragment(), "#L118-L120");
    }
}
