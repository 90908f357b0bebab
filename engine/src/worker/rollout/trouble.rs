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
use types::run::{Cause, Failure};

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
        return end_all(group, late(group, finding.as_ref(), progress)).await;
    }
    show(group, memory, finding.as_ref(), progress).await?;
    Ok(Look::GoesOn)
}

/// The deadline has passed, with the last trouble.
fn late(group: &Group, finding: Option<&Finding>, progress: &Progress) -> Failure {
    let seconds = deadline(group).as_secs();
    let message = match finding {
        Some(finding) => format!("Not rolled out within {seconds} s. {}", finding.message),
        None => format!("Not rolled out within {seconds} s: {} of {} ready.", progress.ready, progress.replicas),
    };
    let last = finding.map_or_else(|| failure(Cause::DeadlineExceeded, String::new()), Finding::failure);
    Failure { code: Cause::DeadlineExceeded, message, ..last }
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
