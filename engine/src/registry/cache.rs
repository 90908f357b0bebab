//! What never changes, kept while it is used.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A map of bounded size; what was not asked for since the last clearing-out goes first.
pub(super) struct Cache<K, V> {
    most: usize,
    halves: Mutex<Halves<K, V>>,
}

/// Two generations: a hit moves to the young one, and when that is full it becomes the old one. That
/// forgets the unused as a list by last use would, without keeping one.
struct Halves<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Hash + Eq + Clone, V: Clone> Cache<K, V> {
    /// Keeps at most `most` values.
    pub(super) fn new(most: usize) -> Self {
        Self { most, halves: Mutex::new(Halves { young: HashMap::new(), old: HashMap::new() }) }
    }

    pub(super) fn get(&self, key: &K) -> Option<V> {
        let mut halves = self.lock();
        if let Some(value) = halves.young.get(key) {
            return Some(value.clone());
        }
        let value = halves.old.remove(key)?;
        self.put(&mut halves, key.clone(), value.clone());
        Some(value)
    }

    pub(super) fn insert(&self, key: K, value: V) {
        self.put(&mut self.lock(), key, value);
    }

    fn put(&self, halves: &mut Halves<K, V>, key: K, value: V) {
        if halves.young.len() >= self.most.div_ceil(2) {
            halves.old = std::mem::take(&mut halves.young);
        }
        halves.young.insert(key, value);
    }

    fn lock(&self) -> MutexGuard<'_, Halves<K, V>> {
        self.halves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;

    #[test]
    fn keeps_what_is_used_and_stays_small() {
        let cache = Cache::new(10);
        for n in 0..1000 {
            cache.insert(n, n);
            assert_eq!(cache.get(&0), Some(0));
        }
        assert_eq!(cache.get(&1), None);
        assert!((0..1000).filter(|n| cache.get(n).is_some()).count() <= 10);
    }
}
