//! The queue of a workload: one group of items at a time, in the order of request; a rollback goes to its head.

use types::run::ItemStatus;
use uuid::Uuid;

/// An item of a workload's queue.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub rollback: bool,
    /// Runs are numbered in the order of request.
    pub run: Uuid,
    pub status: ItemStatus,
    /// The patch that goes back was taken, where it goes back.
    pub back_patched: bool,
    /// It stands aside until a hold is lifted.
    pub held: bool,
}

/// What an item of another run means to one whose turn may have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Free,
    /// The other comes first, or its patch is on its way.
    Waits,
    /// The other rolls, and gives way.
    Overtakes,
}

/// How `me`, which is queued, stands to an item of another run for the same workload.
pub fn relation(me: Place, other: Place) -> Relation {
    let gives_way = if me.rollback { Relation::Overtakes } else { Relation::Waits };
    match other.status {
        ItemStatus::Queued | ItemStatus::Building => {
            let before = (!other.rollback, other.run) < (!me.rollback, me.run);
            if before && !other.held { Relation::Waits } else { Relation::Free }
        }
        ItemStatus::Applying => Relation::Waits,
        ItemStatus::Undoing if !other.back_patched => Relation::Waits,
        ItemStatus::Rolling | ItemStatus::Undoing => gives_way,
        ItemStatus::Succeeded
        | ItemStatus::Failed
        | ItemStatus::Canceled
        | ItemStatus::Skipped
        | ItemStatus::Superseded
        | ItemStatus::Undone => Relation::Free,
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Relation, relation};
    use rstest::rstest;
    use types::run::ItemStatus::{self, Applying, Building, Queued, Rolling, Succeeded, Undoing};
    use uuid::Uuid;

    fn place(run: u128, rollback: bool, status: ItemStatus) -> Place {
        Place { rollback, run: Uuid::from_u128(run), status, back_patched: true, held: false }
    }

    #[rstest]
    #[case::earlier(place(2, false, Queued), place(1, false, Queued), Relation::Waits)]
    #[case::later(place(2, false, Queued), place(3, false, Queued), Relation::Free)]
    #[case::earlier_builds(place(2, false, Queued), place(1, false, Building), Relation::Waits)]
    #[case::later_is_at_work(place(2, false, Queued), place(3, true, Rolling), Relation::Waits)]
    #[case::behind_a_rollback(place(2, false, Queued), place(3, true, Queued), Relation::Waits)]
    #[case::rollback_passes_queued(place(2, true, Queued), place(1, false, Queued), Relation::Free)]
    #[case::rollback_overtakes(place(2, true, Queued), place(1, false, Rolling), Relation::Overtakes)]
    #[case::rollback_overtakes_an_undo(place(2, true, Queued), place(1, false, Undoing), Relation::Overtakes)]
    #[case::a_patch_is_never_overtaken(place(2, true, Queued), place(1, false, Applying), Relation::Waits)]
    #[case::rollbacks_in_order(place(2, true, Queued), place(1, true, Queued), Relation::Waits)]
    #[case::ended(place(2, false, Queued), place(1, false, Succeeded), Relation::Free)]
    fn between_two(#[case] me: Place, #[case] other: Place, #[case] expected: Relation) {
        assert_eq!(relation(me, other), expected);
    }

    #[test]
    fn what_stands_behind_a_hold_lets_others_pass() {
        let held = Place { held: true, ..place(1, false, Queued) };
        assert_eq!(relation(place(2, false, Queued), held), Relation::Free);
    }

    #[test]
    fn a_patch_that_goes_back_is_never_overtaken() {
        let other = Place { back_patched: false, ..place(1, false, Undoing) };
        assert_eq!(relation(place(2, true, Queued), other), Relation::Waits);
    }
}
