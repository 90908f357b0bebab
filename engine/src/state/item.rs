//! The states of an item of a run: the whole table, also where an event cannot come yet.

use types::run::{Cause, ItemStatus, ProofState};

/// What happens to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its build run was made or joined.
    BuildJoined,
    BuildSucceeded,
    BuildFailed,
    BuildCanceled,
    /// Wave and lock are reached.
    Turn(Turn),
    /// An item before it failed, under `stop` or `undo`.
    EarlierFailure,
    /// A newer automatic item of the same task came.
    NewerAutomatic,
    /// The API server took the patch, or had the target already.
    Patched {
        /// There are no pods that could prove anything: CronJob, zero replicas, `OnDelete`.
        no_pods: bool,
    },
    /// A test of the patch failed and the object was read again.
    TestFailed {
        target_there: bool,
    },
    /// Refused for good.
    Refused(Cause),
    /// 409, 429, 5xx, network, a restart of Slipway.
    TryAgain,
    RolledOut(ProofState),
    /// A cause that ends the item, or the deadline.
    Ended(Cause),
    /// The template was changed by another, or a rollback overtakes.
    Overtaken,
    WorkloadGone,
    Cancel {
        rollback: bool,
    },
    /// The run's own `on_failure: undo`, or a cancel with rollback, reaches an item that changed something.
    Undo,
    OldVersionOut,
    /// Conflict, cause or deadline while going back.
    UndoEnded,
}

/// What the item finds when its turn has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Rights are gone, or it is held or frozen since.
    Refused(Cause),
    /// The live image is the target.
    AlreadyThere,
    /// The live image is neither the planned source nor what an earlier item left.
    Conflict,
    Go,
}

/// Where an event leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    pub to: ItemStatus,
    /// Why it failed.
    pub cause: Option<Cause>,
    /// The word that says why it was skipped or superseded.
    pub reason: Option<&'static str>,
}

/// The word of items that were skipped because the target already runs.
pub const SAME_VERSION: &str = "same_version";
/// The word of items that were skipped because one before them failed.
pub const EARLIER_FAILURE: &str = "earlier_failure";

/// Where an event leads; none: it cannot come in this state.
pub fn next(from: ItemStatus, event: Event) -> Option<Next> {
    use ItemStatus as S;
    match from {
        S::Queued => from_queued(event),
        S::Building => from_building(event),
        S::Applying => from_applying(event),
        S::Rolling => from_rolling(event),
        S::Undoing => match event {
            Event::OldVersionOut => to(S::Undone),
            Event::UndoEnded | Event::WorkloadGone | Event::Overtaken => failed(Cause::UndoFailed),
            _ => None,
        },
        S::Succeeded | S::Failed | S::Canceled => match event {
            Event::Undo => to(S::Undoing),
            _ => None,
        },
        S::Skipped | S::Superseded | S::Undone => None,
    }
}

fn from_queued(event: Event) -> Option<Next> {
    use ItemStatus as S;
    match event {
        Event::BuildJoined => to(S::Building),
        Event::Turn(Turn::Refused(cause)) => failed(cause),
        Event::Turn(Turn::AlreadyThere) => with_reason(S::Skipped, SAME_VERSION),
        Event::Turn(Turn::Conflict) => failed(Cause::Conflict),
        Event::Turn(Turn::Go) => to(S::Applying),
        Event::EarlierFailure => with_reason(S::Skipped, EARLIER_FAILURE),
        Event::NewerAutomatic => to(S::Superseded),
        Event::WorkloadGone => failed(Cause::WorkloadGone),
        Event::Cancel { .. } => to(S::Canceled),
        _ => None,
    }
}

fn from_building(event: Event) -> Option<Next> {
    use ItemStatus as S;
    match event {
        Event::BuildSucceeded => to(S::Queued),
        Event::BuildFailed => failed(Cause::BuildFailed),
        Event::BuildCanceled | Event::Cancel { .. } => to(S::Canceled),
        _ => None,
    }
}

fn from_applying(event: Event) -> Option<Next> {
    use ItemStatus as S;
    match event {
        Event::Patched { no_pods: true } => to(S::Succeeded),
        Event::Patched { no_pods: false } | Event::TestFailed { target_there: true } => to(S::Rolling),
        Event::TestFailed { target_there: false } => failed(Cause::Conflict),
        Event::Refused(cause) => failed(cause),
        Event::WorkloadGone => failed(Cause::WorkloadGone),
        // The patch may be on its way: a cancel is taken when it is known where it went.
        Event::TryAgain | Event::Cancel { .. } => to(S::Applying),
        _ => None,
    }
}

fn from_rolling(event: Event) -> Option<Next> {
    use ItemStatus as S;
    match event {
        Event::RolledOut(ProofState::Contradicted) => failed(Cause::DigestMismatch),
        Event::RolledOut(ProofState::Proven | ProofState::Unverified | ProofState::None) => to(S::Succeeded),
        Event::Ended(cause) => failed(cause),
        Event::WorkloadGone => failed(Cause::WorkloadGone),
        Event::Overtaken => to(S::Superseded),
        Event::Cancel { rollback: false } => to(S::Canceled),
        Event::Cancel { rollback: true } => to(S::Undoing),
        _ => None,
    }
}

fn to(to: ItemStatus) -> Option<Next> {
    Some(Next { to, cause: None, reason: None })
}

fn failed(cause: Cause) -> Option<Next> {
    Some(Next { to: ItemStatus::Failed, cause: Some(cause), reason: None })
}

fn with_reason(to: ItemStatus, reason: &'static str) -> Option<Next> {
    Some(Next { to, cause: None, reason: Some(reason) })
}

#[cfg(test)]
mod tests {
    use super::{Event, Turn, next};
    use rstest::rstest;
    use types::run::{
        Cause,
        ItemStatus::{
            self, Applying, Building, Canceled, Failed, Queued, Rolling, Skipped, Succeeded, Superseded, Undoing,
            Undone,
        },
        ProofState,
    };

    #[rstest]
    #[case(Queued, Event::BuildJoined, Building, None)]
    #[case(Building, Event::BuildSucceeded, Queued, None)]
    #[case(Building, Event::BuildFailed, Failed, Some(Cause::BuildFailed))]
    #[case(Building, Event::BuildCanceled, Canceled, None)]
    #[case(Building, Event::Cancel { rollback: false }, Canceled, None)]
    #[case(Queued, Event::Turn(Turn::Refused(Cause::Forbidden)), Failed, Some(Cause::Forbidden))]
    #[case(Queued, Event::Turn(Turn::Refused(Cause::Held)), Failed, Some(Cause::Held))]
    #[case(Queued, Event::Turn(Turn::Refused(Cause::Frozen)), Failed, Some(Cause::Frozen))]
    #[case(Queued, Event::Turn(Turn::AlreadyThere), Skipped, None)]
    #[case(Queued, Event::Turn(Turn::Conflict), Failed, Some(Cause::Conflict))]
    #[case(Queued, Event::Turn(Turn::Go), Applying, None)]
    #[case(Queued, Event::EarlierFailure, Skipped, None)]
    #[case(Queued, Event::NewerAutomatic, Superseded, None)]
    #[case(Queued, Event::Cancel { rollback: false }, Canceled, None)]
    #[case(Queued, Event::WorkloadGone, Failed, Some(Cause::WorkloadGone))]
    #[case(Applying, Event::Patched { no_pods: false }, Rolling, None)]
    #[case(Applying, Event::Patched { no_pods: true }, Succeeded, None)]
    #[case(Applying, Event::TestFailed { target_there: true }, Rolling, None)]
    #[case(Applying, Event::TestFailed { target_there: false }, Failed, Some(Cause::Conflict))]
    #[case(Applying, Event::Refused(Cause::AdmissionDenied), Failed, Some(Cause::AdmissionDenied))]
    #[case(Applying, Event::Refused(Cause::AdmissionChanged), Failed, Some(Cause::AdmissionChanged))]
    #[case(Applying, Event::Refused(Cause::ClusterForbidden), Failed, Some(Cause::ClusterForbidden))]
    #[case(Applying, Event::WorkloadGone, Failed, Some(Cause::WorkloadGone))]
    #[case(Applying, Event::TryAgain, Applying, None)]
    #[case(Applying, Event::Cancel { rollback: false }, Applying, None)]
    #[case(Rolling, Event::RolledOut(ProofState::Proven), Succeeded, None)]
    #[case(Rolling, Event::RolledOut(ProofState::Unverified), Succeeded, None)]
    #[case(Rolling, Event::RolledOut(ProofState::None), Succeeded, None)]
    #[case(Rolling, Event::RolledOut(ProofState::Contradicted), Failed, Some(Cause::DigestMismatch))]
    #[case(Rolling, Event::Ended(Cause::CrashLoop), Failed, Some(Cause::CrashLoop))]
    #[case(Rolling, Event::Ended(Cause::DeadlineExceeded), Failed, Some(Cause::DeadlineExceeded))]
    #[case(Rolling, Event::Overtaken, Superseded, None)]
    #[case(Rolling, Event::Cancel { rollback: false }, Canceled, None)]
    #[case(Rolling, Event::Cancel { rollback: true }, Undoing, None)]
    #[case(Succeeded, Event::Undo, Undoing, None)]
    #[case(Failed, Event::Undo, Undoing, None)]
    #[case(Canceled, Event::Undo, Undoing, None)]
    #[case(Undoing, Event::OldVersionOut, Undone, None)]
    #[case(Undoing, Event::UndoEnded, Failed, Some(Cause::UndoFailed))]
    #[case(Undoing, Event::WorkloadGone, Failed, Some(Cause::UndoFailed))]
    #[case(Undoing, Event::Overtaken, Failed, Some(Cause::UndoFailed))]
    fn leads_to(#[case] from: ItemStatus, #[case] event: Event, #[case] to: ItemStatus, #[case] cause: Option<Cause>) {
        let found = next(from, event).expect("a transition");
        assert_eq!((found.to, found.cause), (to, cause));
    }

    #[rstest]
    #[case(Succeeded, Event::Ended(Cause::CrashLoop))]
    #[case(Failed, Event::RolledOut(ProofState::Proven))]
    #[case(Canceled, Event::Turn(Turn::Go))]
    #[case(Skipped, Event::Undo)]
    #[case(Superseded, Event::Undo)]
    #[case(Undone, Event::Undo)]
    #[case(Queued, Event::RolledOut(ProofState::Proven))]
    #[case(Queued, Event::Patched { no_pods: false })]
    #[case(Rolling, Event::Patched { no_pods: false })]
    #[case(Rolling, Event::EarlierFailure)]
    #[case(Building, Event::Turn(Turn::Go))]
    #[case(Undoing, Event::Cancel { rollback: true })]
    fn cannot_come(#[case] from: ItemStatus, #[case] event: Event) {
        assert_eq!(next(from, event), None);
    }
}
