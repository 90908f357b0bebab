//! Tags of repositories, remembered for a while: the page tells of newer versions and never waits for a registry.

use super::RegistryEntry;
use crate::{
    now,
    registry::{Highest, RegistryError},
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;
use types::Time;

/// New versions are made by people: to hear of one within ten minutes is soon enough, and a registry with a quota
/// does not notice it.
const FRESH: Duration = Duration::from_secs(600);

/// Lists that are read from one registry at once.
const AT_ONCE: usize = 2;

/// Repositories that are remembered for one registry; beyond, those that were read first go.
const REMEMBERED_MAX: usize = 1000;

/// The tags of a repository, newest version first.
#[derive(Clone, Debug)]
pub(crate) struct TagList {
    pub(crate) tags: Arc<Vec<String>>,
    pub(crate) highest: Arc<Highest>,
    pub(crate) at: Time,
}

#[derive(Clone)]
struct Known {
    asked: Instant,
    /// None: the registry has not told them yet.
    list: Option<TagList>,
}

/// The lists of one registry.
pub(crate) struct TagLists {
    known: Mutex<HashMap<String, Known>>,
    reading: Mutex<HashSet<String>>,
    slots: Semaphore,
}

impl Default for TagLists {
    fn default() -> Self {
        Self { known: Mutex::default(), reading: Mutex::default(), slots: Semaphore::new(AT_ONCE) }
    }
}

impl RegistryEntry {
    /// The tags as they were read last, at once. Where that is long ago they are read again in the background, and
    /// `changed` is told when they are others then.
    pub(crate) fn recall_tags(
        self: &Arc<Self>,
        path: &str,
        changed: impl FnOnce() + Send + 'static,
    ) -> Option<TagList> {
        let known = lock(&self.tags.known).get(path).cloned();
        let still_good = known.as_ref().is_some_and(|known| known.asked.elapsed() < FRESH);
        if !still_good && lock(&self.tags.reading).insert(path.to_owned()) {
            let (entry, path) = (self.clone(), path.to_owned());
            let before = known.as_ref().and_then(|known| known.list.clone());
            tokio::spawn(async move {
                let read = entry.read_tags(&path).await;
                lock(&entry.tags.reading).remove(&path);
                let after = entry.remember_tags(path, read, before.clone());
                if after.map(|list| list.tags) != before.map(|list| list.tags) {
                    changed();
                }
            });
        }
        known.and_then(|known| known.list)
    }

    async fn read_tags(&self, path: &str) -> Result<Vec<String>, RegistryError> {
        let closed = |_| RegistryError::Unreachable("it is not asked any more".to_owned());
        let _slot = self.tags.slots.acquire().await.map_err(closed)?;
        self.observe(self.client.tags(path).await)
    }

    /// What a registry does not tell stays as it was.
    fn remember_tags(
        &self,
        path: String,
        read: Result<Vec<String>, RegistryError>,
        before: Option<TagList>,
    ) -> Option<TagList> {
        let list = match read {
            Ok(tags) => Some(TagList { highest: Arc::new(Highest::of(&tags)), tags: Arc::new(tags), at: now() }),
            Err(_) => before,
        };
        let mut known = lock(&self.tags.known);
        if known.len() >= REMEMBERED_MAX {
            let oldest = known.iter().min_by_key(|(_, known)| known.asked).map(|(path, _)| path.clone());
            oldest.and_then(|path| known.remove(&path));
        }
        known.insert(path, Known { asked: Instant::now(), list: list.clone() });
        list
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
