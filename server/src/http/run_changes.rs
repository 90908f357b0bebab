//! What changed between two states of a run, as events.

use serde::Serialize;
use types::run::{Item, Phase, Run, RunStatus, Trouble};

/// An event of `GET /runs/{run}/events`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum RunEvent {
    /// The run, whole: at the beginning, and when something of the run itself changed.
    Run(Box<Run>),
    /// An item, whole.
    Item(Box<Item>),
    /// An item entered a phase.
    Phase { n: u32, phase: Phase },
    /// What keeps an item from advancing; null when it healed.
    Trouble { n: u32, trouble: Option<Trouble> },
    /// Nothing follows.
    End { status: RunStatus },
}

impl RunEvent {
    pub(super) fn name(&self) -> &'static str {
        match self {
            RunEvent::Run(_) => "run",
            RunEvent::Item(_) => "item",
            RunEvent::Phase { .. } => "phase",
            RunEvent::Trouble { .. } => "trouble",
            RunEvent::End { .. } => "end",
        }
    }
}

/// The events that lead from `before` (null: nothing was told yet) to `after`.
pub(super) fn changes(before: Option<&Run>, after: &Run) -> Vec<RunEvent> {
    let mut events = Vec::new();
    match before {
        None => events.push(RunEvent::Run(Box::new(after.clone()))),
        Some(before) => {
            for item in &after.items {
                let old = before.items.iter().find(|it| it.n == item.n);
                item_changes(old, item, &mut events);
            }
            if about(before) != about(after) {
                events.push(RunEvent::Run(Box::new(after.clone())));
            }
        }
    }
    if after.status.is_settled() {
        events.push(RunEvent::End { status: after.status });
    }
    events
}

fn item_changes(before: Option<&Item>, after: &Item, events: &mut Vec<RunEvent>) {
    if before == Some(after) {
        return;
    }
    let n = after.n;
    let entered = |item: &Item| item.phases.last().map(|it| (it.phase, it.at));
    if let Some(phase) = after.phases.last().filter(|_| before.and_then(entered) != entered(after)) {
        events.push(RunEvent::Phase { n, phase: phase.clone() });
    }
    if before.and_then(|it| it.trouble.as_ref()) != after.trouble.as_ref() {
        events.push(RunEvent::Trouble { n, trouble: after.trouble.clone() });
    }
    events.push(RunEvent::Item(Box::new(after.clone())));
}

/// What of a run can change beside its items.
fn about(run: &Run) -> impl PartialEq + '_ {
    (run.status, run.started_at, run.ended_at, run.retried_by, run.undone_by, &run.reverted_by)
}

#[cfg(test)]
mod tests {
    use super::changes;
    use types::run::Run;

    fn run(status: &str, item_status: &str, phases: &[&str], trouble: bool) -> Run {
        let phases: Vec<_> = phases
            .iter()
            .map(|it| serde_json::json!({"phase": it, "at": "2026-11-25T02:30:37.120Z", "duration_ms": null}))
            .collect();
        let trouble = trouble.then(|| {
            let since = "2026-11-25T02:30:37.120Z";
            serde_json::json!({"code": "probe_failing", "message": "m", "evidence": [], "since": since})
        });
        serde_json::from_value(serde_json::json!({
            "id": "01990000-0000-7000-8000-000000000000", "map": "shop", "kind": "deploy", "trigger": "user",
            "of": null,
            "status": status, "requested_by": "mina", "note": null, "on_failure": "stop", "plan_hash": "x",
            "created_at": "2026-11-25T02:30:37.120Z", "started_at": null, "ended_at": null, "url": "u",
            "retried_by": null, "undone_by": null, "reverted_by": null,
            "items": [{"n": 1, "task": "deployment/web/app", "wave": 1, "status": item_status, "reason": null,
                "changed": false, "version": {"tag": "1"}, "from": null, "to": null, "build_run": null, "ready": null,
                "replicas": null, "generation": null, "proof": null, "phases": phases, "waiting_for": null,
                "trouble": trouble, "failure": null, "log_url": "l"}]
        }))
        .expect("a run")
    }

    fn names(before: Option<&Run>, after: &Run) -> Vec<&'static str> {
        changes(before, after).iter().map(super::RunEvent::name).collect()
    }

    #[test]
    fn tells_each_change_once() {
        let queued = run("queued", "queued", &["queued"], false);
        let rolling = run("running", "rolling", &["queued", "rolling"], false);
        let troubled = run("running", "rolling", &["queued", "rolling"], true);
        let done = run("succeeded", "succeeded", &["queued", "rolling"], false);
        assert_eq!(names(None, &queued), ["run"]);
        assert_eq!(names(Some(&queued), &queued), [""; 0]);
        assert_eq!(names(Some(&queued), &rolling), ["phase", "item", "run"]);
        assert_eq!(names(Some(&rolling), &troubled), ["trouble", "item"]);
        assert_eq!(names(Some(&troubled), &done), ["trouble", "item", "run", "end"]);
        assert_eq!(names(None, &done), ["run", "end"]);
    }
}
