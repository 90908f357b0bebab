//! What references of a registry stand for, remembered for a short while, so that the page never
//! waits for a registry.

use super::RegistryEntry;
use crate::registry::{Reference, RegistryError, Resolved};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A tag may have moved after so long: it is asked for again, and the known answer is shown meanwhile.
const FRESH: Duration = Duration::from_secs(30);

/// References that are remembered for one registry; beyond, the oldest go.
const REMEMBERED_MAX: usize = 5000;

type Key = (String, Reference);

/// An answer of a registry and when it was given.
#[derive(Clone)]
struct Known {
    at: Instant,
    answer: Result<Resolved, RegistryError>,
}

/// The answers of one registry.
#[derive(Default)]
pub(crate) struct Answers {
    known: Mutex<HashMap<Key, Known>>,
    asked: Mutex<std::collections::HashSet<Key>>,
}

impl RegistryEntry {
    /// Asks the registry now, and remembers the answer.
    pub(crate) async fn resolve(&self, path: &str, reference: &Reference) -> Result<Resolved, RegistryError> {
        let answer = self.observe(self.client.resolve(path, reference).await);
        let mut known = self.answers.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            let oldest = known.iter().min_by_key(|(_, known)| known.at).map(|(key, _)| key.clone());
            oldest.and_then(|key| known.remove(&key));
        }
        known.insert((path.to_owned(), reference.clone()), Known { at: Instant::now(), answer: answer.clone() });
        answer
    }

    /// The last good answer; nothing is asked.
    pub(crate) fn known(&self, path: &str, reference: &Reference) -> Option<Resolved> {
        let known = self.answers.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(path.to_owned(), reference.clone())).and_then(|known| known.answer.clone().ok())
    }

    /// The last answer, at once. One that is missing or old is asked for in the background, and
    /// `changed` is told when it is another one then.
    pub(crate) fn recall(
        self: &Arc<Self>,
        path: &str,
        reference: &Reference,
        changed: impl FnOnce() + Send + 'static,
    ) -> Option<Result<Resolved, RegistryError>> {
        let key = (path.to_owned(), reference.clone());
        let known = self.answers.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let still_good = known.as_ref().is_some_and(|known| known.at.elapsed() < FRESH);
        if !still_good && self.answers.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone()) {
            let (entry, before) = (self.clone(), known.as_ref().map(|known| known.answer.clone()));
            tokio::spawn(async move {
                let answer = entry.resolve(&key.0, &key.1).await;
                entry.answers.asked.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
                if before != Some(answer) {
                    changed();
                }
            });
        }
        known.map(|known| known.answer)
    }
}
