//! Lines that are held: those around the reader and those that just came; the others are asked for
//! again when they are scrolled to.

use std::collections::{BTreeMap, HashSet};
use types::log::LogLine;

/// Lines asked for at once: a few screens.
pub(crate) const PAGE: u64 = 250;
/// Pages held: enough to scroll back and forth; far less than a tab may take.
const PAGES_HELD: usize = 60;

/// See the module.
#[derive(Default)]
pub(crate) struct Lines {
    pages: BTreeMap<u64, Vec<Option<LogLine>>>,
    asked: HashSet<u64>,
}

impl Lines {
    pub(crate) fn get(&self, n: u64) -> Option<&LogLine> {
        let (page, at) = place(n);
        self.pages.get(&page)?.get(at)?.as_ref()
    }

    /// Takes lines in; those far from `near` are let go.
    pub(crate) fn put(&mut self, lines: Vec<LogLine>, near: u64) {
        for line in lines {
            let (page, at) = place(line.n);
            let page = self.pages.entry(page).or_insert_with(|| vec![None; PAGE as usize]);
            page[at] = Some(line);
        }
        let here = place(near).0;
        while self.pages.len() > PAGES_HELD {
            let ends = [self.pages.first_key_value(), self.pages.last_key_value()];
            let far = ends.into_iter().flatten().map(|(page, _)| *page).max_by_key(|page| page.abs_diff(here));
            let Some(far) = far else { return };
            self.pages.remove(&far);
        }
    }

    /// First lines of the pages that have to be asked for to show `wanted`; each is given once
    /// until it was answered.
    pub(crate) fn ask(&mut self, wanted: impl Iterator<Item = u64>) -> Vec<u64> {
        let missing: HashSet<u64> = wanted.filter(|n| self.get(*n).is_none()).map(|n| place(n).0).collect();
        let mut pages: Vec<u64> = missing.into_iter().filter(|page| self.asked.insert(*page)).collect();
        pages.sort_unstable();
        pages.into_iter().map(|page| page * PAGE + 1).collect()
    }

    /// The question for the page that begins with line `first` has been answered, or failed.
    pub(crate) fn answered(&mut self, first: u64) {
        self.asked.remove(&place(first).0);
    }
}

fn place(n: u64) -> (u64, usize) {
    let from_zero = n.saturating_sub(1);
    (from_zero / PAGE, (from_zero % PAGE) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::{Time, log::LogStream};

    fn line(n: u64) -> LogLine {
        let (at, stream) = (Time::default(), LogStream::Stdout);
        LogLine { n, at, stream, step: 0, text: n.to_string(), cont: false }
    }

    #[test]
    fn asks_once_for_what_is_missing() {
        let mut lines = Lines::default();
        lines.put((1..=PAGE).map(line).collect(), 1);
        assert_eq!(lines.ask(PAGE - 2..PAGE + 3), vec![PAGE + 1]);
        assert_eq!(lines.ask(PAGE - 2..PAGE + 3), Vec::<u64>::new());
        lines.answered(PAGE + 1);
        assert_eq!(lines.ask(PAGE..PAGE + 3), vec![PAGE + 1]);
    }

    #[test]
    fn a_page_with_a_hole_is_asked_for_again() {
        let mut lines = Lines::default();
        lines.put(vec![line(1), line(9)], 1);
        assert_eq!(lines.get(9), Some(&line(9)));
        assert_eq!(lines.ask(5..=5), vec![1]);
    }

    #[test]
    fn lets_go_of_what_is_far() {
        let mut lines = Lines::default();
        lines.put(vec![line(1)], 1);
        let last = PAGE * (PAGES_HELD as u64 + 5);
        lines.put((1..=last).step_by(PAGE as usize).map(line).collect(), last);
        assert_eq!(lines.get(1), None);
        assert!(lines.get(last - PAGE + 1).is_some());
        assert_eq!(lines.pages.len(), PAGES_HELD);
    }
}
