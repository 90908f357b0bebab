//! Follows a rollout by watching: whether it is complete, proven, in trouble, or somebody else's.

use super::{
    group::{Group, failure},
    item::{Move, touch_item},
    runs::since,
};
use crate::{
    Error,
    bus::Change,
    image::ImageRef,
    kube::{
        self, PodView, Progress, Standing, WorkloadTarget, WorkloadView,
        causes::{self, Finding, Watchdog},
        proof::{self, Lookup, Planned, Proving},
    },
    now,
    registry::Reference,
    state::item::Event,
    store::{self, run, run_item},
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::broadcast::error::RecvError;
use types::{
    Digest,
    cluster::Reach,
    run::{Cause, ItemStatus, Proof, Trouble},
};

/// Pods of a complete rollout that the view has not shown yet are waited for this long.
const LAST_PODS: Duration = Duration::from_secs(5);

/// A deadline stands still while the cluster cannot be reached, but not longer than this.
const UNREACHABLE_MAX: Duration = Duration::from_secs(3600);

/// A change that was not told is found at the latest after so long.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// What is remembered while a rollout is followed.
struct Memory {
    begun: Instant,
    /// How long it had rolled before Slipway was restarted.
    before: Duration,
    watchdog: Watchdog,
    /// The trouble that is shown, and since when.
    trouble: Option<(Trouble, bool)>,
    complete_since: Option<Instant>,
    unreachable_since: Option<Instant>,
    stood_still: Duration,
    known: HashMap<Digest, Lookup>,
    lines: HashMap<(String, String, u32), Vec<String>>,
    again_in: Option<Duration>,
}

/// What a look at the cluster led to.
enum Look {
    GoesOn,
    Ended,
}

/// Follows until every item that rolls has ended, or Slipway stops.
pub(super) async fn follow(group: &mut Group) -> Result<(), Error> {
    let view = group.cluster.view().clone();
    let events = view.follow_events(&group.key.namespace);
    let mut changes = view.changes();
    let mut bus = group.engine.bus.listen();
    let applied_at = group.items.iter().filter_map(|item| item.row.applied_at).min();
    let mut memory = Memory::new(since(applied_at));
    loop {
        if group.going(ItemStatus::Rolling)?.is_empty() {
            break;
        }
        if let Look::Ended = look(group, &mut memory).await? {
            continue;
        }
        let wait = memory.wait(group);
        tokio::select! {
            () = next_of(&mut changes, &group.key) => {}
            () = cancelled(&mut bus, group.run.id) => {}
            () = tokio::time::sleep(wait) => {}
            () = group.engine.stop.cancelled() => break,
        }
    }
    drop(events);
    Ok(())
}

impl Memory {
    fn new(before: Duration) -> Self {
        Self {
            begun: Instant::now(),
            before,
            watchdog: Watchdog::default(),
            trouble: None,
            complete_since: None,
            unreachable_since: None,
            stood_still: Duration::ZERO,
            known: HashMap::new(),
            lines: HashMap::new(),
            again_in: None,
        }
    }

    /// How long it has rolled, without the time in which the cluster could not be reached.
    fn rolled(&self) -> Duration {
        let standing = self.unreachable_since.map_or(Duration::ZERO, |since| since.elapsed());
        (self.before + self.begun.elapsed()).saturating_sub(self.stood_still + standing)
    }

    /// How long nothing needs to be looked at if nothing changes.
    fn wait(&self, group: &Group) -> Duration {
        let deadline = deadline(group).saturating_sub(self.rolled());
        let last_pods = self.complete_since.map(|since| LAST_PODS.saturating_sub(since.elapsed()));
        let wishes = [Some(deadline), self.again_in, last_pods, Some(LOOK_AGAIN)];
        wishes.into_iter().flatten().min().unwrap_or(LOOK_AGAIN).max(Duration::from_millis(5))
    }
}

async fn look(group: &mut Group, memory: &mut Memory) -> Result<Look, Error> {
    let run = run::Entity::find_by_id(group.run.id).one(&group.engine.db).await?;
    if run.is_some_and(|run| run.cancel_requested) {
        return cancel(group).await;
    }
    let status = group.cluster.view().status();
    if status.reach != Reach::Reachable || status.stale_since.is_some() {
        return unreachable(group, memory, status.error).await;
    }
    if let Some(since) = memory.unreachable_since.take() {
        memory.stood_still += since.elapsed();
    }
    let live = group.live();
    if let Look::Ended = stands(group, live.as_deref()).await? {
        return Ok(Look::Ended);
    }
    let Some(live) = live else { return Ok(Look::GoesOn) };
    let generation = group.items.iter().filter_map(|item| item.row.generation).max().unwrap_or(live.generation);
    let progress = kube::rollout::progress(&live, generation);
    let pods = group.cluster.view().pods_of(&live);
    if progress.complete {
        return complete(group, memory, &live, &pods, &progress).await;
    }
    memory.complete_since = None;
    troubles(group, memory, &live, &pods, &progress, generation).await
}

/// A cancel leaves the workload as it is.
async fn cancel(group: &mut Group) -> Result<Look, Error> {
    let engine = group.engine.clone();
    for at in group.going(ItemStatus::Rolling)? {
        let item = &mut group.items[at];
        let words =
            format!("left at {} of {}", item.row.ready.unwrap_or_default(), item.row.replicas.unwrap_or_default());
        item.best_effort_say(&format!("Cancelled: {words}")).await;
        item.step(&engine, Move::because(Event::Cancel { rollback: false }, words)).await?;
    }
    Ok(Look::Ended)
}

async fn unreachable(group: &mut Group, memory: &mut Memory, error: Option<String>) -> Result<Look, Error> {
    let since = *memory.unreachable_since.get_or_insert_with(Instant::now);
    if since.elapsed() < UNREACHABLE_MAX {
        return Ok(Look::GoesOn);
    }
    let words = format!("The cluster did not answer for an hour: {}", error.unwrap_or_default());
    end_all(group, Event::Ended(Cause::ClusterUnreachable), failure(Cause::ClusterUnreachable, words)).await
}

/// Whether the template still is what the run made of it.
async fn stands(group: &mut Group, live: Option<&WorkloadView>) -> Result<Look, Error> {
    let engine = group.engine.clone();
    let mut ended = Look::GoesOn;
    for at in group.going(ItemStatus::Rolling)? {
        let item = &group.items[at];
        let target = WorkloadTarget { key: group.key.clone(), uid: item.row.uid.clone().unwrap_or_default() };
        let images = [(item.row.container.clone(), item.to.image.clone())];
        let standing = kube::rollout::standing(live, &target, item.row.generation.unwrap_or_default(), &images);
        let step = match standing {
            Standing::Ours => continue,
            Standing::Superseded { image, by, .. } => {
                let who = by.unwrap_or_else(|| "somebody".to_owned());
                Move::because(Event::Overtaken, format!("{who} set {image}"))
            }
            Standing::WorkloadGone => {
                Move::failing(Event::WorkloadGone, failure(Cause::WorkloadGone, format!("{} was deleted.", group.key)))
            }
            Standing::ContainerGone { container } => {
                let words = format!("{} has no container {container} any more.", group.key);
                Move::failing(Event::WorkloadGone, failure(Cause::WorkloadGone, words))
            }
        };
        let item = &mut group.items[at];
        let words = step.reason.clone().or_else(|| step.failure.as_ref().map(|failure| failure.message.clone()));
        item.best_effort_say(&format!("Ended: {}", words.unwrap_or_default())).await;
        item.step(&engine, step).await?;
        ended = Look::Ended;
    }
    Ok(ended)
}

/// The controller is done: the pods must prove it, item by item.
async fn complete(
    group: &mut Group,
    memory: &mut Memory,
    live: &WorkloadView,
    pods: &[Arc<PodView>],
    progress: &Progress,
) -> Result<Look, Error> {
    let since = *memory.complete_since.get_or_insert_with(Instant::now);
    let engine = group.engine.clone();
    let mut ended = Look::GoesOn;
    for at in group.going(ItemStatus::Rolling)? {
        let proving = prove(group, memory, at, live, pods, progress).await?;
        let item = &mut group.items[at];
        if proving.waiting && since.elapsed() < LAST_PODS {
            continue;
        }
        let proof = match &progress.proof_none {
            Some(when) => proof::none(when),
            None => proving.proof,
        };
        item.best_effort_say(&words_of(&proof, &item.to.image)).await;
        let mut step = Move::by(Event::RolledOut(proof.state));
        step.columns.ready = Set(i32::try_from(progress.ready).ok());
        step.columns.replicas = Set(i32::try_from(progress.replicas).ok());
        step.columns.proof = Set(Some(store::write(&proof)?));
        step.reason = progress.note.clone();
        if proof.state == types::run::ProofState::Contradicted {
            step.failure = Some(failure(Cause::DigestMismatch, proof.why.clone().unwrap_or_default()));
        }
        item.step(&engine, step).await?;
        ended = Look::Ended;
    }
    Ok(ended)
}

/// Proves one item, asking the registry about digests that nodes report and nobody knows.
async fn prove(
    group: &Group,
    memory: &mut Memory,
    at: usize,
    live: &WorkloadView,
    pods: &[Arc<PodView>],
    progress: &Progress,
) -> Result<Proving, Error> {
    let item = &group.items[at];
    let planned = Planned {
        container: item.row.container.clone(),
        image: item.to.image.clone(),
        digest: item.to.digest.clone(),
        set: item.set.clone(),
    };
    let proving = proof::prove(&planned, live, pods, progress.replicas, &memory.known);
    if proving.ask.is_empty() {
        return Ok(proving);
    }
    let image = ImageRef::parse(&item.to.image).map_err(Error::Internal)?;
    let entry = group.engine.registry_of(&image.repository).await?;
    for digest in &proving.ask {
        let told = match &entry {
            Some(entry) => entry.resolve(image.repository.path(), &Reference::Digest(digest.clone())).await,
            None => Err(crate::registry::RegistryError::Unreachable("no registry of Slipway has this host".to_owned())),
        };
        let lookup = match told {
            Ok(resolved) => Lookup::Configs(resolved.digest_set),
            Err(why) => Lookup::Unknown(why.to_string()),
        };
        memory.known.insert(digest.clone(), lookup);
    }
    Ok(proof::prove(&planned, live, pods, progress.replicas, &memory.known))
}

/// Not complete: what is wrong is shown, and ends the items by its rule or by the deadline.
async fn troubles(
    group: &mut Group,
    memory: &mut Memory,
    live: &WorkloadView,
    pods: &[Arc<PodView>],
    progress: &Progress,
    generation: i64,
) -> Result<Look, Error> {
    let events = group.cluster.view().events_of(live);
    let scene = causes::Scene { workload: live, generation, pods, events: &events, events_known: true };
    let mut findings = causes::findings(scene);
    for finding in &mut findings {
        add_lines(group, memory, finding).await;
    }
    let verdict = memory.watchdog.judge(memory.begun.elapsed(), findings);
    memory.again_in = verdict.as_ref().and_then(|verdict| verdict.again_in);
    if let Some(verdict) = verdict.as_ref().filter(|verdict| verdict.ends) {
        return end_all(group, Event::Ended(verdict.finding.code), verdict.finding.failure()).await;
    }
    let finding = verdict.map(|verdict| verdict.finding);
    if memory.rolled() >= deadline(group) {
        let seconds = deadline(group).as_secs();
        let words = match &finding {
            Some(finding) => format!("Not rolled out within {seconds} s. {}", finding.message),
            None => format!("Not rolled out within {seconds} s: {} of {} ready.", progress.ready, progress.replicas),
        };
        let mut failure =
            finding.as_ref().map_or_else(|| failure(Cause::DeadlineExceeded, String::new()), Finding::failure);
        failure.code = Cause::DeadlineExceeded;
        failure.message = words;
        return end_all(group, Event::Ended(Cause::DeadlineExceeded), failure).await;
    }
    show(group, memory, finding.as_ref(), progress).await?;
    Ok(Look::GoesOn)
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
        let since =
            memory.trouble.as_ref().filter(|(known, _)| known.code == finding.code).map(|(known, _)| known.since);
        finding.trouble(since.unwrap_or_else(now))
    });
    let news = trouble.as_ref() != memory.trouble.as_ref().map(|(trouble, _)| trouble);
    if let Some(trouble) = trouble.as_ref().filter(|_| news) {
        for item in &group.items {
            item.best_effort_say(&format!("{}: {}", trouble.code.as_str(), trouble.message)).await;
        }
    }
    memory.trouble = trouble.clone().map(|trouble| (trouble, true));
    let (ready, replicas) = (i32::try_from(progress.ready).ok(), i32::try_from(progress.replicas).ok());
    let shown = trouble.as_ref().map(store::write).transpose()?;
    for at in group.going(ItemStatus::Rolling)? {
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

async fn end_all(group: &mut Group, event: Event, failure: types::run::Failure) -> Result<Look, Error> {
    let engine = group.engine.clone();
    for at in group.going(ItemStatus::Rolling)? {
        group.items[at].fail(&engine, event, failure.clone()).await?;
    }
    Ok(Look::Ended)
}

/// The shortest deadline of the group's items.
fn deadline(group: &Group) -> Duration {
    let ms = group.items.iter().map(|item| item.row.deadline_ms).min().unwrap_or_default();
    Duration::from_millis(u64::try_from(ms).unwrap_or_default())
}

fn words_of(proof: &Proof, image: &str) -> String {
    let why = proof.why.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
    format!("{}: {} of {} pods run {image}{why}", proof.state.as_str(), proof.pods_proven, proof.pods)
}

async fn next_of(changes: &mut tokio::sync::broadcast::Receiver<kube::Change>, key: &kube::WorkloadKey) {
    loop {
        match changes.recv().await {
            Ok(kube::Change::Workload(changed)) if changed == *key => return,
            Ok(kube::Change::Status) | Err(RecvError::Lagged(_)) => return,
            Ok(kube::Change::Workload(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Waits for a change of the run that did not come from following it: the cancel.
async fn cancelled(bus: &mut tokio::sync::broadcast::Receiver<Change>, run: uuid::Uuid) {
    loop {
        match bus.recv().await {
            Ok(Change::Run { id, .. }) if id == run => return,
            Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
