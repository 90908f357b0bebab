//! The state of a run, derived from its items and two stored facts.

use super::item::SAME_VERSION;
use types::run::{ItemStatus, RunStatus};

/// What of an item decides the state of its run.
#[derive(Clone, Copy, Debug)]
pub struct ItemFacts<'a> {
    pub status: ItemStatus,
    pub reason: Option<&'a str>,
    /// It changed an image.
    pub changed: bool,
    /// It has still to go back (`undo::is_due`).
    pub due: bool,
}

/// The two facts that are stored with a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunFacts {
    pub cancel_requested: bool,
    pub undo_triggered: bool,
}

/// Where a run stands.
pub fn status(items: &[ItemFacts<'_>], facts: RunFacts) -> RunStatus {
    if is_settled(items) {
        return settled(items, facts);
    }
    if facts.undo_triggered {
        RunStatus::Undoing
    } else if facts.cancel_requested {
        RunStatus::Canceling
    } else if items.iter().all(|item| item.status == ItemStatus::Queued) {
        RunStatus::Queued
    } else {
        RunStatus::Running
    }
}

/// Whether nothing follows of itself any more.
pub fn is_settled(items: &[ItemFacts<'_>]) -> bool {
    items.iter().all(|item| item.status.is_final() && !item.due)
}

fn settled(items: &[ItemFacts<'_>], facts: RunFacts) -> RunStatus {
    let any = |status: ItemStatus| items.iter().any(|item| item.status == status);
    if facts.undo_triggered && any(ItemStatus::Undone) {
        let left = items.iter().any(|item| item.changed && item.status != ItemStatus::Undone);
        return if left { RunStatus::Failed } else { RunStatus::Undone };
    }
    if items.iter().all(succeeded) {
        RunStatus::Succeeded
    } else if any(ItemStatus::Failed) {
        RunStatus::Failed
    } else if any(ItemStatus::Canceled) {
        RunStatus::Canceled
    } else {
        RunStatus::Failed
    }
}

fn succeeded(item: &ItemFacts<'_>) -> bool {
    match item.status {
        ItemStatus::Succeeded => true,
        ItemStatus::Skipped => item.reason == Some(SAME_VERSION),
        ItemStatus::Queued
        | ItemStatus::Building
        | ItemStatus::Applying
        | ItemStatus::Rolling
        | ItemStatus::Undoing
        | ItemStatus::Failed
        | ItemStatus::Canceled
        | ItemStatus::Superseded
        | ItemStatus::Undone => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{ItemFacts, RunFacts, status};
    use rstest::rstest;
    use types::run::{
        ItemStatus::{
            self, Building, Canceled, Failed, Queued, Rolling, Skipped, Succeeded, Superseded, Undoing, Undone,
        },
        RunStatus,
    };

    const NOTHING: RunFacts = RunFacts { cancel_requested: false, undo_triggered: false };
    const CANCEL: RunFacts = RunFacts { cancel_requested: true, undo_triggered: false };
    const UNDO: RunFacts = RunFacts { cancel_requested: false, undo_triggered: true };

    #[rstest]
    #[case(&[Queued, Queued], NOTHING, RunStatus::Queued)]
    #[case(&[Queued, Building], NOTHING, RunStatus::Running)]
    #[case(&[Succeeded, Queued], NOTHING, RunStatus::Running)]
    #[case(&[Succeeded, Rolling], CANCEL, RunStatus::Canceling)]
    #[case(&[Undoing, Failed], UNDO, RunStatus::Undoing)]
    #[case(&[Succeeded, Succeeded], NOTHING, RunStatus::Succeeded)]
    #[case(&[Succeeded, Succeeded], CANCEL, RunStatus::Succeeded)]
    #[case(&[Succeeded, Failed], NOTHING, RunStatus::Failed)]
    #[case(&[Succeeded, Superseded], NOTHING, RunStatus::Failed)]
    #[case(&[Canceled, Failed], CANCEL, RunStatus::Failed)]
    #[case(&[Succeeded, Canceled], CANCEL, RunStatus::Canceled)]
    #[case(&[Undone, Undone], UNDO, RunStatus::Undone)]
    #[case(&[Undone, Failed], UNDO, RunStatus::Failed)]
    fn table(#[case] items: &[ItemStatus], #[case] facts: RunFacts, #[case] expected: RunStatus) {
        let items: Vec<_> =
            items.iter().map(|&status| ItemFacts { status, reason: None, changed: true, due: false }).collect();
        assert_eq!(status(&items, facts), expected);
    }

    #[rstest]
    #[case("same_version", RunStatus::Succeeded)]
    #[case("earlier_failure", RunStatus::Failed)]
    #[case("tag_not_found", RunStatus::Failed)]
    fn skipped_is_success_only_for_the_same_version(#[case] reason: &str, #[case] expected: RunStatus) {
        let done = ItemFacts { status: Succeeded, reason: None, changed: true, due: false };
        let skipped = ItemFacts { status: Skipped, reason: Some(reason), changed: false, due: false };
        assert_eq!(status(&[done, skipped], NOTHING), expected);
    }

    #[test]
    fn is_not_settled_before_it_has_gone_back() {
        let due = ItemFacts { status: Succeeded, reason: None, changed: true, due: true };
        let failed = ItemFacts { status: Failed, reason: None, changed: false, due: false };
        assert_eq!(status(&[due, failed], UNDO), RunStatus::Undoing);
        assert_eq!(status(&[due, failed], NOTHING), RunStatus::Running);
    }

    #[test]
    fn an_unchanged_item_need_not_be_undone() {
        let undone = ItemFacts { status: Undone, reason: None, changed: true, due: false };
        let failed = ItemFacts { status: Failed, reason: None, changed: false, due: false };
        assert_eq!(status(&[undone, failed], UNDO), RunStatus::Undone);
    }
}
