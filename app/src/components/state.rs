//! A state is a word and, when it needs a look, an icon with its own outline; colour repeats it.

use super::icon::icon;
use crate::components::any::view;
use leptos::prelude::*;
use types::{
    build_run::{BuildRunStatus, StepStatus},
    run::{ItemStatus, RunStatus},
    task::WorkloadStatus,
};

/// How a state is drawn: tone and icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) tone: &'static str,
    pub(crate) icon: &'static str,
}

pub(crate) const OK: Look = Look { tone: "ok", icon: "ok" };
pub(crate) const PROVEN: Look = Look { tone: "ok", icon: "audit" };
pub(crate) const BUSY: Look = Look { tone: "busy", icon: "busy" };
pub(crate) const HELD: Look = Look { tone: "held", icon: "held" };
pub(crate) const WARN: Look = Look { tone: "warn", icon: "warn" };
pub(crate) const BAD: Look = Look { tone: "bad", icon: "failed" };
pub(crate) const QUEUED: Look = Look { tone: "off", icon: "queued" };
pub(crate) const SKIPPED: Look = Look { tone: "off", icon: "skipped" };
pub(crate) const CANCELED: Look = Look { tone: "off", icon: "canceled" };
pub(crate) const STOPPED: Look = Look { tone: "off", icon: "stopped" };
pub(crate) const UNDONE: Look = Look { tone: "off", icon: "undo" };

/// A state with its words.
pub(crate) fn state(look: Look, words: impl IntoAny) -> AnyView {
    let words = words.into_any();
    view! { <span class="state" data-state=look.tone>{icon(look.icon)}{words}</span> }
}

/// A state that is shown by its icon and read out by its words.
pub(crate) fn bare_state(look: Look, words: String) -> AnyView {
    view! {
        <span class="state" data-state=look.tone>{icon(look.icon)}<span class="hidden-text">{words}</span></span>
    }
}

pub(crate) fn of_workload(status: WorkloadStatus) -> Look {
    match status {
        WorkloadStatus::Running => OK,
        WorkloadStatus::Updating => BUSY,
        WorkloadStatus::Stopped => STOPPED,
        WorkloadStatus::Failed => BAD,
        WorkloadStatus::Suspended => STOPPED,
        WorkloadStatus::Unknown => QUEUED,
    }
}

pub(crate) fn of_build_run(status: BuildRunStatus) -> Look {
    match status {
        BuildRunStatus::Queued => QUEUED,
        BuildRunStatus::Running | BuildRunStatus::Canceling => BUSY,
        BuildRunStatus::Succeeded => OK,
        BuildRunStatus::Failed => BAD,
        BuildRunStatus::Canceled => CANCELED,
    }
}

pub(crate) fn of_step(status: StepStatus) -> Look {
    match status {
        StepStatus::Waiting => QUEUED,
        StepStatus::Running | StepStatus::Canceling => BUSY,
        StepStatus::Succeeded => OK,
        StepStatus::Failed => BAD,
        StepStatus::Canceled => CANCELED,
        StepStatus::Skipped => SKIPPED,
    }
}

pub(crate) fn of_item(status: ItemStatus) -> Look {
    match status {
        ItemStatus::Queued => QUEUED,
        ItemStatus::Building | ItemStatus::Applying | ItemStatus::Rolling | ItemStatus::Undoing => BUSY,
        ItemStatus::Succeeded => OK,
        ItemStatus::Failed => BAD,
        ItemStatus::Canceled => CANCELED,
        ItemStatus::Skipped | ItemStatus::Superseded => SKIPPED,
        ItemStatus::Undone => UNDONE,
    }
}

pub(crate) fn of_run(status: RunStatus) -> Look {
    match status {
        RunStatus::Queued => QUEUED,
        RunStatus::Running | RunStatus::Canceling | RunStatus::Undoing => BUSY,
        RunStatus::Succeeded => OK,
        RunStatus::Failed => BAD,
        RunStatus::Canceled => CANCELED,
        RunStatus::Undone => UNDONE,
    }
}
