//! How the cluster does, put together from what its watches and the heartbeat meet.
//!
//! Reachable means: the heartbeat answers and every kind was listed since it broke last, so that what the view
//! shows is true. A kind that may not be listed does not count; it is named instead.

use super::{ClusterStatus, store::Kind};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;
use types::cluster::Reach;

/// What a watch met last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Contact {
    Listed,
    /// With the right that is missing.
    Forbidden(String),
    Broken(String),
}

#[derive(Debug)]
pub(super) struct Health {
    state: Mutex<State>,
    status: watch::Sender<ClusterStatus>,
    settled: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    /// Kinds that are watched; none: not contacted yet.
    kinds: BTreeMap<Kind, Option<Contact>>,
    heartbeat: Option<String>,
    /// Rights that other watches lack.
    others: BTreeSet<String>,
}

impl Health {
    pub(super) fn new(kinds: &[Kind]) -> Self {
        let kinds = kinds.iter().map(|kind| (*kind, None)).collect();
        let status = ClusterStatus {
            reach: Reach::Unknown,
            since: None,
            error: None,
            stale_since: None,
            uid: None,
            version: None,
            forbidden: Vec::new(),
        };
        Self {
            state: Mutex::new(State { kinds, ..State::default() }),
            status: watch::Sender::new(status),
            settled: watch::Sender::new(false),
        }
    }

    pub(super) fn status(&self) -> ClusterStatus {
        self.status.borrow().clone()
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<ClusterStatus> {
        self.status.subscribe()
    }

    /// Answers whether the status changed.
    pub(super) fn contact(&self, kind: Kind, contact: Contact) -> bool {
        let mut state = self.lock();
        state.kinds.insert(kind, Some(contact));
        let changed = self.publish(&state);
        self.settled.send_replace(state.kinds.values().all(Option::is_some));
        changed
    }

    /// What the heartbeat met: nothing, or an error that lasted.
    pub(super) fn heartbeat(&self, error: Option<String>) -> bool {
        let mut state = self.lock();
        state.heartbeat = error;
        self.publish(&state)
    }

    /// A right that a watch beside the kinds lacks, or has again.
    pub(super) fn right(&self, right: &str, missing: bool) -> bool {
        let mut state = self.lock();
        if missing {
            state.others.insert(right.to_owned());
        } else {
            state.others.remove(right);
        }
        self.publish(&state)
    }

    pub(super) fn identify(&self, version: Option<String>, uid: Option<String>) -> bool {
        self.status.send_if_modified(|status| {
            let version = version.or_else(|| status.version.clone());
            let uid = uid.or_else(|| status.uid.clone());
            let changed = status.version != version || status.uid != uid;
            (status.version, status.uid) = (version, uid);
            changed
        })
    }

    /// True once every kind was contacted.
    pub(super) fn settled(&self) -> watch::Receiver<bool> {
        self.settled.subscribe()
    }

    fn publish(&self, state: &State) -> bool {
        let (reach, error) = reach(state);
        let forbidden = forbidden(state);
        self.status.send_if_modified(|status| {
            let before = status.clone();
            if status.reach != reach {
                let now = crate::now();
                let had_data = status.reach == Reach::Reachable;
                status.stale_since = (reach == Reach::Unreachable && had_data).then_some(now);
                status.since = Some(now);
                status.reach = reach;
            }
            status.error = error;
            status.forbidden = forbidden;
            *status != before
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn reach(state: &State) -> (Reach, Option<String>) {
    if let Some(error) = &state.heartbeat {
        return (Reach::Unreachable, Some(error.clone()));
    }
    let mut waiting = false;
    for contact in state.kinds.values() {
        match contact {
            Some(Contact::Broken(error)) => return (Reach::Unreachable, Some(error.clone())),
            Some(Contact::Listed | Contact::Forbidden(_)) => {}
            None => waiting = true,
        }
    }
    (if waiting { Reach::Unknown } else { Reach::Reachable }, None)
}

fn forbidden(state: &State) -> Vec<String> {
    let kinds = state.kinds.values().filter_map(|contact| match contact {
        Some(Contact::Forbidden(right)) => Some(right.clone()),
        Some(Contact::Listed | Contact::Broken(_)) | None => None,
    });
    kinds.chain(state.others.iter().cloned()).collect()
}
