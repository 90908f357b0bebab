//! How a running log keeps small groups at once and yet stays small.
//!
//! A group is stored as a chunk of its own the moment it is there; many tiny chunks would cost more than their text.
//! So chunks merge as they pile up, like digits that carry: eight of a size become one of the next. Each line is
//! rewritten at most once per size. A merge is part of the commit of the group that caused it: no reader and no kill
//! ever sees half of one.

use super::{
    chunk::{CHUNK_LINES, CHUNK_TEXT},
    lines::Lines,
};

/// As many chunks of a size become one.
const FAN: usize = 8;

/// Chunks up to [`FAN`] times this are of the smallest size.
const SMALLEST: usize = 128;

/// The chunks at the end of a log that are not full yet.
pub(crate) struct Tail {
    small: Vec<Small>,
    /// The lines of all of them.
    lines: Lines,
}

struct Small {
    first: u64,
    weight: usize,
}

/// What is written for a group.
pub(crate) struct Rewrite {
    /// Chunks from this line on are replaced.
    pub(crate) from: u64,
    /// What becomes a chunk each; the last ones are the group.
    pub(crate) chunks: Vec<Lines>,
}

impl Tail {
    /// Nothing yet; the next line has number `next`.
    pub(crate) fn starting_at(next: u64) -> Self {
        Self { small: Vec::new(), lines: Lines::starting_at(next) }
    }

    /// Adds a group, of at least one line, and says what to write for it.
    pub(crate) fn add(&mut self, group: &Lines) -> Rewrite {
        let weights: Vec<usize> = self.small.iter().map(|small| small.weight).chain([weight(group)]).collect();
        let kept = merged_from(&weights);
        let from = self.small.get(kept).map_or(group.first(), |small| small.first);
        self.small.truncate(kept);
        self.lines.extend(group);
        let mut chunks = Vec::new();
        let mut begin = (from - self.lines.first()) as usize;
        while begin < self.lines.len() {
            let end = self.lines.fitting(begin, CHUNK_TEXT).min(begin + CHUNK_LINES);
            chunks.push(self.lines.slice(begin..end));
            begin = end;
        }
        if let Some(rest) = chunks.last() {
            if kept == 0 && is_full(rest) {
                self.lines = Lines::starting_at(rest.next());
            } else {
                if chunks.len() > 1 {
                    // Only a merge of the whole tail fills a chunk, so nothing before it is left to merge.
                    self.lines = rest.clone();
                }
                self.small.push(Small { first: rest.first(), weight: weight(rest) });
            }
        }
        Rewrite { from, chunks }
    }
}

/// The index of the first chunk that merges with the last one; that of the last one if none does.
///
/// Smaller ones right before it always do, and those of its size once they are [`FAN`]; so sizes only fall towards the
/// end, and there are never many of one.
fn merged_from(weights: &[usize]) -> usize {
    if weights.iter().sum::<usize>() >= CHUNK_TEXT {
        return 0;
    }
    let mut from = weights.len() - 1;
    loop {
        let merged = size(weights[from..].iter().sum());
        let before = || weights[..from].iter().rev().map(|&weight| size(weight));
        let smaller = before().take_while(|&size| size < merged).count();
        let alike = before().skip(smaller).take_while(|&size| size == merged).count();
        match if alike + 1 >= FAN { smaller + alike } else { smaller } {
            0 => return from,
            more => from -= more,
        }
    }
}

/// Which of the sizes a chunk has; each is [`FAN`] times the one before.
fn size(weight: usize) -> u32 {
    (weight / SMALLEST).max(1).ilog(FAN)
}

/// Whether merging would gain nothing any more.
fn is_full(lines: &Lines) -> bool {
    weight(lines) >= CHUNK_TEXT / 4 * 3
}

/// Bytes of text, and a share for each line, so that a full chunk has at most [`CHUNK_LINES`].
fn weight(lines: &Lines) -> usize {
    lines.text().len().max(lines.len() * (CHUNK_TEXT / CHUNK_LINES))
}

#[cfg(test)]
mod tests {
    use super::{Tail, merged_from};
    use crate::logs::{
        chunk::{CHUNK_LINES, CHUNK_TEXT},
        lines::{Lines, Mark},
    };
    use proptest::prelude::*;
    use rstest::rstest;
    use std::collections::BTreeMap;
    use types::log::LogStream;

    #[rstest]
    #[case::first(&[100], 0)]
    #[case::few(&[100, 100], 1)]
    #[case::eight(&[100; 8], 0)]
    #[case::carry(&[9000, 100, 100, 100, 100, 100, 100, 100, 100], 1)]
    #[case::carry_twice(&[1100, 1100, 1100, 1100, 1100, 1100, 1100, 140, 140, 140, 140, 140, 140, 140, 140], 0)]
    #[case::smaller_before(&[9000, 100, 100, 2000], 1)]
    #[case::large_group_alone(&[100, 300_000], 0)]
    #[case::enough_for_a_chunk(&[200_000, 50_000, 20_000], 0)]
    fn merges(#[case] weights: &[usize], #[case] from: usize) {
        assert_eq!(merged_from(weights), from);
    }

    proptest! {
        /// Follows the writes as a database would: all lines are there once, and few chunks are small.
        #[test]
        fn nothing_is_lost_or_doubled(groups in prop::collection::vec((1..400_usize, 0..3000_usize), 1..120)) {
            let mut tail = Tail::starting_at(1);
            let mut stored: BTreeMap<u64, Lines> = BTreeMap::new();
            let mut all = Lines::starting_at(1);
            for (lines, length) in groups {
                let mut group = Lines::starting_at(all.next());
                for line in 0..lines {
                    let mark = Mark { at: 0, step: 0, stream: LogStream::Stdout, cont: false };
                    group.push(mark, &format!("{line}{}", "x".repeat(length * line % 977)));
                }
                all.extend(&group);
                let rewrite = tail.add(&group);
                stored.retain(|&first, _| first < rewrite.from);
                stored.extend(rewrite.chunks.into_iter().map(|chunk| (chunk.first(), chunk)));
            }
            let mut read = Lines::starting_at(1);
            stored.values().for_each(|chunk| read.extend(chunk));
            prop_assert_eq!(&read, &all);
            prop_assert!(stored.values().all(|chunk| chunk.text().len() <= CHUNK_TEXT && chunk.len() <= CHUNK_LINES));
            prop_assert!(stored.values().filter(|chunk| !super::is_full(chunk)).count() <= 4 * 8);
        }
    }
}
