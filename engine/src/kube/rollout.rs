//! Whether a rollout is complete, and whether it still is the one that was asked for.
//!
//! Only counts of the controller are trusted, and only once it has seen the recorded generation. No condition
//! is: `Progressing=NewReplicaSetAvailable` of the old ReplicaSet stands while the new one cannot create a pod.

use super::workload::{UpdatePolicy, WorkloadKey, WorkloadView};
use types::WorkloadKind;

/// The workload that a run changes: its address and the identity it had when the run began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadTarget {
    pub key: WorkloadKey,
    pub uid: String,
}

/// How far a rollout is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub complete: bool,
    /// Pods of the new revision that are ready.
    pub ready: u32,
    /// Pods of the new revision that there will be.
    pub replicas: u32,
    /// What it waits for, or what should be known about it.
    pub note: Option<String>,
    /// Set where there are no pods to prove anything: "takes effect when …".
    pub proof_none: Option<String>,
}

/// Whether the template still is what the run made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is, or the view has not caught up with the patch yet.
    Ours,
    /// Somebody changed the image.
    Superseded {
        container: String,
        image: String,
        by: Option<String>,
    },
    /// Deleted, or another one of the same name.
    WorkloadGone,
    ContainerGone {
        container: String,
    },
}

/// How far the rollout of the recorded generation is. What the workload wants is read anew each time:
/// an autoscaler may change it meanwhile.
pub fn progress(workload: &WorkloadView, generation: i64) -> Progress {
    if let Some(when) = takes_effect_later(workload) {
        return at_once(when);
    }
    if workload.observed_generation < generation {
        let note = format!("Waits for the cluster to take up the change of the {}.", workload.key.kind.title());
        return Progress {
            complete: false,
            ready: 0,
            replicas: expected(workload),
            note: Some(note),
            proof_none: None,
        };
    }
    if workload.replicas.wanted == 0 && workload.replicas.current == 0 {
        return at_once("takes effect when a node wants a pod of it".to_owned());
    }
    let replicas = expected(workload);
    // The pods themselves are seen earlier than the counts made from them: a pod that just crashed is no longer ready
    // while its controller still counts it as available.
    let complete = is_complete(workload) && workload.ready_new.is_none_or(|ready| ready >= replicas);
    Progress { complete, ready: ready(workload, complete), replicas, note: note(workload, complete), proof_none: None }
}

/// Compares the live template with what the answer to the patch said.
///
/// `live` is what the view has under the target's address; call it only while the view is not stale.
pub fn standing(
    live: Option<&WorkloadView>,
    target: &WorkloadTarget,
    generation: i64,
    images: &[(String, String)],
) -> Standing {
    let Some(live) = live.filter(|live| live.uid == target.uid) else { return Standing::WorkloadGone };
    if live.generation < generation {
        return Standing::Ours;
    }
    for (name, image) in images {
        match live.container(name) {
            None => return Standing::ContainerGone { container: name.clone() },
            Some(container) if container.image != *image => {
                return Standing::Superseded {
                    container: name.clone(),
                    image: container.image.clone(),
                    by: container.written_by.clone(),
                };
            }
            Some(_) => {}
        }
    }
    Standing::Ours
}

/// Kinds and states in which the changed template is all there is to wait for.
fn takes_effect_later(workload: &WorkloadView) -> Option<String> {
    let kind = workload.key.kind;
    match workload.update {
        UpdatePolicy::NextJob if workload.suspended => Some("takes effect when the CronJob is resumed".to_owned()),
        UpdatePolicy::NextJob => Some("takes effect at the next run of the CronJob".to_owned()),
        UpdatePolicy::OnDelete => Some("takes effect when its pods are deleted (OnDelete)".to_owned()),
        UpdatePolicy::Rolling { .. } | UpdatePolicy::Recreate
            if workload.replicas.wanted == 0 && kind != WorkloadKind::DaemonSet =>
        {
            Some(format!("takes effect when the {} is scaled up", kind.title()))
        }
        UpdatePolicy::Rolling { partition } if partition > 0 && partition >= workload.replicas.wanted => {
            Some(format!("takes effect when the partition of {partition} is lowered"))
        }
        UpdatePolicy::Rolling { .. } | UpdatePolicy::Recreate => None,
    }
}

fn at_once(when: String) -> Progress {
    Progress { complete: true, ready: 0, replicas: 0, note: None, proof_none: Some(when) }
}

fn partition(workload: &WorkloadView) -> u32 {
    match workload.update {
        UpdatePolicy::Rolling { partition } => partition,
        UpdatePolicy::Recreate | UpdatePolicy::OnDelete | UpdatePolicy::NextJob => 0,
    }
}

fn expected(workload: &WorkloadView) -> u32 {
    workload.replicas.wanted.saturating_sub(partition(workload))
}

fn is_complete(workload: &WorkloadView) -> bool {
    let counts = workload.replicas;
    match workload.key.kind {
        WorkloadKind::Deployment => {
            counts.updated == counts.wanted && counts.current == counts.wanted && counts.available == counts.wanted
        }
        WorkloadKind::StatefulSet if partition(workload) > 0 => {
            counts.updated >= expected(workload) && counts.available == counts.wanted
        }
        WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => {
            counts.updated == counts.wanted && counts.available == counts.wanted
        }
        WorkloadKind::CronJob => true,
    }
}

/// Counted from the pods; where those cannot be seen, what the controller's counts allow to be said.
fn ready(workload: &WorkloadView, complete: bool) -> u32 {
    let counts = workload.replicas;
    if complete {
        return expected(workload);
    }
    let certain = counts.updated.saturating_sub(counts.current.saturating_sub(counts.available));
    workload.ready_new.unwrap_or(certain).min(counts.updated)
}

fn note(workload: &WorkloadView, complete: bool) -> Option<String> {
    let counts = workload.replicas;
    let replicas = expected(workload);
    if workload.paused && !complete {
        return Some("The Deployment is paused: the rollout goes on when it is resumed.".to_owned());
    }
    if complete {
        let part = partition(workload) > 0;
        return part.then(|| format!("{} of {} by partition.", counts.updated, counts.wanted));
    }
    if counts.updated < replicas {
        return Some(format!("{} of {replicas} pods are of the new revision.", counts.updated));
    }
    if counts.current > counts.wanted {
        let old = counts.current - counts.wanted;
        return Some(format!("Waits for {old} old {} to end.", if old == 1 { "pod" } else { "pods" }));
    }
    Some(format!("{} of {} pods are available.", counts.available.min(counts.wanted), counts.wanted))
}

#[cfg(test)]
mod tests {
    use super::{Standing, WorkloadTarget, progress, standing};
    use crate::kube::{
        testing::workload,
        workload::{Replicas, UpdatePolicy, WorkloadView},
    };
    use rstest::rstest;
    use types::WorkloadKind::{self, CronJob, DaemonSet, Deployment, StatefulSet};

    /// wanted, current, updated, available
    type Counts = (u32, u32, u32, u32);

    fn counted(kind: WorkloadKind, (wanted, current, updated, available): Counts) -> WorkloadView {
        let replicas = Replicas { wanted, current, updated, ready: available, available };
        WorkloadView { replicas, ready_new: None, ..workload(kind, wanted) }
    }

    #[rstest]
    #[case::done(Deployment, (3, 3, 3, 3), true)]
    #[case::none_new_yet(Deployment, (3, 3, 0, 3), false)]
    #[case::surge(Deployment, (3, 4, 3, 3), false)]
    #[case::not_available(Deployment, (3, 3, 3, 2), false)]
    #[case::scaled_up_meanwhile(Deployment, (5, 3, 3, 3), false)]
    #[case::scaled_down_meanwhile(Deployment, (2, 3, 3, 3), false)]
    #[case::done(StatefulSet, (3, 3, 3, 3), true)]
    #[case::one_old(StatefulSet, (3, 3, 2, 3), false)]
    #[case::one_missing(StatefulSet, (3, 2, 3, 2), false)]
    #[case::done(DaemonSet, (2, 2, 2, 2), true)]
    #[case::one_old(DaemonSet, (2, 2, 1, 2), false)]
    #[case::new_node(DaemonSet, (3, 2, 2, 2), false)]
    fn complete_by_counts(#[case] kind: WorkloadKind, #[case] counts: Counts, #[case] complete: bool) {
        let progress = progress(&counted(kind, counts), 2);
        assert_eq!(progress.complete, complete, "{:?}", progress.note);
        assert_eq!(progress.proof_none, None);
    }

    #[rstest]
    #[case::all_of_the_part(1, (3, 3, 2, 3), true, "2 of 3 by partition.")]
    #[case::more_than_the_part(1, (3, 3, 3, 3), true, "3 of 3 by partition.")]
    #[case::part_is_missing(1, (3, 3, 1, 3), false, "1 of 2 pods are of the new revision.")]
    #[case::old_one_is_down(1, (3, 3, 2, 2), false, "2 of 3 pods are available.")]
    fn by_partition(#[case] partition: u32, #[case] counts: Counts, #[case] complete: bool, #[case] note: &str) {
        let set = WorkloadView { update: UpdatePolicy::Rolling { partition }, ..counted(StatefulSet, counts) };
        let progress = progress(&set, 2);
        assert_eq!((progress.complete, progress.note.as_deref()), (complete, Some(note)));
        assert_eq!(progress.replicas, 2);
    }

    #[rstest]
    #[case(Deployment, UpdatePolicy::Recreate, 0, "takes effect when the Deployment is scaled up")]
    #[case(StatefulSet, UpdatePolicy::Rolling { partition: 0 }, 0, "takes effect when the StatefulSet is scaled up")]
    #[case(StatefulSet, UpdatePolicy::Rolling { partition: 3 }, 3, "takes effect when the partition of 3 is lowered")]
    #[case(StatefulSet, UpdatePolicy::OnDelete, 3, "takes effect when its pods are deleted (OnDelete)")]
    #[case(DaemonSet, UpdatePolicy::OnDelete, 3, "takes effect when its pods are deleted (OnDelete)")]
    #[case(DaemonSet, UpdatePolicy::Rolling { partition: 0 }, 0, "takes effect when a node wants a pod of it")]
    #[case(CronJob, UpdatePolicy::NextJob, 0, "takes effect at the next run of the CronJob")]
    fn nothing_to_prove(
        #[case] kind: WorkloadKind,
        #[case] update: UpdatePolicy,
        #[case] wanted: u32,
        #[case] when: &str,
    ) {
        let counts = (wanted, wanted, 0, wanted);
        let progress = progress(&WorkloadView { update, ..counted(kind, counts) }, 2);
        assert_eq!((progress.complete, progress.proof_none.as_deref()), (true, Some(when)));
    }

    #[test]
    fn counts_of_an_earlier_generation_prove_nothing() {
        let mut deployment = workload(Deployment, 3);
        deployment.generation = 3;
        assert!(!progress(&deployment, 3).complete);
    }

    #[test]
    fn a_pod_that_just_crashed_is_seen_before_its_controller_knows() {
        let mut deployment = workload(Deployment, 3);
        deployment.ready_new = Some(2);
        assert!(!progress(&deployment, 2).complete);
    }

    #[test]
    fn counts_the_new_pods_that_are_ready() {
        let mut deployment = counted(Deployment, (3, 4, 2, 3));
        assert_eq!(progress(&deployment, 2).ready, 1, "without pods only what the counts make certain");
        deployment.ready_new = Some(2);
        assert_eq!(progress(&deployment, 2).ready, 2);
    }

    #[test]
    fn says_that_it_is_paused() {
        let deployment = WorkloadView { paused: true, ..counted(Deployment, (3, 3, 1, 3)) };
        let note = progress(&deployment, 2).note.expect("a note");
        assert!(note.contains("paused"), "{note}");
    }

    #[test]
    fn tells_who_changed_the_image() {
        let live = workload(Deployment, 3);
        let target = WorkloadTarget { key: live.key.clone(), uid: live.uid.clone() };
        let stands = |generation, image: &str| {
            standing(Some(&live), &target, generation, &[("app".to_owned(), image.to_owned())])
        };
        let image = live.containers[0].image.clone();
        assert_eq!(stands(2, &image), Standing::Ours);
        let superseded =
            Standing::Superseded { container: "app".to_owned(), image, by: Some("kubectl-edit".to_owned()) };
        assert_eq!(stands(2, "r.io/web:1"), superseded);
        assert_eq!(stands(3, "r.io/web:1"), Standing::Ours, "the view is older than the patch");
    }

    #[test]
    fn tells_what_is_gone() {
        let live = workload(Deployment, 3);
        let target = WorkloadTarget { key: live.key.clone(), uid: "another".to_owned() };
        assert_eq!(standing(Some(&live), &target, 2, &[]), Standing::WorkloadGone);
        assert_eq!(standing(None, &target, 2, &[]), Standing::WorkloadGone);
        let target = WorkloadTarget { uid: live.uid.clone(), ..target };
        let images = [("proxy".to_owned(), "r.io/proxy:1".to_owned())];
        assert_eq!(
            standing(Some(&live), &target, 2, &images),
            Standing::ContainerGone { container: "proxy".to_owned() }
        );
    }
}
