//! Waiting for an engine that does not answer.

use super::{
    execute::{Work, step_number},
    step_end::StepEnd,
};
use std::time::{Duration, Instant};

/// An engine that does not answer is tried again for so long.
pub(super) const ENGINE_PATIENCE: Duration = Duration::from_secs(600);
/// The first and the longest pause between two tries.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));
/// A try that took longer had an engine that answered, and lost it.
const ANSWERED: Duration = Duration::from_secs(120);

/// How long an engine has been silent, and when it is asked again.
pub(super) struct Patience {
    /// Begin of the try under way.
    tried: Instant,
    silent: Option<Instant>,
    pause: Duration,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self { tried: Instant::now(), silent: None, pause: PAUSES.0 }
    }

    /// The pause before the next try; none where there is to be no other.
    fn failed(&mut self, now: Instant) -> Option<Duration> {
        if now.duration_since(self.tried) > ANSWERED {
            *self = Self { tried: self.tried, silent: None, pause: PAUSES.0 };
        }
        let silent = *self.silent.get_or_insert(now);
        let pause = self.pause;
        self.pause = (pause * 2).min(PAUSES.1);
        (now.duration_since(silent) <= ENGINE_PATIENCE).then_some(pause)
    }
}

impl Work {
    /// Says why the engine is tried again, and waits; an error where it is not.
    pub(super) async fn be_patient(&self, index: usize, patience: &mut Patience, why: String) -> Result<(), StepEnd> {
        let Some(pause) = patience.failed(Instant::now()) else { return Err(StepEnd::EngineUnreachable(why)) };
        let words = format!("The build engine cannot be reached ({why}). Trying again.");
        self.log.system(step_number(index), &words).await?;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.cancel.cancelled() => return Err(StepEnd::Cancelled),
            () = self.engine.stop.cancelled() => return Err(StepEnd::Stopped),
        }
        patience.tried = Instant::now();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Patience;
    use rstest::rstest;
    use std::time::{Duration, Instant};

    /// Tries that fail at these seconds, each begun when the one before had failed.
    #[rstest]
    #[case::at_once(&[1], true)]
    #[case::within_ten_minutes(&[1, 60, 120, 180, 300, 420, 540, 600], true)]
    #[case::after_ten_minutes(&[1, 60, 120, 180, 300, 420, 540, 602], false)]
    #[case::a_long_try_had_an_engine(&[1, 3600], true)]
    #[case::the_first_try_was_long(&[3600], true)]
    fn ends_after_ten_minutes_of_silence(#[case] seconds: &[u64], #[case] again: bool) {
        let mut patience = Patience::new();
        let begin = patience.tried;
        let mut last = None;
        for &second in seconds {
            let now: Instant = begin + Duration::from_secs(second);
            last = patience.failed(now);
            patience.tried = now;
        }
        assert_eq!(last.is_some(), again);
    }

    #[test]
    fn pauses_grow_to_their_longest() {
        let mut patience = Patience::new();
        let now = patience.tried;
        let pauses: Vec<u64> = (0..6).filter_map(|_| patience.failed(now)).map(|pause| pause.as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 15, 15]);
    }
}
