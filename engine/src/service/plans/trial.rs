//! The patches of a plan, sent with `dryRun=All`: rights, quota and admission speak before a pod is touched.
//!
//! Builds are not tried: what they make is not known yet. The source once more would be no change, about
//! which neither quota nor a policy for images has anything to say, and a made-up image would be refused
//! for what it is not. Whether Slipway may patch their workload at all is asked by itself.

use super::Planned;
use crate::{
    Engine,
    kube::{Cluster, ImageChange, PatchError, WorkloadKey, WorkloadTarget},
};
use futures::{StreamExt, stream};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::timeout;
use types::{
    WorkloadKind,
    plan::{Action, BlockedBy, PlanItem, Wall, Warned, Warning},
};

/// Workloads of a cluster that are tried at once: as many as are rolled out at once.
const TRIED_AT_ONCE: usize = 20;

/// A plan is answered without what a slow cluster would say later; the run will tell.
const TRIAL_LIMIT: Duration = Duration::from_secs(3);

/// Items of one wave that one patch would change.
struct Trial {
    target: WorkloadTarget,
    /// Places of the items in the plan.
    places: Vec<usize>,
    /// None: a restart.
    changes: Option<Vec<ImageChange>>,
}

/// What the cluster would say to a patch.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Taken,
    Refused(Wall, String),
    Unknown(String),
}

impl Engine {
    /// Tries every patch of the plan once; what refuses one becomes a wall of its items.
    pub(crate) async fn try_patches(&self, planned: &mut Planned) {
        if planned.scene.cluster_error().is_some() {
            return;
        }
        let Ok(cluster) = self.clusters.get(planned.scene.map.cluster_id) else { return };
        let trials = trials(planned);
        let mut open: Vec<usize> = trials.iter().flat_map(|trial| trial.places.clone()).collect();
        let ask = |trial: Trial| {
            let cluster = cluster.clone();
            async move { (trial.verdict(&cluster).await, trial.places) }
        };
        let mut verdicts = stream::iter(trials).map(ask).buffer_unordered(TRIED_AT_ONCE);
        let hear = async {
            while let Some((verdict, places)) = verdicts.next().await {
                for at in places {
                    open.retain(|still| *still != at);
                    judge(&mut planned.plan.items[at], verdict.clone());
                }
            }
        };
        let in_time = timeout(TRIAL_LIMIT, hear).await.is_ok();
        if !in_time {
            let late = format!("no answer within {} s", TRIAL_LIMIT.as_secs());
            for at in open {
                judge(&mut planned.plan.items[at], Verdict::Unknown(late.clone()));
            }
        }
        planned.sum_up();
    }
}

/// One trial per workload and wave, as the run would patch.
fn trials(planned: &Planned) -> Vec<Trial> {
    let mut trials: BTreeMap<(u32, WorkloadKind, String, bool), Trial> = BTreeMap::new();
    for (at, (item, shown)) in planned.items.iter().zip(&planned.plan.items).enumerate() {
        let Some(uid) = item.uid.clone().filter(|_| shown.runnable) else { continue };
        let change = match shown.action {
            Action::Deploy => change(shown),
            Action::Restart => None,
            Action::BuildDeploy | Action::None => continue,
        };
        let task = &shown.task;
        let namespace = planned.scene.map.namespace.clone();
        let key = WorkloadKey { namespace, kind: task.kind, name: task.workload.clone() };
        let trial = trials.entry((shown.wave, task.kind, task.workload.clone(), change.is_some())).or_insert(Trial {
            target: WorkloadTarget { key, uid },
            places: Vec::new(),
            changes: change.as_ref().map(|_| Vec::new()),
        });
        trial.places.push(at);
        if let Some(changes) = &mut trial.changes {
            changes.extend(change);
        }
    }
    trials.into_values().collect()
}

fn change(shown: &PlanItem) -> Option<ImageChange> {
    let (from, to) = shown.from.as_ref().zip(shown.to.as_ref())?;
    let container = shown.task.container.clone();
    Some(ImageChange { container, from_image: from.image.clone(), to_image: to.image.clone() })
}

impl Trial {
    async fn verdict(&self, cluster: &Cluster) -> Verdict {
        let tried = match &self.changes {
            Some(changes) => cluster.apply_images(&self.target, changes, true).await,
            None => cluster.restart(&self.target, true).await,
        };
        match tried {
            Ok(_) => Verdict::Taken,
            Err(why) => verdict_of(&why),
        }
    }
}

fn verdict_of(why: &PatchError) -> Verdict {
    let refused = |wall| Verdict::Refused(wall, why.failure().message);
    match why {
        PatchError::AdmissionDenied(_) | PatchError::AdmissionChanged { .. } => refused(Wall::AdmissionDenied),
        PatchError::Forbidden(_) => refused(Wall::ClusterForbidden),
        PatchError::WorkloadGone | PatchError::ContainerGone(_) => refused(Wall::TaskNotFound),
        // Somebody changed it within this second: the run compares again when its turn comes.
        PatchError::Conflict(_) | PatchError::Unavailable(_) => Verdict::Unknown(why.to_string()),
    }
}

fn judge(item: &mut PlanItem, verdict: Verdict) {
    match verdict {
        Verdict::Taken => {}
        Verdict::Refused(code, message) => {
            item.blocked_by.push(BlockedBy { code, message });
            item.runnable = false;
            item.action = Action::None;
        }
        Verdict::Unknown(why) => {
            let message = format!("The cluster did not say whether it takes the change: {why}.");
            item.warnings.push(Warned { code: Warning::NotTried, message });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, verdict_of};
    use crate::kube::{Applied, PatchError, patch::Conflict};
    use rstest::rstest;
    use types::plan::Wall;

    fn changed() -> PatchError {
        let applied = Applied { uid: String::new(), generation: 1, images: Vec::new() };
        PatchError::AdmissionChanged { sent: "a".to_owned(), image: "b".to_owned(), applied }
    }

    #[rstest]
    #[case(PatchError::AdmissionDenied("exceeded quota".to_owned()), Some(Wall::AdmissionDenied))]
    #[case(changed(), Some(Wall::AdmissionDenied))]
    #[case(PatchError::Forbidden("cannot patch".to_owned()), Some(Wall::ClusterForbidden))]
    #[case(PatchError::WorkloadGone, Some(Wall::TaskNotFound))]
    #[case(PatchError::ContainerGone("app".to_owned()), Some(Wall::TaskNotFound))]
    #[case(PatchError::Unavailable("503".to_owned()), None)]
    #[case(PatchError::Conflict(Conflict { container: "app".to_owned(), image: "a".to_owned(), by: None }), None)]
    fn what_a_refusal_means_for_the_plan(#[case] why: PatchError, #[case] wall: Option<Wall>) {
        match verdict_of(&why) {
            Verdict::Refused(code, _) => assert_eq!(Some(code), wall),
            Verdict::Unknown(_) => assert_eq!(None, wall),
            Verdict::Taken => panic!("{why} is no yes"),
        }
    }
}
