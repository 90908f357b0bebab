//! Whether something answers, since when, and what it said last.

use crate::now;
use std::sync::Mutex;
use types::{Time, cluster::Reach};

/// The state of something that may be down.
#[derive(Debug)]
pub(crate) struct Health(Mutex<State>);

#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) reach: Reach,
    pub(crate) since: Option<Time>,
    pub(crate) error: Option<String>,
}

impl Health {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State { reach: Reach::Unknown, since: None, error: None }))
    }

    /// Records an answer, or why there was none; `since` moves only when the state turns.
    pub(crate) fn note(&self, error: Option<String>) {
        let reach = if error.is_some() { Reach::Unreachable } else { Reach::Reachable };
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if state.reach != reach {
            state.since = Some(now());
        }
        state.reach = reach;
        state.error = error;
    }

    pub(crate) fn state(&self) -> State {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}
