//! What a measurement gives: numbers in the unit of its row, and what is read from them.

/// Numbers in the unit of their row, in the order in which they were measured.
#[derive(Debug, Default)]
pub(super) struct Samples(Vec<f64>);

/// What of the samples is held against a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Statistic {
    Median,
    P99,
    /// There is one sample, which speaks for itself.
    Only,
}

impl Samples {
    pub(super) fn one(value: f64) -> Self {
        Self(vec![value])
    }

    pub(super) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// None where nothing was measured.
    pub(super) fn read(&self, statistic: Statistic) -> Option<f64> {
        match statistic {
            Statistic::Median => self.median(),
            Statistic::P99 => self.percentile(99),
            Statistic::Only => self.0.last().copied(),
        }
    }

    pub(super) fn median(&self) -> Option<f64> {
        let sorted = self.sorted();
        let (upper, lower) = (sorted.get(sorted.len() / 2)?, sorted.get((sorted.len().max(1) - 1) / 2)?);
        Some(f64::midpoint(*upper, *lower))
    }

    /// The smallest sample that so many of a hundred do not exceed: with fewer than a hundred,
    /// the 99th is the largest.
    pub(super) fn percentile(&self, of_hundred: usize) -> Option<f64> {
        let sorted = self.sorted();
        let rank = (sorted.len() * of_hundred).div_ceil(100);
        sorted.get(rank.max(1) - 1).copied()
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Samples, Statistic};

    #[test]
    fn medians_and_percentiles_are_of_the_sorted_samples() {
        let hundred: Samples = (1..=200).rev().map(f64::from).collect();
        assert_eq!(hundred.median(), Some(100.5));
        assert_eq!(hundred.percentile(99), Some(198.0));
        let three: Samples = [3.0, -1.0, 2.0].into_iter().collect();
        assert_eq!(three.median(), Some(2.0));
        assert_eq!(three.percentile(99), Some(3.0));
    }

    #[test]
    fn nothing_has_no_median() {
        for statistic in [Statistic::Median, Statistic::P99, Statistic::Only] {
            assert_eq!(Samples::default().read(statistic), None);
        }
    }
}
