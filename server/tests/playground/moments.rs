//! Random moments, which can be had again.

use rand::{Rng, SeedableRng, rngs::StdRng};
use std::time::Duration;

/// Set to a seed that was printed, the moments are those of that time.
const AGAIN: &str = "SLIPWAY_TEST_SEED";

pub(crate) struct Moments(StdRng);

impl Moments {
    pub(crate) fn new(of: &str) -> Self {
        let said = std::env::var(AGAIN).ok().and_then(|seed| seed.parse().ok());
        let seed = said.unwrap_or_else(|| rand::rng().random());
        eprintln!("{of}: moments of {AGAIN}={seed}");
        Self(StdRng::seed_from_u64(seed))
    }

    /// One of the moments of a stretch.
    pub(crate) fn within(&mut self, stretch: Duration) -> Duration {
        stretch.mul_f64(self.0.random())
    }
}
