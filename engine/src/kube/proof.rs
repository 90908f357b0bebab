//! Whether the pods are known to run the planned image.
//!
//! Only the pod's own spec and the digest in `imageID` are evidence. The image in a container's status and the
//! repository in `imageID` are not: a node that has the same content under several names reports whichever sorts
//! first.

use super::{
    pod::{PodContainer, PodPhase, PodView},
    workload::WorkloadView,
};
use crate::image::ImageRef;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use types::{
    Digest,
    run::{Proof, ProofState},
};

/// The image that a run planned for one container.
#[derive(Clone, Debug)]
pub struct Planned {
    pub container: String,
    /// As the pod template has it after the patch.
    pub image: String,
    pub digest: Option<Digest>,
    /// The digest, every manifest below it, and their config digests; empty while unknown.
    pub set: BTreeSet<Digest>,
}

/// What the registry says about a digest that a node reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The config digests of that manifest (of each manifest below, for an index).
    Configs(BTreeSet<Digest>),
    /// It cannot say, and why.
    Unknown(String),
}

/// A proof, and what is missing for a better one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proving {
    pub proof: Proof,
    /// Digests to ask the registry for; call again with the answers among `known`.
    pub ask: BTreeSet<Digest>,
    /// The view has not shown every pod yet, or a pod has not started: worth waiting for the next change.
    pub waiting: bool,
}

/// What one pod shows.
#[derive(Debug, PartialEq, Eq)]
enum Shown {
    Proven,
    Contradicted(String),
    Ask(Digest),
    Unverified(String),
    NotStarted,
}

/// Proves one container over the pods of the new revision; `replicas` of them are expected.
pub fn prove(
    planned: &Planned,
    workload: &WorkloadView,
    pods: &[Arc<PodView>],
    replicas: u32,
    known: &HashMap<Digest, Lookup>,
) -> Proving {
    let new = pods.iter().filter(|pod| pod.is_new(workload) && pod.phase != PodPhase::Failed);
    let shown: Vec<Shown> = new.map(|pod| show(planned, pod, known)).collect();
    let seen = u32::try_from(shown.len()).unwrap_or(u32::MAX);
    let proven = u32::try_from(shown.iter().filter(|shown| **shown == Shown::Proven).count()).unwrap_or(u32::MAX);
    let pods = seen.max(replicas);
    let mut ask = BTreeSet::new();
    let (mut contradiction, mut doubt, mut waiting) = (None, None, seen < replicas);
    for shown in shown {
        match shown {
            Shown::Proven => {}
            Shown::Contradicted(why) => contradiction = contradiction.or(Some(why)),
            Shown::Ask(digest) => _ = ask.insert(digest),
            Shown::Unverified(why) => doubt = doubt.or(Some(why)),
            Shown::NotStarted => waiting = true,
        }
    }
    let (state, why) = match contradiction {
        Some(why) => (ProofState::Contradicted, why),
        None if pods == 0 => (ProofState::None, "There are no pods.".to_owned()),
        None if proven == pods => (ProofState::Proven, words(proven, pods, planned)),
        None => (ProofState::Unverified, doubt.unwrap_or_else(|| missing(seen, proven, pods, !ask.is_empty()))),
    };
    Proving { proof: Proof { state, pods, pods_proven: proven, why: Some(why) }, ask, waiting }
}

/// The proof of a rollout without pods: "takes effect when …".
pub fn none(when: &str) -> Proof {
    Proof { state: ProofState::None, pods: 0, pods_proven: 0, why: Some(when.to_owned()) }
}

fn words(proven: u32, pods: u32, planned: &Planned) -> String {
    match &planned.digest {
        Some(digest) => format!("{proven}/{pods} pods run {digest}"),
        None => format!("{proven}/{pods} pods run {}", planned.image),
    }
}

fn missing(seen: u32, proven: u32, pods: u32, asking: bool) -> String {
    if seen < pods {
        return format!("{seen} of {pods} pods have been seen.");
    }
    if asking {
        return format!("{proven} of {pods} pods are proven; the registry has yet to say what the others run.");
    }
    format!("{proven} of {pods} pods have started.")
}

fn show(planned: &Planned, pod: &PodView, known: &HashMap<Digest, Lookup>) -> Shown {
    let Some(container) = pod.container(&planned.container) else {
        return Shown::Contradicted(format!("Pod {} has no container {}.", pod.name, planned.container));
    };
    if !container.has_started() {
        return Shown::NotStarted;
    }
    if planned.digest.as_ref().is_some_and(|digest| names_digest(&container.image, digest)) {
        return Shown::Proven;
    }
    let reported = container.image_id.as_deref().and_then(digest_of);
    if reported.as_ref().is_some_and(|digest| planned.set.contains(digest) || planned.digest.as_ref() == Some(digest)) {
        return Shown::Proven;
    }
    if names_another(&container.image, planned) {
        return Shown::Contradicted(format!("Pod {} was made with image {}.", pod.name, container.image));
    }
    match reported {
        Some(reported) => compare(planned, pod, reported, known),
        None => Shown::Unverified(no_image_id(pod, container)),
    }
}

/// The node reports a digest that is not of the planned image by name: the registry knows whether its content is.
fn compare(planned: &Planned, pod: &PodView, reported: Digest, known: &HashMap<Digest, Lookup>) -> Shown {
    if planned.set.is_empty() {
        return Shown::Unverified(format!("The digest of {} is not known.", planned.image));
    }
    match known.get(&reported) {
        None => Shown::Ask(reported),
        Some(Lookup::Unknown(why)) => Shown::Unverified(format!("Pod {} runs {reported}: {why}", pod.name)),
        Some(Lookup::Configs(configs)) if !configs.is_disjoint(&planned.set) => Shown::Proven,
        // A set without config digests can prove, but cannot contradict.
        Some(Lookup::Configs(_)) if planned.set.len() < 2 => {
            Shown::Unverified(format!("Pod {} runs {reported}; what {} holds is not known.", pod.name, planned.image))
        }
        Some(Lookup::Configs(_)) => {
            Shown::Contradicted(format!("Pod {} runs {reported}, which has other content than planned.", pod.name))
        }
    }
}

fn no_image_id(pod: &PodView, container: &PodContainer) -> String {
    let node = pod.node.as_deref().unwrap_or("that is not known");
    format!("The node {node} reports no imageID for container {} of pod {}.", container.name, pod.name)
}

fn names_digest(image: &str, digest: &Digest) -> bool {
    image.rsplit_once('@').is_some_and(|(_, written)| written == digest.as_str())
}

/// The digest in `docker.io/library/web@sha256:…`, `docker-pullable://web@sha256:…`, `docker://sha256:…`, `sha256:…`.
fn digest_of(image_id: &str) -> Option<Digest> {
    let at = image_id.rfind("sha256:")?;
    Digest::parse(&image_id[at..]).ok()
}

/// Whether a pod was made with another image than planned. A digest of the planned set that was added to the same
/// tag, as webhooks do, is no other image.
fn names_another(image: &str, planned: &Planned) -> bool {
    if image == planned.image {
        return false;
    }
    match (ImageRef::parse(image), ImageRef::parse(&planned.image)) {
        (Ok(image), Ok(target)) => match &image.digest {
            Some(digest) if planned.digest.as_ref() == Some(digest) || planned.set.contains(digest) => false,
            Some(_) if planned.digest.is_some() => true,
            Some(_) | None => image.repository != target.repository || image.tag != target.tag,
        },
        (Err(_), _) | (_, Err(_)) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::{Lookup, Planned, prove};
    use crate::kube::{
        pod::{ContainerState, PodView},
        testing::{A, B, C, container, pod, waiting, workload},
    };
    use rstest::rstest;
    use std::{
        collections::{BTreeSet, HashMap},
        sync::Arc,
    };
    use types::{
        Digest, WorkloadKind,
        run::ProofState::{self, Contradicted, Proven, Unverified},
    };

    fn digest(text: &str) -> Digest {
        Digest::parse(text).expect("a digest")
    }

    /// Digest A, whose config is C.
    fn planned() -> Planned {
        Planned {
            container: "app".to_owned(),
            image: format!("r.io/web:2@{A}"),
            digest: Some(digest(A)),
            set: BTreeSet::from([digest(A), digest(C)]),
        }
    }

    fn with(image: &str, image_id: Option<&str>) -> Arc<PodView> {
        let mut pod = pod("web-1");
        pod.containers[0].image = image.to_owned();
        pod.containers[0].image_id = image_id.map(str::to_owned);
        Arc::new(pod)
    }

    fn state_of(planned: &Planned, pod: Arc<PodView>, known: &HashMap<Digest, Lookup>) -> (ProofState, usize) {
        let proving = prove(planned, &workload(WorkloadKind::Deployment, 1), &[pod], 1, known);
        (proving.proof.state, proving.ask.len())
    }

    #[rstest]
    #[case::by_spec(format!("r.io/web:2@{A}"), Some(format!("other.io/x@{B}")), Proven, 0)]
    #[case::by_spec_of_a_mirror(format!("mirror.io/web:2@{A}"), None, Proven, 0)]
    #[case::by_image_id("r.io/web:2".to_owned(), Some(format!("docker.io/any/name@{A}")), Proven, 0)]
    #[case::by_config("r.io/web:2".to_owned(), Some(format!("docker://{C}")), Proven, 0)]
    #[case::bare("r.io/web:2".to_owned(), Some(C.to_owned()), Proven, 0)]
    #[case::not_reported("r.io/web:2".to_owned(), None, Unverified, 0)]
    #[case::rubbish("r.io/web:2".to_owned(), Some("rubbish".to_owned()), Unverified, 0)]
    #[case::to_be_asked("r.io/web:2".to_owned(), Some(format!("r.io/web@{B}")), Unverified, 1)]
    #[case::another_image("r.io/web:1".to_owned(), Some(format!("r.io/web@{B}")), Contradicted, 0)]
    #[case::another_digest(format!("r.io/web:2@{B}"), Some(format!("r.io/web@{B}")), Contradicted, 0)]
    #[case::another_name_but_the_content("mirror.io/web:2".to_owned(), Some(format!("mirror.io/web@{A}")), Proven, 0)]
    fn one_pod(#[case] image: String, #[case] image_id: Option<String>, #[case] state: ProofState, #[case] ask: usize) {
        let plan = Planned { image: "r.io/web:2".to_owned(), ..planned() };
        assert_eq!(state_of(&plan, with(&image, image_id.as_deref()), &HashMap::new()), (state, ask));
    }

    #[rstest]
    #[case(Lookup::Configs(BTreeSet::from([digest(C)])), Proven)]
    #[case(Lookup::Configs(BTreeSet::from([digest(B)])), Contradicted)]
    #[case(Lookup::Unknown("The registry does not answer.".to_owned()), Unverified)]
    fn the_registry_decides(#[case] says: Lookup, #[case] state: ProofState) {
        let plan = Planned { image: "r.io/web:2".to_owned(), ..planned() };
        let known = HashMap::from([(digest(B), says)]);
        assert_eq!(state_of(&plan, with("r.io/web:2", Some(B)), &known), (state, 0));
    }

    #[test]
    fn without_config_digests_nothing_is_contradicted() {
        let plan = Planned { image: "r.io/web:2".to_owned(), set: BTreeSet::from([digest(A)]), ..planned() };
        let known = HashMap::from([(digest(B), Lookup::Configs(BTreeSet::from([digest(C)])))]);
        assert_eq!(state_of(&plan, with("r.io/web:2", Some(B)), &known), (Unverified, 0));
    }

    #[test]
    fn an_unknown_digest_proves_nothing() {
        let plan = Planned { image: "r.io/web:2".to_owned(), digest: None, set: BTreeSet::new(), ..planned() };
        assert_eq!(state_of(&plan, with("r.io/web:2", Some(A)), &HashMap::new()), (Unverified, 0));
    }

    #[test]
    fn only_pods_of_the_new_revision_count() {
        let old = PodView { revision: Some("old".to_owned()), ..(*with("r.io/web:1", Some(B))).clone() };
        let leaving = PodView { deleting: true, ..old.clone() };
        let pods = [Arc::new(old), Arc::new(leaving), with(&planned().image, Some(A))];
        let proving = prove(&planned(), &workload(WorkloadKind::Deployment, 1), &pods, 1, &HashMap::new());
        assert_eq!(proving.proof.state, Proven);
        assert_eq!(proving.proof.why, Some(format!("1/1 pods run {A}")));
    }

    #[test]
    fn waits_for_pods_that_are_expected_or_have_not_started() {
        let mut starting = pod("web-2");
        starting.containers = vec![container("app", waiting("ContainerCreating", ""))];
        let pods = [Arc::new(pod("web-1")), Arc::new(starting)];
        let deployment = workload(WorkloadKind::Deployment, 2);
        let proving = prove(&planned(), &deployment, &pods, 2, &HashMap::new());
        assert_eq!((proving.proof.state, proving.proof.pods_proven, proving.waiting), (Unverified, 1, true));
        let proving = prove(&planned(), &deployment, &pods[..1], 2, &HashMap::new());
        assert_eq!(proving.proof.why.as_deref(), Some("1 of 2 pods have been seen."));
        assert!(proving.waiting);
    }

    #[test]
    fn an_init_container_is_proven_after_it_ended() {
        let mut pod = pod("web-1");
        pod.containers[0].state = ContainerState::Exited(crate::kube::testing::exit(0, "Completed"));
        assert_eq!(state_of(&planned(), Arc::new(pod), &HashMap::new()), (Proven, 0));
    }
}
