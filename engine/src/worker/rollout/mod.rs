//! Follows a rollout by watching: whether it is complete, proven, in trouble, or somebody else's.

mod broken_pod;
mod memory;
mod proving;
mod standing;
mod trouble;

use super::{
    group::{Group, Working},
    runs::since,
};
use crate::{Error, bus::Change, kube, store::run};
use memory::Memory;
use sea_orm::EntityTrait;
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use types::{cluster::Reach, run::Failure};

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
    let applied_at = group.items.iter().filter_map(Working::applied_at).min();
    let mut memory = Memory::new(since(applied_at));
    while !group.places(Working::rolls)?.is_empty() {
        if let Look::Ended = look(group, &mut memory).await? {
            continue;
        }
        let wait = memory.wait(group);
        tokio::select! {
            () = next_of(&mut changes, &group.key) => {}
            () = told(&mut bus, group.run.id) => {}
            () = tokio::time::sleep(wait) => {}
            () = group.engine.stop.cancelled() => break,
        }
    }
    drop(events);
    Ok(())
}

async fn look(group: &mut Group, memory: &mut Memory) -> Result<Look, Error> {
    let engine = group.engine.clone();
    for item in &mut group.items {
        item.refresh(&engine).await?;
    }
    if group.places(Working::rolls)?.is_empty() {
        return Ok(Look::Ended);
    }
    let run = run::Entity::find_by_id(group.run.id).one(&engine.db).await?;
    if let Some(run) = run.filter(|run| run.cancel_requested)
        && let Look::Ended = standing::cancel(group, run.undo_triggered).await?
    {
        return Ok(Look::Ended);
    }
    let status = group.cluster.view().status();
    if status.reach != Reach::Reachable || status.stale_since.is_some() {
        return standing::unreachable(group, memory, status.error).await;
    }
    if let Some(since) = memory.unreachable_since.take() {
        memory.stood_still += since.elapsed();
    }
    let live = group.live();
    if let Look::Ended = standing::stands(group, live.as_deref()).await? {
        return Ok(Look::Ended);
    }
    let Some(live) = live else { return Ok(Look::GoesOn) };
    let generation = group.items.iter().filter_map(Working::generation).max().unwrap_or(live.generation);
    let progress = kube::rollout::progress(&live, generation);
    let pods = group.cluster.view().pods_of(&live);
    let seen = Seen { live: &live, pods: &pods, progress: &progress, generation };
    let stays_up_in = memory.uptime.missing(memory.begun.elapsed(), &live, &pods);
    let proves_itself = stays_up_in.is_none() || progress.proof_none.is_some();
    if progress.complete && proves_itself {
        return proving::complete(group, memory, seen).await;
    }
    memory.complete_since = None;
    if let Look::Ended = broken_pod::clear(group, memory, seen).await? {
        return Ok(Look::Ended);
    }
    let look = trouble::troubles(group, memory, seen).await?;
    memory.again_in = memory.again_in.into_iter().chain(stays_up_in).min();
    Ok(look)
}

/// What one look has shown.
#[derive(Clone, Copy)]
struct Seen<'a> {
    live: &'a kube::WorkloadView,
    pods: &'a [std::sync::Arc<kube::PodView>],
    progress: &'a kube::Progress,
    /// Of the patch that is followed.
    generation: i64,
}

async fn end_all(group: &mut Group, failure: Failure) -> Result<Look, Error> {
    let engine = group.engine.clone();
    for at in group.places(Working::rolls)? {
        let step = group.items[at].ended(failure.clone());
        group.items[at].step(&engine, step).await?;
    }
    Ok(Look::Ended)
}

/// The shortest deadline of the group's items.
fn deadline(group: &Group) -> Duration {
    let ms = group.items.iter().map(|item| item.row.deadline_ms).min().unwrap_or_default();
    Duration::from_millis(u64::try_from(ms).unwrap_or_default())
}

async fn next_of(changes: &mut Receiver<kube::Change>, key: &kube::WorkloadKey) {
    loop {
        match changes.recv().await {
            Ok(kube::Change::Workload(changed)) if changed == *key => return,
            Ok(kube::Change::Status) | Err(RecvError::Lagged(_)) => return,
            Ok(kube::Change::Workload(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Waits for a change of the run that did not come from following it: a cancel, a rollback that overtakes.
async fn told(bus: &mut Receiver<Change>, run: uuid::Uuid) {
    loop {
        match bus.recv().await {
            Ok(Change::Run { id, .. }) if id == run => return,
            Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
