//! What has changed of a run since the last look, one line per item.

use std::collections::HashMap;
use types::{
    plan::{Plan, PlanItem, Wall},
    run::{Item, ItemStatus, Run},
};

/// What was told of each item last.
#[derive(Default)]
pub(super) struct Progress(HashMap<u32, String>);

impl Progress {
    /// Lines for items that changed.
    pub(super) fn lines(&mut self, run: &Run) -> Vec<String> {
        let mut lines = Vec::new();
        for item in &run.items {
            let line = item_line(item);
            if self.0.get(&item.n) != Some(&line) {
                lines.push(line.clone());
                self.0.insert(item.n, line);
            }
        }
        lines
    }
}

fn item_line(item: &Item) -> String {
    let to = item.to.as_ref().and_then(|to| to.tag.clone().or_else(|| to.digest.as_ref().map(|it| it.short().into())));
    let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
    format!("{}{to}: {}{}", item.task, item.status.as_str(), details(item))
}

/// What the state alone does not say.
fn details(item: &Item) -> String {
    if let Some(failure) = &item.failure {
        let advice = failure.advice.as_ref().map(|advice| format!(" {advice}")).unwrap_or_default();
        return format!(" ({}): {}{advice} {}", failure.code.as_str(), failure.message, item.log_url);
    }
    if let Some(trouble) = &item.trouble {
        return format!(" ({}): {}", trouble.code.as_str(), trouble.message);
    }
    if let Some(reason) = &item.reason {
        return format!(" ({reason})");
    }
    match item.status {
        ItemStatus::Rolling | ItemStatus::Undoing => match (item.ready, item.replicas) {
            (Some(ready), Some(replicas)) => format!(", {ready} of {replicas} ready"),
            (None, _) | (_, None) => String::new(),
        },
        ItemStatus::Queued => {
            item.waiting_for.as_ref().map(|wait| format!(", waits for {}", wait.kind.as_str())).unwrap_or_default()
        }
        ItemStatus::Building => {
            item.build_run.as_ref().map(|run| format!(" {} #{}", run.build, run.number)).unwrap_or_default()
        }
        ItemStatus::Succeeded => item
            .proof
            .as_ref()
            .map(|proof| format!(", {}: {} of {} pods", proof.state.as_str(), proof.pods_proven, proof.pods))
            .unwrap_or_default(),
        ItemStatus::Applying
        | ItemStatus::Failed
        | ItemStatus::Canceled
        | ItemStatus::Skipped
        | ItemStatus::Superseded
        | ItemStatus::Undone => String::new(),
    }
}

/// What a plan would do, one line per item with what blocks and what warns.
pub(super) fn plan_lines(plan: &Plan) -> Vec<String> {
    let line = |item: &PlanItem| {
        let image = |image: &Option<types::Image>| image.as_ref().map_or_else(|| "?".to_owned(), |it| it.image.clone());
        let mut line = format!("{}: {} -> {}", item.task, image(&item.from), image(&item.to));
        for wall in &item.blocked_by {
            line.push_str(&format!("\n  blocked ({}): {}", wall.code.as_str(), wall.message));
        }
        for warned in &item.warnings {
            line.push_str(&format!("\n  warning ({}): {}", warned.code.as_str(), warned.message));
        }
        for change in item.diff.config.iter().chain(&item.diff.commits) {
            line.push_str(&format!("\n  {change}"));
        }
        line
    };
    let mut lines: Vec<String> = plan.items.iter().map(line).collect();
    lines.push(format!("{} of {} would run; plan {}", plan.runnable_count, plan.items.len(), plan.plan_hash));
    lines
}

/// The item would only be skipped.
pub(super) fn already_runs(item: &PlanItem) -> bool {
    !item.blocked_by.is_empty() && item.blocked_by.iter().all(|wall| wall.code == Wall::SameVersion)
}

#[cfg(test)]
mod tests {
    use super::Progress;
    use serde_json::{Value, json};
    use types::run::Run;

    fn run(item: &Value) -> Run {
        let mut whole = json!({
            "n": 1, "task": "deployment/web/app", "wave": 1, "status": "queued", "reason": null, "changed": false,
            "version": {"tag": "2"}, "from": null, "build_run": null, "ready": null, "replicas": null,
            "to": {"image": "web:2", "repository": "r.io/web", "tag": "2", "digest": null},
            "generation": null, "proof": null, "phases": [], "waiting_for": null, "trouble": null, "failure": null,
            "log_url": "http://s/log",
        });
        for (name, value) in item.as_object().expect("members") {
            whole[name] = value.clone();
        }
        serde_json::from_value(json!({
            "id": "01990000-0000-7000-8000-000000000000", "map": "shop", "kind": "deploy", "trigger": "token",
            "of": null, "status": "running", "requested_by": "ci", "note": null, "on_failure": "stop",
            "plan_hash": "", "created_at": "2026-11-25T10:00:00.000Z", "started_at": null, "ended_at": null,
            "url": "http://s/runs/1", "retried_by": null, "undone_by": null, "reverted_by": null, "items": [whole],
        }))
        .expect("a run")
    }

    #[test]
    fn each_change_is_told_once() {
        let mut progress = Progress::default();
        let mut told = Vec::new();
        let rolling = json!({"status": "rolling", "ready": 1, "replicas": 3});
        let trouble = json!({"code": "probe_failing", "message": "readiness: 503", "evidence": [], "since": "2026-11-25T10:00:00.000Z"});
        let troubled = json!({"status": "rolling", "ready": 1, "replicas": 3, "trouble": trouble});
        let failure =
            json!({"code": "crash_loop", "message": "exited three times.", "evidence": [], "advice": "Read it."});
        let proof = json!({"state": "proven", "pods": 3, "pods_proven": 3, "why": null});
        for item in [
            json!({}),
            json!({}),
            rolling.clone(),
            rolling,
            troubled,
            json!({"status": "failed", "failure": failure}),
            json!({"status": "succeeded", "proof": proof}),
            json!({"status": "skipped", "reason": "same_version"}),
        ] {
            told.extend(progress.lines(&run(&item)));
        }
        assert_eq!(
            told,
            [
                "deployment/web/app to 2: queued",
                "deployment/web/app to 2: rolling, 1 of 3 ready",
                "deployment/web/app to 2: rolling (probe_failing): readiness: 503",
                "deployment/web/app to 2: failed (crash_loop): exited three times. Read it. http://s/log",
                "deployment/web/app to 2: succeeded, proven: 3 of 3 pods",
                "deployment/web/app to 2: skipped (same_version)",
            ]
        );
    }
}
