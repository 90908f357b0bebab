//! What keeps a rollout from advancing, in words for people, and when it ends the item.
//!
//! `findings` is pure and looks at one moment. What only time shows (that nothing changed for a minute, that an
//! image was pulled in vain a second time) the `Watchdog` of the item remembers.

mod config;
mod create;
mod exit;
mod image;
mod probe;
mod schedule;
#[cfg(test)]
mod tests;
mod watchdog;
mod words;

pub use exit::with_lines;
pub use watchdog::{Verdict, Watchdog};

use super::{
    pod::{EventView, PodContainer, PodPhase, PodView},
    workload::WorkloadView,
};
use std::{sync::Arc, time::Duration};
use types::{
    Time,
    run::{Cause, Evidence, Failure, Trouble},
};

/// Troubles that a person may mend elsewhere (a missing ConfigMap, a quota) get this long.
const UNCHANGED: Duration = Duration::from_secs(60);
/// Exits of one container of one pod after which it is no accident.
const EXITS: u32 = 3;
/// Failed pulls of one pod after which the registry's answer is no accident.
const PULLS: u32 = 2;

/// What is looked at: a workload, its pods of all revisions, and the warning events about them.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    pub workload: &'a WorkloadView,
    /// The recorded generation: before the view has it, it shows the troubles of the version before.
    pub generation: i64,
    pub pods: &'a [Arc<PodView>],
    pub events: &'a [EventView],
    /// Whether events could be read; without them the pods' own words must do.
    pub events_known: bool,
}

/// Something that is wrong just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub code: Cause,
    pub message: String,
    /// What to do.
    pub advice: String,
    pub evidence: Vec<Evidence>,
    pub pod: Option<String>,
    pub container: Option<String>,
    /// The word of the node, as in `CrashLoopBackOff`.
    pub reason: String,
    /// Exits or failed pulls that were seen, where the rule counts them.
    pub count: u32,
    pub rule: Rule,
    /// The container has run and exited: its last lines (`Cluster::last_lines`) are evidence.
    pub has_log: bool,
    /// Nobody says what is wrong; the cause is the mildest that it can be.
    pub vague: bool,
}

impl Finding {
    /// As a running item shows it; `since` is our clock's.
    pub fn trouble(&self, since: Time) -> Trouble {
        Trouble { code: self.code, message: self.message.clone(), evidence: self.evidence.clone(), since }
    }

    /// As an item that ends with it shows it.
    pub fn failure(&self) -> Failure {
        Failure {
            code: self.code,
            message: self.message.clone(),
            evidence: self.evidence.clone(),
            advice: Some(self.advice.clone()),
            at_deadline: false,
        }
    }
}

/// What lets a finding end the item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The second failed pull of one pod.
    SecondPull,
    /// The third exit of the same container of one pod.
    ThirdExit,
    /// So long without change.
    Unchanged(Duration),
    Deadline,
}

/// All that is wrong with the pods of the new revision, the worst first.
pub fn findings(scene: Scene<'_>) -> Vec<Finding> {
    if !is_current(scene) {
        return Vec::new();
    }
    let mut found: Vec<Finding> = create::findings(scene);
    for pod in scene.pods.iter().filter(|pod| pod.is_new(scene.workload)) {
        found.extend(of_pod(scene, pod));
    }
    found.sort_by_key(|finding| (finding.rule, u32::MAX - finding.count));
    found
}

/// Pods of older templates that keep an OrderedReady StatefulSet from replacing them: not Ready, not on their way
/// out, and failing; each with what is wrong.
pub fn blocking<'a>(scene: Scene<'a>) -> Vec<(&'a PodView, Finding)> {
    let Some(newest) = scene.workload.revision.as_ref().filter(|_| scene.workload.ordered && is_current(scene)) else {
        return Vec::new();
    };
    let old = |pod: &&PodView| pod.revision.as_ref().is_some_and(|revision| revision != newest);
    let stuck = scene.pods.iter().map(Arc::as_ref).filter(|pod| !pod.ready && !pod.deleting).filter(old);
    stuck.filter_map(|pod| Some((pod, of_pod(scene, pod).into_iter().next()?))).collect()
}

/// Before the view has the recorded generation, it shows the troubles of the version before.
fn is_current(scene: Scene<'_>) -> bool {
    scene.workload.generation >= scene.generation && scene.workload.is_observed()
}

/// What is wrong with one pod; one that has ended for good no controller counts.
fn of_pod(scene: Scene<'_>, pod: &PodView) -> Vec<Finding> {
    if matches!(pod.phase, PodPhase::Failed | PodPhase::Succeeded) {
        return Vec::new();
    }
    let events: Vec<&EventView> = scene.events.iter().filter(|event| event.subject_uid == pod.uid).collect();
    let mut found: Vec<Finding> = schedule::finding(pod).into_iter().chain(config::volume(pod, &events)).collect();
    for container in &pod.containers {
        let seen = Seen { pod, container, events: &events, events_known: scene.events_known };
        found.extend(of_container(seen));
    }
    found
}

/// One container of one pod, with the events about the pod.
#[derive(Clone, Copy)]
struct Seen<'a> {
    pod: &'a PodView,
    container: &'a PodContainer,
    events: &'a [&'a EventView],
    events_known: bool,
}

impl<'a> Seen<'a> {
    /// Events about this container, of one of these reasons.
    fn events_of(self, reasons: &'a [&str]) -> impl Iterator<Item = &'a EventView> + 'a {
        let named = move |event: &&EventView| event.container.as_deref() == Some(self.container.name.as_str());
        self.events.iter().copied().filter(named).filter(|event| reasons.contains(&event.reason.as_str()))
    }
}

/// The first that explains it: a container has one trouble at a time.
fn of_container(seen: Seen<'_>) -> Option<Finding> {
    image::finding(seen)
        .or_else(|| config::container(seen))
        .or_else(|| exit::finding(seen))
        .or_else(|| probe::finding(seen))
}
