//! Not complete: what is wrong is shown, and ends the items by its rule or by the deadline.

use super::{Look, Seen, deadline, end_all, memory::Memory};
use crate::{
    Error,
    kube::{
        Progress,
        causes::{self, Finding},
    },
    now,
    store::{self, run_item},
    worker::{
        group::{Group, Working, failure},
        item::touch_item,
    },
};
use sea_orm::ActiveValue::Set;
use std::time::Duration;
use types::run::{Cause, Evidence, Failure, Trouble};

/// Looks for trouble, and judges it.
pub(super) async fn troubles(group: &mut Group, memory: &mut Memory, seen: Seen<'_>) -> Result<Look, Error> {
    let Seen { live, pods, progress, generation } = seen;
    let events = group.cluster.view().events_of(live);
    let scene = causes::Scene { workload: live, generation, pods, events: &events, events_known: true };
    let mut findings = causes::findings(scene);
    for finding in &mut findings {
        add_lines(group, memory, finding).await;
    }
    let verdict = memory.watchdog.judge(memory.begun.elapsed(), findings);
    memory.again_in = verdict.as_ref().and_then(|verdict| verdict.again_in);
    if let Some(verdict) = verdict.as_ref().filter(|verdict| verdict.ends) {
        return end_all(group, verdict.finding.failure()).await;
    }
    let finding = verdict.map(|verdict| verdict.finding);
    if memory.rolled() >= deadline(group) {
        return end_all(group, late(deadline(group), finding.as_ref(), memory.last_trouble.as_ref(), progress)).await;
    }
    show(group, memory, finding.as_ref(), progress).await?;
    Ok(Look::GoesOn)
}

/// The deadline has passed: of what is wrong just now, or else with the last trouble that there was.
fn late(deadline: Duration, finding: Option<&Finding>, last: Option<&Trouble>, progress: &Progress) -> Failure {
    let seconds = deadline.as_secs();
    if let Some(finding) = finding {
        return Failure {
            message: format!("Not rolled out within {seconds} s. {}", finding.message),
            at_deadline: true,
            ..finding.failure()
        };
    }
    let Progress { ready, replicas, .. } = progress;
    let message = format!("Not rolled out within {seconds} s: {ready} of {replicas} ready.");
    let message = match last {
        Some(last) => format!("{message} The last trouble was: {}", last.message),
        None => message,
    };
    let mut failure = failure(Cause::DeadlineExceeded, message);
    failure.at_deadline = true;
    failure.advice = Some("See what its pods wait for, or give it a longer deadline.".to_owned());
    failure.evidence.extend(progress.note.iter().map(|note| Evidence {
        kind: "api".to_owned(),
        name: "status".to_owned(),
        text: note.clone(),
    }));
    failure.evidence.extend(last.into_iter().flat_map(|last| last.evidence.iter().cloned()));
    failure
}

/// The last lines of a crashed container, read once for each of its exits.
async fn add_lines(group: &Group, memory: &mut Memory, finding: &mut Finding) {
    let (Some(pod), Some(container), true) = (&finding.pod, &finding.container, finding.has_log) else { return };
    let key = (pod.clone(), container.clone(), finding.count);
    if !memory.lines.contains_key(&key) {
        match group.cluster.last_lines(&group.key.namespace, pod, container).await {
            Ok(lines) => {
                memory.lines.insert(key.clone(), lines);
            }
            Err(why) => tracing::debug!(%why, pod, container, "last lines could not be read"),
        }
    }
    if let Some(lines) = memory.lines.get(&key) {
        *finding = causes::with_lines(finding.clone(), lines);
    }
}

/// Writes progress and trouble when they differ from what is shown.
async fn show(
    group: &mut Group,
    memory: &mut Memory,
    finding: Option<&Finding>,
    progress: &Progress,
) -> Result<(), Error> {
    let trouble = finding.map(|finding| {
        let known = memory.trouble.as_ref().filter(|known| known.code == finding.code);
        finding.trouble(known.map_or_else(now, |known| known.since))
    });
    if let Some(trouble) = trouble.as_ref().filter(|shown| memory.trouble.as_ref() != Some(*shown)) {
        for item in &group.items {
            item.best_effort_say(&format!("{}: {}", trouble.code.as_str(), trouble.message)).await;
        }
    }
    memory.trouble.clone_from(&trouble);
    memory.last_trouble = trouble.clone().or(memory.last_trouble.take());
    let (ready, replicas) = (i32::try_from(progress.ready).ok(), i32::try_from(progress.replicas).ok());
    let shown = trouble.as_ref().map(store::write).transpose()?;
    for at in group.places(Working::rolls)? {
        let item = &mut group.items[at];
        if item.row.ready == ready && item.row.replicas == replicas && item.row.trouble == shown {
            continue;
        }
        if item.row.ready != ready || item.row.replicas != replicas {
            item.best_effort_say(&format!("{} of {} ready", progress.ready, progress.replicas)).await;
        }
        let columns = run_item::ActiveModel {
            ready: Set(ready),
            replicas: Set(replicas),
            trouble: Set(shown.clone()),
            ..Default::default()
        };
        touch_item(&group.engine, item.row.run_id, item.row.n, columns).await?;
        item.row.ready = ready;
        item.row.replicas = replicas;
        item.row.trouble.clone_from(&shown);
    }
    Ok(())
}
