//! What is said when a run that this reader started has ended.

use crate::{
    components::{run::actions::is_changed, state},
    text,
};
use types::run::{Run, RunKind, RunStatus};
use uuid::Uuid;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Toast {
    pub(crate) run: Uuid,
    pub(crate) words: String,
    pub(crate) look: state::Look,
    /// Whether one press takes back what the run did.
    pub(crate) undo: bool,
}

/// Nothing unless the run has ended just now, and by this reader's hand.
pub(crate) fn of_run(before: Option<&Run>, after: &Run, reader: Option<&str>) -> Option<Toast> {
    let ended = before.is_some_and(|before| !before.status.is_settled()) && after.status.is_settled();
    if !ended || reader != Some(after.requested_by.as_str()) {
        return None;
    }
    let undo = match after.status {
        RunStatus::Succeeded | RunStatus::Failed | RunStatus::Canceled => after.items.iter().any(is_changed),
        RunStatus::Queued | RunStatus::Running | RunStatus::Canceling | RunStatus::Undoing | RunStatus::Undone => false,
    };
    Some(Toast {
        run: after.id,
        words: text::run_ended(after),
        look: state::of_run(after.status),
        undo: undo && after.kind != RunKind::Undo,
    })
}
