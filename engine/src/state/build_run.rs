//! The states of a build run.

use types::build_run::{BuildCause, BuildRunStatus};

/// What happens to a build run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A slot is free, the engine is up, the disk reserve is kept.
    Started,
    /// All steps that are on succeeded and the digest is confirmed.
    Finished,
    Failed(BuildCause),
    Cancel,
    /// What ran for it is known to be gone.
    ConfirmedGone,
    /// It is not known to be gone after the time for that is over; the reaper goes on.
    NotConfirmed,
    /// The engine did not answer for a day (queued) or ten minutes (running).
    EngineGone,
    /// Slipway came back and can go on with it, or start its step again.
    TakenUp,
}

/// Where an event leads; none: it cannot come in this state.
pub fn next(from: BuildRunStatus, event: Event) -> Option<BuildRunStatus> {
    use BuildRunStatus::{Canceled, Canceling, Failed, Queued, Running, Succeeded};
    match (from, event) {
        (Queued, Event::Started) | (Running, Event::TakenUp) => Some(Running),
        (Queued, Event::Cancel) => Some(Canceled),
        (Queued | Running, Event::EngineGone) | (Queued | Running, Event::Failed(_)) => Some(Failed),
        (Running, Event::Finished) => Some(Succeeded),
        (Running, Event::Cancel) => Some(Canceling),
        (Canceling, Event::ConfirmedGone | Event::NotConfirmed) => Some(Canceled),
        // The push had already succeeded: the cancel came too late.
        (Canceling, Event::Finished) => Some(Succeeded),
        (Canceling, Event::Failed(_) | Event::EngineGone) => Some(Canceled),
        (Canceling, Event::TakenUp | Event::Cancel) => Some(Canceling),
        (Queued, Event::Finished | Event::ConfirmedGone | Event::NotConfirmed | Event::TakenUp)
        | (Running, Event::Started | Event::ConfirmedGone | Event::NotConfirmed)
        | (Canceling, Event::Started)
        | (Succeeded | Failed | Canceled, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, next};
    use rstest::rstest;
    use types::build_run::{
        BuildCause,
        BuildRunStatus::{self, Canceled, Canceling, Failed, Queued, Running, Succeeded},
    };

    #[rstest]
    #[case(Queued, Event::Started, Some(Running))]
    #[case(Queued, Event::Cancel, Some(Canceled))]
    #[case(Queued, Event::EngineGone, Some(Failed))]
    #[case(Queued, Event::Finished, None)]
    #[case(Running, Event::Finished, Some(Succeeded))]
    #[case(Running, Event::Failed(BuildCause::StepFailed), Some(Failed))]
    #[case(Running, Event::Failed(BuildCause::Timeout), Some(Failed))]
    #[case(Running, Event::Failed(BuildCause::LogTooLarge), Some(Failed))]
    #[case(Running, Event::Failed(BuildCause::Interrupted), Some(Failed))]
    #[case(Running, Event::EngineGone, Some(Failed))]
    #[case(Running, Event::TakenUp, Some(Running))]
    #[case(Running, Event::Cancel, Some(Canceling))]
    #[case(Running, Event::Started, None)]
    #[case(Canceling, Event::ConfirmedGone, Some(Canceled))]
    #[case(Canceling, Event::NotConfirmed, Some(Canceled))]
    #[case(Canceling, Event::Finished, Some(Succeeded))]
    #[case(Canceling, Event::Cancel, Some(Canceling))]
    #[case(Succeeded, Event::Cancel, None)]
    #[case(Failed, Event::Started, None)]
    #[case(Canceled, Event::Finished, None)]
    fn table(#[case] from: BuildRunStatus, #[case] event: Event, #[case] to: Option<BuildRunStatus>) {
        assert_eq!(next(from, event), to);
    }
}
