//! The one time axis of a run: three stretches of a round length that hold all of it.

/// Round lengths of a third, in milliseconds.
const STEPS: [u64; 16] = [
    1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000, 1_800_000, 3_600_000,
    7_200_000, 14_400_000, 28_800_000,
];

/// Length of a third of the axis for a run of `ms`.
pub(crate) fn third(ms: u64) -> u64 {
    STEPS.into_iter().find(|step| step * 3 >= ms).unwrap_or(ms.div_ceil(3))
}

#[cfg(test)]
mod tests {
    use super::third;
    use rstest::rstest;

    #[rstest]
    #[case(0, 1_000)]
    #[case(3_000, 1_000)]
    #[case(3_001, 2_000)]
    #[case(168_000, 60_000)]
    #[case(90_000_000, 30_000_000)]
    fn holds_the_run(#[case] ms: u64, #[case] step: u64) {
        assert_eq!(third(ms), step);
    }
}
