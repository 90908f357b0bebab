//! What goes on without being asked: builds, runs, looking after what Slipway talks to.
//!
//! Workers are woken by a signal, run from the database and take no input: the next pass is the retry.

mod builds;
mod freezes;
mod group;
mod health;
mod history;
mod item;
mod lease;
mod prune;
mod queue;
mod reap;
mod rollout;
mod room;
mod runs;

use crate::{Engine, Error};
pub(crate) use lease::until as leased_until;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{Notify, RwLock, Semaphore};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Workloads of one cluster that are rolled out at once: more would only wait for the same nodes.
const ROLLOUTS_PER_CLUSTER: usize = 20;

/// How workers are woken and told to stop.
#[derive(Default)]
pub(crate) struct Signals {
    pub(crate) builds: Notify,
    pub(crate) runs: Notify,
    /// Build runs at work in this process.
    building: Mutex<HashMap<Uuid, CancellationToken>>,
    /// Runs that a task of this process drives, with the fence of its claim.
    driving: Mutex<HashMap<Uuid, i64>>,
    slots: Mutex<HashMap<i64, Arc<Semaphore>>>,
    gates: Mutex<HashMap<i64, Arc<RwLock<()>>>>,
}

impl Signals {
    /// Ends the work on a build run, if it is at work here.
    pub(crate) fn cancel_build(&self, id: Uuid) {
        if let Some(token) = lock(&self.building).get(&id) {
            token.cancel();
        }
    }

    /// The slots of a cluster.
    fn slots(&self, cluster_id: i64) -> Arc<Semaphore> {
        lock(&self.slots).entry(cluster_id).or_insert_with(|| Arc::new(Semaphore::new(ROLLOUTS_PER_CLUSTER))).clone()
    }

    /// The gate of a build engine: read while a build starts there, written while none may.
    pub(crate) fn gate(&self, engine_id: i64) -> Arc<RwLock<()>> {
        lock(&self.gates).entry(engine_id).or_default().clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes up what was left and starts the loops.
pub(crate) async fn start(engine: &Engine) -> Result<(), Error> {
    lease::take_over(engine).await?;
    builds::take_up(engine).await?;
    engine.tasks.spawn(lease::run(engine.clone()));
    engine.tasks.spawn(builds::run(engine.clone()));
    engine.tasks.spawn(runs::run(engine.clone()));
    engine.tasks.spawn(health::run(engine.clone()));
    engine.tasks.spawn(reap::run(engine.clone()));
    engine.tasks.spawn(prune::run(engine.clone()));
    engine.tasks.spawn(history::run(engine.clone()));
    engine.tasks.spawn(freezes::run(engine.clone()));
    Ok(())
}

#[cfg(test)]
mod tests;
