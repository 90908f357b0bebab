//! Whether a task can run, and why not: decided here for the page and for REST alike.

use super::platform;
use crate::{
    image::{ImageRef, Repository},
    kube::workload::Platform,
    registry::{DigestSet, Known, equal, is_lower},
};
use std::collections::BTreeSet;
use types::{
    Digest, Time,
    plan::{Action, BlockedBy, Wall, Warned, Warning},
};
use uuid::Uuid;

/// What is known of a task when it is decided.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    pub image: &'a ImageRef,
    /// Every digest that stands for what runs now: of the template and, where the rollout is complete, what the pods
    /// prove; empty while unknown.
    pub running: &'a DigestSet,
    /// The last rollout is complete and nothing contradicts it.
    pub complete: bool,
    pub built: bool,
    pub paused: bool,
    /// There are pods, or there will be.
    pub pods: bool,
    pub cron_job: bool,
    /// A CronJob that starts no Jobs.
    pub suspended: bool,
    pub on_delete: bool,
    pub partition: u32,
    pub managed_by: Option<&'a str>,
    /// `imagePullPolicy: Never`.
    pub never_pulls: bool,
    /// Items of runs that have the workload in hand or wait for it, the first in the queue first.
    pub currents: &'a [Current<'a>],
    /// Who holds it and why, where that keeps this target.
    pub held: Option<String>,
    /// Why the map takes no runs now, where that keeps this target.
    pub frozen: Option<String>,
    /// The right that Slipway lacks in the cluster.
    pub cluster_forbidden: Option<String>,
    /// Platforms of the nodes, as far as they are known.
    pub nodes: Option<&'a BTreeSet<Platform>>,
    /// What the template's node selector asks for.
    pub selector: &'a Platform,
    /// The run of the build that made what runs now.
    pub build_number: Option<i32>,
    /// What the tag stood for when it was chosen.
    pub seen: Option<&'a Digest>,
    /// A recorded version may be of a repository that the container has left.
    pub any_repository: bool,
    /// What the caller lacks, in words.
    pub forbidden: Option<String>,
    /// What the cluster said last, while it cannot be reached.
    pub cluster_error: Option<&'a str>,
}

/// An item that has the workload in hand just now, or waits for it.
#[derive(Clone, Debug)]
pub struct Current<'a> {
    pub run: Uuid,
    pub by: &'a str,
    pub since: Time,
    /// Where it takes this very container; none: elsewhere, or a build will tell.
    pub to: Option<String>,
}

/// What the selection leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Nothing is chosen.
    Nothing,
    /// Build & Deployment, and Execute is not ticked.
    NotTicked,
    /// The build's tags are typed and none was given.
    TagRequired,
    /// No run of the build has succeeded, or that one has not.
    NoSuccessfulBuild(Option<u32>),
    Build,
    Restart,
    Image(TargetImage),
}

/// An image, as far as its registry told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetImage {
    pub repository: Repository,
    pub tag: Option<String>,
    pub digests: DigestSet,
    pub found: Found,
    /// As in `linux/amd64`; empty while they are not known.
    pub platforms: Vec<String>,
    /// The run of the build that made it.
    pub build_number: Option<i32>,
    /// The reference as it will be written.
    pub written: String,
}

/// What the registry said about an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Yes,
    /// 404 with our credentials, for a tag.
    TagNotFound,
    /// A recorded digest that is no longer there.
    Gone,
    /// Not asked yet, or no registry of Slipway has that host.
    Unknown,
    Unreachable(String),
    Unauthorized(String),
}

/// The decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub action: Action,
    pub blocked_by: Vec<BlockedBy>,
    pub warnings: Vec<Warned>,
    /// The run that does this very thing already.
    pub in_progress: Option<Uuid>,
}

impl Decision {
    pub fn runnable(&self) -> bool {
        self.blocked_by.is_empty()
    }

    /// Whether nothing but "it already runs" stands in the way.
    pub fn is_same_version(&self) -> bool {
        !self.blocked_by.is_empty() && self.blocked_by.iter().all(|wall| wall.code == Wall::SameVersion)
    }
}

/// Decides what a target would do, and what stands in its way.
pub fn decide(facts: &Facts<'_>, target: &Target) -> Decision {
    let mut decision =
        Decision { action: Action::None, blocked_by: Vec::new(), warnings: Vec::new(), in_progress: None };
    walls_around(facts, &mut decision);
    match target {
        Target::Nothing => decision.block(Wall::NothingSelected, "No version is chosen."),
        Target::NotTicked => decision.block(Wall::NotTicked, "Tick Execute to build and deploy."),
        Target::TagRequired => decision.block(Wall::TagRequired, "This build needs a tag for each run."),
        Target::NoSuccessfulBuild(None) => {
            decision.block(Wall::NoSuccessfulBuild, "The build has no successful run yet.");
        }
        Target::NoSuccessfulBuild(Some(number)) => {
            decision.block(Wall::NoSuccessfulBuild, format!("The build has no successful run {number}."));
        }
        Target::Build => decision.action = Action::BuildDeploy,
        Target::Restart => restart(facts, &mut decision),
        Target::Image(image) => deploy(facts, image, &mut decision),
    }
    if decision.runnable() {
        warnings_around(facts, &mut decision);
    }
    decision
}

/// What stands in the way of any change.
fn walls_around(facts: &Facts<'_>, decision: &mut Decision) {
    if let Some(error) = facts.cluster_error {
        decision.block(Wall::ClusterUnreachable, format!("The cluster does not answer: {error}"));
    }
    if let Some(words) = &facts.forbidden {
        decision.block(Wall::Forbidden, words.clone());
    }
    if let Some(words) = &facts.cluster_forbidden {
        decision.block(Wall::ClusterForbidden, words.clone());
    }
    if let Some(words) = &facts.frozen {
        decision.block(Wall::Frozen, words.clone());
    }
    if let Some(words) = &facts.held {
        decision.block(Wall::Held, words.clone());
    }
    if facts.paused {
        decision.block(Wall::Paused, "The Deployment is paused. Resume it first: kubectl rollout resume.");
    }
}

fn restart(facts: &Facts<'_>, decision: &mut Decision) {
    decision.action = Action::Restart;
    if facts.cron_job {
        decision.block(Wall::NothingSelected, "A CronJob has no pods to restart.");
    } else if !facts.pods {
        decision.block(Wall::NothingSelected, "There are no pods to restart.");
    }
}

fn deploy(facts: &Facts<'_>, image: &TargetImage, decision: &mut Decision) {
    decision.action = Action::Deploy;
    if image.repository != facts.image.repository && !facts.any_repository {
        let words = format!("The container runs {}, this is {}.", facts.image.repository, image.repository);
        return decision.block(Wall::OtherRepository, words);
    }
    let name = image.tag.clone().unwrap_or_else(|| image.written.clone());
    match &image.found {
        Found::TagNotFound => {
            return decision.block(Wall::TagNotFound, format!("{}:{name} is not in the registry.", image.repository));
        }
        Found::Gone => {
            return decision.block(Wall::ImageGone, format!("The image of {name} is no longer in the registry."));
        }
        Found::Unreachable(why) => {
            decision.warn(Warning::RegistryUnreachable, format!("The registry does not answer: {why}"))
        }
        Found::Unauthorized(why) => {
            decision.warn(Warning::RegistryUnauthorized, format!("The registry refuses: {why}"))
        }
        Found::Yes | Found::Unknown => {}
    }
    if let Some(nodes) = facts.nodes.filter(|nodes| !platform::fits(&image.platforms, nodes, facts.selector)) {
        let (has, needs) = (image.platforms.join(", "), platform::names(nodes));
        let words = format!("{name} is made for {has}; the nodes of the cluster have {needs}.");
        return decision.block(Wall::WrongPlatform, words);
    }
    if image.digests.is_empty() {
        decision.warn(Warning::DigestUnknown, "The digest is not known: the tag alone is written.");
    }
    if let Some(current) = facts.currents.iter().find(|current| current.to.as_ref() == Some(&image.written)) {
        let words = format!("{} rolls it out since {}.", current.by, clock(current.since));
        decision.in_progress = Some(current.run);
        return decision.block(Wall::RunInProgress, words);
    }
    if facts.complete && facts.currents.is_empty() && is_running(facts, image) {
        same_version(facts, image, &name, decision);
    }
    if decision.runnable() && decision.action == Action::Deploy {
        compared(facts, image, &name, decision);
    }
}

/// What should be known of a version beside the one that runs, and beside the one that was chosen.
fn compared(facts: &Facts<'_>, image: &TargetImage, name: &str, decision: &mut Decision) {
    let by_number = image.build_number.zip(facts.build_number).map(|(to, from)| to < from);
    let by_tag = image.tag.as_deref().zip(facts.image.tag.as_deref()).and_then(|(to, from)| is_lower(to, from));
    if by_number.or(by_tag) == Some(true) {
        let now = facts.image.tag.as_deref().unwrap_or("what runs now");
        decision.warn(Warning::OlderVersion, format!("{name} is older than {now}."));
    }
    let moved = facts.seen.filter(|seen| !image.digests.is_empty() && !image.digests.contains(*seen));
    if let Some(seen) = moved {
        let words = format!("{name} was {} when it was chosen and has moved since: what it is now runs.", seen.short());
        decision.warn(Warning::Moved, words);
    }
}

fn is_running(facts: &Facts<'_>, image: &TargetImage) -> bool {
    let now = Known { repository: &facts.image.repository, tag: facts.image.tag.as_deref(), digests: facts.running };
    let then = Known { repository: &image.repository, tag: image.tag.as_deref(), digests: &image.digests };
    equal(now, then)
}

/// The tag `latest` of a common image that has not moved restarts; everything else already runs.
fn same_version(facts: &Facts<'_>, image: &TargetImage, name: &str, decision: &mut Decision) {
    if !facts.built && image.tag.as_deref() == Some("latest") && !facts.cron_job && facts.pods {
        decision.action = Action::Restart;
        return;
    }
    let how = if image.digests.is_empty() { "same tag" } else { "same digest" };
    decision.block(Wall::SameVersion, format!("{name} already runs, {how}."));
}

fn warnings_around(facts: &Facts<'_>, decision: &mut Decision) {
    if let Some(current) = facts.currents.first() {
        let words = format!("It waits for the run that {} began at {}.", current.by, clock(current.since));
        decision.warn(Warning::QueuedBehind, words);
    }
    if facts.suspended {
        decision.warn(Warning::NoPods, "The CronJob is suspended: it takes effect when it is resumed.");
    } else if !facts.pods && !facts.cron_job {
        decision.warn(Warning::NoPods, "There are no pods: it takes effect when there are.");
    }
    if facts.on_delete {
        decision.warn(Warning::OnDelete, "Pods are replaced only when somebody deletes them (OnDelete).");
    }
    if facts.partition > 0 {
        let words = format!("Only pods from number {} on are replaced (partition).", facts.partition);
        decision.warn(Warning::Partitioned, words);
    }
    if let Some(manager) = facts.managed_by {
        decision.warn(Warning::ManagedBy, format!("{manager} manages it and may put the old version back."));
    }
    if facts.never_pulls {
        decision.warn(Warning::MayNotPull, "The container never pulls its image (imagePullPolicy: Never).");
    }
}

impl Decision {
    fn block(&mut self, code: Wall, message: impl Into<String>) {
        self.blocked_by.push(BlockedBy { code, message: message.into() });
    }

    fn warn(&mut self, code: Warning, message: impl Into<String>) {
        self.warnings.push(Warned { code, message: message.into() });
    }
}

/// Hours and minutes in UTC, as in `14:02 UTC`.
fn clock(time: Time) -> String {
    let text = time.to_string();
    format!("{} UTC", text.get(11..16).unwrap_or(&text))
}

#[cfg(test)]
mod tests;
