//! When a run goes back by itself, and in which order: the reverse of its waves.

use types::run::{ItemStatus, OnFailure};

/// What of an item decides whether it goes back.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub wave: i32,
    pub status: ItemStatus,
    /// It changed an image, and knows what was there before.
    pub can_go_back: bool,
    /// It went back, or tried to.
    pub tried: bool,
    /// It failed because its deadline has passed.
    pub late: bool,
    /// It goes back by itself when its deadline passes.
    pub on_deadline: bool,
}

/// Whether an item that ended keeps what has not begun from beginning.
pub fn stops(status: ItemStatus) -> bool {
    match status {
        ItemStatus::Failed | ItemStatus::Canceled | ItemStatus::Superseded | ItemStatus::Undone => true,
        ItemStatus::Queued
        | ItemStatus::Building
        | ItemStatus::Applying
        | ItemStatus::Rolling
        | ItemStatus::Undoing
        | ItemStatus::Succeeded
        | ItemStatus::Skipped => false,
    }
}

/// Whether the run's own policy sends it back.
pub fn triggers(policy: OnFailure, items: &[Facts]) -> bool {
    match policy {
        OnFailure::Undo => items.iter().any(|item| stops(item.status)),
        OnFailure::Stop | OnFailure::Continue => false,
    }
}

/// Whether an item has still to go back.
pub fn is_due(item: &Facts, triggered: bool) -> bool {
    let ended = match item.status {
        ItemStatus::Succeeded | ItemStatus::Failed | ItemStatus::Canceled => true,
        ItemStatus::Queued
        | ItemStatus::Building
        | ItemStatus::Applying
        | ItemStatus::Rolling
        | ItemStatus::Undoing
        | ItemStatus::Skipped
        | ItemStatus::Superseded
        | ItemStatus::Undone => false,
    };
    ended && item.can_go_back && !item.tried && (triggered || item.on_deadline && item.late)
}

/// Places of the items that go back now.
pub fn now(items: &[Facts], triggered: bool) -> Vec<usize> {
    let at_work = |item: &Facts| matches!(item.status, ItemStatus::Applying | ItemStatus::Rolling);
    if triggered && items.iter().any(at_work) {
        return Vec::new();
    }
    let going = |item: &&Facts| item.status == ItemStatus::Undoing || is_due(item, triggered);
    let highest = items.iter().filter(going).map(|item| item.wave).max();
    let due = items.iter().enumerate().filter(|(_, item)| is_due(item, triggered));
    due.filter(|(_, item)| !triggered || Some(item.wave) == highest).map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::{Facts, is_due, now, triggers};
    use rstest::rstest;
    use types::run::{
        ItemStatus::{self, Canceled, Failed, Queued, Rolling, Skipped, Succeeded, Superseded, Undoing, Undone},
        OnFailure,
    };

    fn item(wave: i32, status: ItemStatus) -> Facts {
        Facts { wave, status, can_go_back: true, tried: false, late: false, on_deadline: false }
    }

    #[rstest]
    #[case::last_wave_first(&[item(1, Succeeded), item(2, Failed)], &[1])]
    #[case::the_wave_together(&[item(1, Succeeded), item(2, Failed), item(2, Succeeded)], &[1, 2])]
    #[case::when_all_have_stopped(&[item(1, Succeeded), item(2, Failed), item(2, Rolling)], &[])]
    #[case::after_the_wave_behind(&[item(1, Succeeded), item(2, Undoing)], &[])]
    #[case::then_the_one_before(&[item(1, Succeeded), Facts { tried: true, ..item(2, Undone) }], &[0])]
    #[case::a_failed_undo_ends_nothing(&[item(1, Succeeded), Facts { tried: true, ..item(2, Failed) }], &[0])]
    #[case::what_changed_nothing_stays(&[item(1, Succeeded), Facts { can_go_back: false, ..item(2, Failed) }], &[0])]
    #[case::what_others_took_stays(&[item(1, Canceled), item(2, Superseded)], &[0])]
    #[case::nothing(&[item(1, Skipped)], &[])]
    fn in_reverse_order(#[case] items: &[Facts], #[case] expected: &[usize]) {
        assert_eq!(now(items, true), expected);
    }

    #[rstest]
    #[case(OnFailure::Undo, Failed, true)]
    #[case(OnFailure::Undo, Superseded, true)]
    #[case(OnFailure::Undo, Succeeded, false)]
    #[case(OnFailure::Undo, Queued, false)]
    #[case(OnFailure::Stop, Failed, false)]
    #[case(OnFailure::Continue, Failed, false)]
    fn by_policy(#[case] policy: OnFailure, #[case] status: ItemStatus, #[case] expected: bool) {
        assert_eq!(triggers(policy, &[item(1, Succeeded), item(1, status)]), expected);
    }

    #[rstest]
    #[case(true, true, true)]
    #[case(true, false, false)]
    #[case(false, true, false)]
    fn by_itself_at_the_deadline(#[case] on_deadline: bool, #[case] late: bool, #[case] due: bool) {
        let late = Facts { late, on_deadline, ..item(1, Failed) };
        assert_eq!(is_due(&late, false), due);
        assert_eq!(now(&[late, item(1, Rolling)], false).len(), usize::from(due));
    }
}
