//! What was asked of a cluster once and holds for a while: platforms of its nodes, and what Slipway may patch.
//!
//! The page reads what is known and never waits; whoever makes a plan asks first.

use super::{Cluster, workload::Platform};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use types::WorkloadKind;

/// Nodes come and rights change, but seldom; it is asked again after so long.
const FRESH: Duration = Duration::from_secs(60);

/// Answers of one cluster; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(Arc<Mutex<Answers>>);

#[derive(Debug, Default)]
struct Answers {
    platforms: Option<BTreeSet<Platform>>,
    platforms_at: Option<Instant>,
    /// Whether workloads of a kind may be patched, by namespace and kind.
    rights: BTreeMap<(String, WorkloadKind), (bool, Instant)>,
    asking: bool,
}

impl Answers {
    /// With `doubting`, a right that was missing counts as old: somebody may just have given it.
    fn old_rights(&self, namespace: &str, kinds: &BTreeSet<WorkloadKind>, doubting: bool) -> Vec<WorkloadKind> {
        let old = |kind: &&WorkloadKind| {
            let known = self.rights.get(&(namespace.to_owned(), **kind));
            known.is_none_or(|(may, at)| (doubting && !may) || at.elapsed() >= FRESH)
        };
        kinds.iter().filter(old).copied().collect()
    }

    fn platforms_are_old(&self) -> bool {
        self.platforms_at.is_none_or(|at| at.elapsed() >= FRESH)
    }
}

impl Known {
    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cluster {
    /// The platforms of the nodes as they were told last; none where they were not.
    pub fn known_platforms(&self) -> Option<BTreeSet<Platform>> {
        self.known().lock().platforms.clone()
    }

    /// Whether Slipway may patch workloads of a kind, as it was told last.
    pub fn may_patch(&self, namespace: &str, kind: WorkloadKind) -> Option<bool> {
        self.known().lock().rights.get(&(namespace.to_owned(), kind)).map(|(may, _)| *may)
    }

    /// Asks what is not known or old. What is not answered in time stays as it was known.
    pub async fn learn(&self, namespace: &str, kinds: &BTreeSet<WorkloadKind>) {
        let (rights, platforms) = {
            let known = self.known().lock();
            (known.old_rights(namespace, kinds, true), known.platforms_are_old())
        };
        let ask_platforms = async {
            if platforms {
                let told = self.platforms().await;
                let mut known = self.known().lock();
                known.platforms_at = Some(Instant::now());
                if let Ok(told) = told {
                    known.platforms = Some(told);
                }
            }
        };
        let ask_rights = futures::future::join_all(rights.into_iter().map(|kind| async move {
            if let Some(may) = self.asks_whether_it_may_patch(namespace, kind).await {
                self.known().lock().rights.insert((namespace.to_owned(), kind), (may, Instant::now()));
            }
        }));
        tokio::join!(ask_platforms, ask_rights);
    }

    /// Learns in the background, once at a time; `changed` is told when it knows something else then.
    pub fn learn_behind(
        &self,
        namespace: &str,
        kinds: &BTreeSet<WorkloadKind>,
        changed: impl FnOnce() + Send + 'static,
    ) {
        {
            let mut known = self.known().lock();
            let nothing = known.old_rights(namespace, kinds, false).is_empty() && !known.platforms_are_old();
            if nothing || std::mem::replace(&mut known.asking, true) {
                return;
            }
        }
        let (cluster, namespace, kinds) = (self.clone(), namespace.to_owned(), kinds.clone());
        tokio::spawn(async move {
            let before = cluster.what_is_known(&namespace, &kinds);
            cluster.learn(&namespace, &kinds).await;
            cluster.known().lock().asking = false;
            if cluster.what_is_known(&namespace, &kinds) != before {
                changed();
            }
        });
    }

    fn what_is_known(
        &self,
        namespace: &str,
        kinds: &BTreeSet<WorkloadKind>,
    ) -> (Option<BTreeSet<Platform>>, Vec<Option<bool>>) {
        let rights = kinds.iter().map(|kind| self.may_patch(namespace, *kind)).collect();
        (self.known_platforms(), rights)
    }
}
