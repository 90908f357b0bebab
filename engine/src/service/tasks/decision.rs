//! Whether a container can take a version, with what the scene and the caller's rights add.

use super::{
    scene::{OPEN, Scene},
    target::{Running, facts},
};
use crate::{
    Principal,
    auth::{On, Verb},
    kube::{ContainerView, WorkloadView, right_to_patch},
    service::runs,
    state::{
        hold,
        runnable::{Current, Decision, Target, decide},
    },
    store::{self, run_item},
};
use types::{Digest, Image, TaskId, Time, run::ItemStatus, version::Version};

/// How a version is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking {
    pub(crate) hold: hold::Rule,
    /// A rollback: it passes what only waits.
    pub(crate) at_the_head: bool,
    /// A recorded version, of whatever repository it was then.
    pub(crate) recorded: bool,
    /// The scope that it needs.
    pub(crate) verb: Verb,
}

impl Asking {
    /// As a person asks on the page, or as automation would.
    pub(crate) fn of(version: Option<&Version>) -> Self {
        let hold = match version {
            Some(Version::Latest(_)) => hold::Rule::Automatic,
            Some(
                Version::Tag(_) | Version::Digest(_) | Version::BuildRun(_) | Version::Build(_) | Version::Restart(_),
            )
            | None => hold::Rule::Explicit,
        };
        Self { hold, at_the_head: false, recorded: false, verb: Verb::Deploy }
    }
}

/// What is decided about.
pub(crate) struct Deciding<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) who: &'a Principal,
    pub(crate) workload: &'a WorkloadView,
    pub(crate) container: &'a ContainerView,
    pub(crate) running: &'a Running,
    pub(crate) target: &'a Target,
    pub(crate) asking: Asking,
    /// What the tag stood for when it was chosen.
    pub(crate) seen: Option<&'a Digest>,
}

/// Decides about a container.
pub(crate) fn decision(deciding: Deciding<'_>) -> Decision {
    let Deciding { scene, who, workload, container, running, target, asking, seen } = deciding;
    let id = TaskId { kind: workload.key.kind, workload: workload.key.name.clone(), container: container.name.clone() };
    let currents: Vec<Current<'_>> = in_hand(scene, &id, asking).collect();
    let held = scene.holds.get(&id.to_string()).filter(|_| hold::blocks(asking.hold));
    let mut facts = facts(workload, container, running);
    let build = scene.build(&running.image.repository);
    facts.built = build.is_some();
    facts.build_number = build.and_then(|build| build.number_of(running.image.tag.as_deref(), &running.digests));
    facts.nodes = scene.nodes.as_ref();
    facts.seen = seen;
    facts.cluster_forbidden = scene.forbidden.contains(&workload.key.kind).then(|| {
        let (right, namespace) = (right_to_patch(workload.key.kind), &workload.key.namespace);
        format!("Slipway lacks the right {right} in the namespace {namespace}.")
    });
    facts.frozen = scene.frozen.clone().filter(|_| asking.hold != hold::Rule::Passes);
    facts.forbidden = forbidden(scene, who, running, target, asking.verb);
    facts.cluster_error = scene.cluster_error();
    facts.currents = &currents;
    facts.held = held.map(|hold| format!("{} holds it: {}", hold.by, hold.reason));
    facts.any_repository = asking.recorded;
    decide(&facts, target)
}

/// Items on the workload that are not ended, in the order of their queue.
fn in_hand<'a>(scene: &'a Scene, id: &TaskId, asking: Asking) -> impl Iterator<Item = Current<'a>> {
    let passes = move |item: &run_item::Model| {
        let only_waits = [ItemStatus::Queued, ItemStatus::Building].iter().any(|status| status.as_str() == item.status);
        asking.at_the_head && only_waits
    };
    let ours = scene.items_on(id).iter();
    let open = ours.filter(|(item, _)| OPEN.iter().any(|status| status.as_str() == item.status));
    open.filter(move |(item, _)| !passes(item)).map(|(item, by)| Current {
        run: item.run_id,
        by,
        since: Time::from_millis(runs::created_ms(item.run_id)),
        to: goes_to(item).filter(|_| item.container == id.container),
    })
}

/// The reference that an item writes in the end: one that goes back writes its source.
fn goes_to(item: &run_item::Model) -> Option<String> {
    let back = item.status == ItemStatus::Undoing.as_str();
    let image = if back { item.back_image.as_ref() } else { item.to_image.as_ref() }?;
    if item.restart {
        return None;
    }
    store::read::<Image>(image).ok().map(|image| image.image)
}

fn forbidden(scene: &Scene, who: &Principal, running: &Running, target: &Target, verb: Verb) -> Option<String> {
    if !who.may(verb, &On::Map(scene.name.clone())) {
        return Some(format!("You need the scope {}:maps/{}.", verb.as_str(), scene.name));
    }
    let build = scene.build(&running.image.repository).and_then(|build| types::Name::parse(&build.row.name).ok())?;
    (*target == Target::Build && !who.may(Verb::Build, &On::Build(build.clone())))
        .then(|| format!("You need the scope build:builds/{build}."))
}
