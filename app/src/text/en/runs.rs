//! Words of runs.

use super::plural;
use types::run::{ItemStatus, OnFailure, PhaseName, Run, RunKind, RunStatus, Trigger, WaitKind};

words! {
    about_this_run = "About this run";
    build_run = "Build";
    cancel_and_roll_back = "Cancel and roll back";
    cancel_run = "Cancel run";
    from_to = "From, to";
    item = "Item";
    no_proof = "Takes effect later";
    no_runs_yet = "No runs yet. Choose a version on a pipeline page and press Run.";
    of_run = "Of run";
    on_failure = "On failure";
    proof = "Proof";
    requested = "Requested";
    retried_by = "Retried by another run";
    retry_what_failed = "Retry failed";
    undo_changes = "Undo changes";
    undone_by = "Undone by another run";
    service_map_column = "Service map";
}

pub(crate) fn run_kind(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Deploy => "Deploy",
        RunKind::Restart => "Restart",
        RunKind::Rollback => "Roll back",
        RunKind::Undo => "Undo",
        RunKind::Retry => "Retry",
    }
}

/// The note, else what the run does.
pub(crate) fn run_name(run: &Run) -> String {
    if let Some(note) = &run.note {
        return note.clone();
    }
    let kind = run_kind(run.kind);
    match run.items.as_slice() {
        [item] => format!("{kind} {}", item.task.workload),
        items => format!("{kind} {}", plural(items.len() as u64, "task", "tasks")),
    }
}

/// The run that this one follows from.
pub(crate) fn of_which(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Undo => "Undoes a run",
        RunKind::Retry => "Retries a run",
        RunKind::Deploy | RunKind::Restart | RunKind::Rollback => "Follows a run",
    }
}

pub(crate) fn reverted_by(by: &str) -> String {
    format!("Put back by {by}")
}

/// `web runs 1.27.3`, `Deploy web failed`
pub(crate) fn run_ended(run: &Run) -> String {
    let word = run_status(run.status).to_lowercase();
    match (run.status, run.items.as_slice()) {
        (RunStatus::Succeeded, [item]) => {
            let tag = item.to.as_ref().and_then(|image| image.tag.as_deref());
            match tag {
                Some(tag) => format!("{} runs {tag}", item.task.workload),
                None => format!("{} {word}", run_name(run)),
            }
        }
        _ => format!("{} {word}", run_name(run)),
    }
}

/// `web/app to 1.27.3, api/api to 2.4-00043, 2 more`
pub(crate) fn items_of(run: &Run) -> String {
    const NAMED: usize = 3;
    let named = run.items.iter().take(NAMED).map(|item| {
        let tag =
            item.to.as_ref().and_then(|image| image.tag.as_ref()).map(|tag| format!(" to {tag}")).unwrap_or_default();
        format!("{}/{}{tag}", item.task.workload, item.task.container)
    });
    let more = run.items.len().saturating_sub(NAMED);
    named.chain((more > 0).then(|| format!("{more} more"))).collect::<Vec<_>>().join(", ")
}

pub(crate) fn run_status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Queued => "Queued",
        RunStatus::Running => "Running",
        RunStatus::Canceling => "Canceling",
        RunStatus::Undoing => "Undoing",
        RunStatus::Succeeded => "Succeeded",
        RunStatus::Failed => "Failed",
        RunStatus::Canceled => "Canceled",
        RunStatus::Undone => "Undone",
    }
}

/// Why an item was left out: a known word, or a sentence of the server.
pub(crate) fn item_reason(reason: String) -> String {
    match reason.as_str() {
        "same_version" => "it runs already".to_owned(),
        "earlier_failure" => "an earlier task failed".to_owned(),
        _ => reason,
    }
}

pub(crate) fn item_status(status: ItemStatus) -> &'static str {
    match status {
        ItemStatus::Queued => "Queued",
        ItemStatus::Building => "Building",
        ItemStatus::Applying => "Applying",
        ItemStatus::Rolling => "Rolling",
        ItemStatus::Undoing => "Undoing",
        ItemStatus::Succeeded => "Succeeded",
        ItemStatus::Failed => "Failed",
        ItemStatus::Canceled => "Canceled",
        ItemStatus::Skipped => "Skipped",
        ItemStatus::Superseded => "Superseded",
        ItemStatus::Undone => "Undone",
    }
}

/// After a number: `3 succeeded`.
pub(crate) fn item_status_count(status: ItemStatus) -> &'static str {
    status.as_str()
}

pub(crate) fn phase_done(phase: PhaseName) -> &'static str {
    match phase {
        PhaseName::Queued => "Waited",
        PhaseName::Building => "Built",
        PhaseName::Applying => "Applied",
        PhaseName::Rolling => "Rolled out",
        PhaseName::Undoing => "Undone",
    }
}

pub(crate) fn phase_now(phase: PhaseName) -> &'static str {
    match phase {
        PhaseName::Queued => "Waiting",
        PhaseName::Building => "Building",
        PhaseName::Applying => "Applying",
        PhaseName::Rolling => "Rolling",
        PhaseName::Undoing => "Undoing",
    }
}

pub(crate) fn phase_short(phase: PhaseName) -> &'static str {
    match phase {
        PhaseName::Queued => "wait",
        PhaseName::Building => "build",
        PhaseName::Applying => "apply",
        PhaseName::Rolling => "roll",
        PhaseName::Undoing => "undo",
    }
}

pub(crate) fn waits_for(kind: WaitKind) -> &'static str {
    match kind {
        WaitKind::Build => "waits for its build",
        WaitKind::Wave => "waits for the wave before",
        WaitKind::Workload => "waits for another run of this workload",
        WaitKind::Slot => "waits for its turn",
        WaitKind::Cluster => "waits for the cluster",
        WaitKind::Hold => "waits until the hold is lifted",
    }
}

pub(crate) fn pods_run(proven: u32, pods: u32) -> String {
    format!("{proven}/{pods} pods run")
}

pub(crate) fn unverified(proven: u32, pods: u32) -> String {
    format!("{proven}/{pods} pods proven")
}

pub(crate) fn contradicted(proven: u32, pods: u32) -> String {
    format!("Only {proven}/{pods} pods run")
}

pub(crate) fn by_whom(by: &str) -> String {
    format!("by {by}")
}

pub(crate) fn requested_by(by: &str, trigger: Trigger) -> String {
    match trigger {
        Trigger::User => format!("by {by}"),
        Trigger::Token => format!("by {by}, over REST"),
        Trigger::Schedule => format!("by schedule {by}"),
        Trigger::Policy => format!("by the policy of {by}"),
        Trigger::Registry => format!("by a push to {by}"),
        Trigger::Git => format!("by a commit, {by}"),
    }
}

pub(crate) fn on_failure_words(rule: OnFailure) -> &'static str {
    match rule {
        OnFailure::Stop => "later tasks do not start",
        OnFailure::Continue => "continue with the others",
        OnFailure::Undo => "undo everything this run changed",
    }
}
