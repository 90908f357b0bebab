//! The last answer for each map, given again while nothing has changed.
//!
//! Ten browsers that follow one map, and CI that asks for it in between, are one reading of the database. What is
//! given was made after the asker came, or of what has not changed since.

use super::super::Result;
use crate::{Error, Principal, auth::Rights};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use types::task::MapTasks;

/// What nobody tells within the process, such as the answer of a registry that a plan has asked for, is seen
/// after so long.
const KEPT: Duration = Duration::from_secs(1);

/// How often things were told to have changed: in the database, and in the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) told: u64,
    pub(super) seen: u64,
}

/// Which answer: what one may run depends on what one may do.
type Key = (i64, Rights);

/// Whoever comes while an answer is made waits for it.
type Slot = Arc<tokio::sync::Mutex<Option<Made>>>;

struct Made {
    version: Version,
    began: Instant,
    tasks: Arc<MapTasks>,
}

/// The answers of all maps.
#[derive(Default)]
pub(crate) struct Memo(Mutex<HashMap<Key, (Instant, Slot)>>);

impl Memo {
    /// The answer as of now, which `version` tells anew each time; made by `make` if the last one is old.
    ///
    /// It is made, and waited for, in a task of its own: an asker that rests for a while, such as a socket whose reader
    /// takes nothing, must not keep the others waiting.
    pub(super) async fn get(
        &self,
        map_id: i64,
        who: &Principal,
        version: impl Fn() -> Version + Send + 'static,
        make: impl Future<Output = Result<MapTasks>> + Send + 'static,
    ) -> Result<Arc<MapTasks>> {
        let (came, asked) = (Instant::now(), version());
        let slot = self.slot((map_id, who.rights()), came);
        let answer = tokio::spawn(async move {
            let mut last = slot.lock().await;
            if let Some(made) = last.as_ref() {
                let unchanged = made.version == asked && made.began.elapsed() < KEPT;
                if unchanged || made.began >= came {
                    return Ok(made.tasks.clone());
                }
            }
            let (version, began) = (version(), Instant::now());
            let tasks = Arc::new(make.await?);
            *last = Some(Made { version, began, tasks: tasks.clone() });
            Ok(tasks)
        });
        answer.await.map_err(|why| Error::Internal(format!("the tasks of a map: {why}")))?
    }

    /// The place of an answer; those that nobody asked for lately go.
    fn slot(&self, key: Key, now: Instant) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|known, (asked, _)| *known == key || now.saturating_duration_since(*asked) < KEPT);
        let (asked, slot) = slots.entry(key).or_insert_with(|| (now, Slot::default()));
        *asked = now;
        slot.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};
    use types::{Name, cluster::Reach, task::ClusterState};

    fn answer(seq: &str) -> MapTasks {
        let name = Name::parse("shop").expect("a name");
        let cluster =
            ClusterState { name: name.clone(), state: Reach::Reachable, since: None, error: None, stale_since: None };
        MapTasks { map: name, seq: seq.to_owned(), cluster, workloads: Vec::new(), runnable_count: 0 }
    }

    fn version(told: &Arc<AtomicU64>) -> impl Fn() -> Version + Send + 'static {
        let told = told.clone();
        move || Version { told: told.load(Ordering::SeqCst), seen: 0 }
    }

    async fn ask(memo: &Memo, who: &Principal, told: &Arc<AtomicU64>, seq: &'static str) -> String {
        memo.get(1, who, version(told), async move { Ok(answer(seq)) }).await.expect("an answer").seq.clone()
    }

    #[tokio::test]
    async fn an_answer_is_given_again_until_something_is_told() {
        let (memo, who, told) = (Memo::default(), Principal::host(), Arc::new(AtomicU64::new(0)));
        assert_eq!(ask(&memo, &who, &told, "first").await, "first");
        assert_eq!(ask(&memo, &who, &told, "second").await, "first");
        told.store(1, Ordering::SeqCst);
        assert_eq!(ask(&memo, &who, &told, "third").await, "third");
    }

    #[tokio::test]
    async fn who_may_do_less_gets_an_answer_of_their_own() {
        let (memo, told) = (Memo::default(), Arc::new(AtomicU64::new(0)));
        let (host, mut reader) = (Principal::host(), Principal::host());
        reader.limit = Some(Vec::new());
        assert_eq!(ask(&memo, &host, &told, "of the host").await, "of the host");
        assert_eq!(ask(&memo, &reader, &told, "of a reader").await, "of a reader");
    }

    #[tokio::test]
    async fn what_changes_while_an_answer_is_made_is_in_the_next_one() {
        let (memo, who, told) = (Memo::default(), Principal::host(), Arc::new(AtomicU64::new(0)));
        let changes = told.clone();
        let make = async move {
            changes.store(1, Ordering::SeqCst);
            Ok(answer("read before the change"))
        };
        memo.get(1, &who, version(&told), make).await.expect("an answer");
        assert_eq!(ask(&memo, &who, &told, "read after it").await, "read after it");
    }

    #[tokio::test]
    async fn an_asker_that_rests_keeps_nobody_waiting() {
        let (memo, who, told) = (Memo::default(), Principal::host(), Arc::new(AtomicU64::new(0)));
        let ((go, gone), (begins, begun)) =
            (tokio::sync::oneshot::channel::<()>(), tokio::sync::oneshot::channel::<()>());
        let make = async move {
            begins.send(()).expect("it is awaited");
            gone.await.map_err(|why| Error::Internal(why.to_string()))?;
            Ok(answer("first"))
        };
        // It has begun, and is not polled any more.
        let mut rests = Box::pin(memo.get(1, &who, version(&told), make));
        assert!(futures::poll!(rests.as_mut()).is_pending());
        begun.await.expect("it has begun");
        go.send(()).expect("it is awaited");
        told.store(1, Ordering::SeqCst);
        assert_eq!(ask(&memo, &who, &told, "second").await, "second");
        assert_eq!(rests.await.expect("an answer").seq, "first");
    }

    #[tokio::test]
    async fn an_answer_that_failed_is_not_kept() {
        let (memo, who, told) = (Memo::default(), Principal::host(), Arc::new(AtomicU64::new(0)));
        let fails = async { Err(Error::NotFound("shop".to_owned())) };
        memo.get(1, &who, Version::default, fails).await.expect_err("nothing is there");
        assert_eq!(ask(&memo, &who, &told, "there").await, "there");
    }
}
