use super::{Current, Decision, Facts, Found, Target, TargetImage, decide};
use crate::{image::ImageRef, kube::workload::Platform, registry::DigestSet};
use rstest::rstest;
use std::collections::BTreeSet;
use types::{
    Digest, Time,
    plan::{Action, Wall, Warning},
};
use uuid::Uuid;

fn digest(of: u8) -> Digest {
    Digest::parse(&format!("sha256:{}", format!("{of:02x}").repeat(32))).expect("a digest")
}

fn set(of: &[u8]) -> DigestSet {
    of.iter().map(|&of| digest(of)).collect()
}

fn target(tag: &str, digests: &[u8], found: Found) -> Target {
    let image = ImageRef::parse(&format!("host.example/web:{tag}")).expect("an image");
    Target::Image(TargetImage {
        repository: image.repository,
        tag: Some(tag.into()),
        digests: set(digests),
        found,
        platforms: vec!["linux/amd64".to_owned()],
        build_number: None,
        written: format!("host.example/web:{tag}"),
    })
}

/// What runs is complete and nothing is in the way.
fn plain<'a>(image: &'a ImageRef, running: &'a DigestSet, selector: &'a Platform) -> Facts<'a> {
    Facts {
        image,
        running,
        complete: true,
        built: false,
        paused: false,
        pods: true,
        cron_job: false,
        suspended: false,
        on_delete: false,
        partition: 0,
        managed_by: None,
        never_pulls: false,
        currents: &[],
        held: None,
        frozen: None,
        cluster_forbidden: None,
        nodes: None,
        selector,
        build_number: None,
        seen: None,
        any_repository: false,
        forbidden: None,
        cluster_error: None,
    }
}

fn decided(queue: &[Current<'_>], change: impl FnOnce(&mut Facts<'_>), target: &Target) -> Decision {
    let image = ImageRef::parse("host.example/web:1.0").expect("an image");
    let running = set(&[1, 2]);
    let selector = Platform::default();
    let mut facts = Facts { currents: queue, ..plain(&image, &running, &selector) };
    change(&mut facts);
    decide(&facts, target)
}

#[rstest]
#[case(target("2.0", &[3], Found::Yes), None)]
#[case(target("1.0", &[2, 9], Found::Yes), Some(Wall::SameVersion))]
#[case(target("other-name", &[1], Found::Yes), Some(Wall::SameVersion))]
#[case(target("1.0", &[3], Found::Yes), None)]
#[case(target("1.0", &[], Found::Unknown), Some(Wall::SameVersion))]
#[case(target("2.0", &[], Found::Unknown), None)]
#[case(target("2.0", &[], Found::TagNotFound), Some(Wall::TagNotFound))]
#[case(target("2.0", &[], Found::Gone), Some(Wall::ImageGone))]
#[case(Target::Nothing, Some(Wall::NothingSelected))]
#[case(Target::NotTicked, Some(Wall::NotTicked))]
#[case(Target::TagRequired, Some(Wall::TagRequired))]
#[case(Target::NoSuccessfulBuild(None), Some(Wall::NoSuccessfulBuild))]
#[case(Target::NoSuccessfulBuild(Some(7)), Some(Wall::NoSuccessfulBuild))]
#[case(Target::Build, None)]
#[case(Target::Restart, None)]
fn walls(#[case] target: Target, #[case] wall: Option<Wall>) {
    let decision = decided(&[], |_| {}, &target);
    assert_eq!(decision.blocked_by.first().map(|wall| wall.code), wall);
}

#[test]
fn an_incomplete_rollout_is_never_the_same_version() {
    let decision = decided(&[], |facts| facts.complete = false, &target("1.0", &[1], Found::Yes));
    assert!(decision.runnable());
}

#[test]
fn latest_that_did_not_move_restarts() {
    let decision = decided(&[], |_| {}, &target("latest", &[1], Found::Yes));
    assert_eq!((decision.action, decision.runnable()), (Action::Restart, true));
    let moved = decided(&[], |_| {}, &target("latest", &[9], Found::Yes));
    assert_eq!((moved.action, moved.runnable()), (Action::Deploy, true));
    let built = decided(&[], |facts| facts.built = true, &target("latest", &[1], Found::Yes));
    assert!(built.is_same_version());
}

#[test]
fn another_repository_is_refused() {
    let mut other = target("2.0", &[3], Found::Yes);
    if let Target::Image(image) = &mut other {
        image.repository = ImageRef::parse("host.example/api:1").expect("an image").repository;
    }
    assert_eq!(decided(&[], |_| {}, &other).blocked_by[0].code, Wall::OtherRepository);
    assert!(decided(&[], |facts| facts.any_repository = true, &other).runnable(), "a way back may");
}

#[test]
fn what_is_on_its_way_is_not_started_again() {
    let current = |to: &str| Current {
        run: Uuid::from_u128(7),
        by: "ci",
        since: Time::from_millis(0),
        to: Some(format!("host.example/web:{to}")),
    };
    let decide = |queue: &[Current<'_>]| decided(queue, |_| {}, &target("2.0", &[3], Found::Yes));
    let rolls = decide(&[current("2.0")]);
    assert_eq!((rolls.blocked_by[0].code, rolls.in_progress), (Wall::RunInProgress, Some(Uuid::from_u128(7))));
    assert_eq!(decide(&[current("3.0"), current("2.0")]).blocked_by[0].code, Wall::RunInProgress);
    assert_eq!(decide(&[current("3.0")]).warnings[0].code, Warning::QueuedBehind);
}

#[rstest]
#[case(|facts: &mut Facts<'_>| facts.paused = true, Wall::Paused)]
#[case(|facts: &mut Facts<'_>| facts.held = Some("no".into()), Wall::Held)]
#[case(|facts: &mut Facts<'_>| facts.frozen = Some("no".into()), Wall::Frozen)]
#[case(|facts: &mut Facts<'_>| facts.cluster_forbidden = Some("no".into()), Wall::ClusterForbidden)]
#[case(|facts: &mut Facts<'_>| facts.forbidden = Some("no".into()), Wall::Forbidden)]
#[case(|facts: &mut Facts<'_>| facts.cluster_error = Some("refused"), Wall::ClusterUnreachable)]
fn stand_around(#[case] change: fn(&mut Facts<'_>), #[case] wall: Wall) {
    let decision = decided(&[], change, &target("2.0", &[3], Found::Yes));
    assert_eq!(decision.blocked_by[0].code, wall);
}

#[rstest]
#[case(|facts: &mut Facts<'_>| facts.pods = false, Warning::NoPods)]
#[case(|facts: &mut Facts<'_>| facts.suspended = true, Warning::NoPods)]
#[case(|facts: &mut Facts<'_>| facts.on_delete = true, Warning::OnDelete)]
#[case(|facts: &mut Facts<'_>| facts.partition = 1, Warning::Partitioned)]
#[case(|facts: &mut Facts<'_>| facts.managed_by = Some("Helm"), Warning::ManagedBy)]
#[case(|facts: &mut Facts<'_>| facts.never_pulls = true, Warning::MayNotPull)]
fn warn(#[case] change: fn(&mut Facts<'_>), #[case] warning: Warning) {
    let decision = decided(&[], change, &target("2.0", &[3], Found::Yes));
    assert_eq!(decision.warnings[0].code, warning);
    assert!(decision.runnable());
}

#[rstest]
#[case("amd64", None)]
#[case("arm64", Some(Wall::WrongPlatform))]
fn an_image_for_no_node_is_refused(#[case] node: &str, #[case] wall: Option<Wall>) {
    let node = Platform { os: Some("linux".to_owned()), architecture: Some(node.to_owned()) };
    let nodes = BTreeSet::from([node]);
    let image = ImageRef::parse("host.example/web:1.0").expect("an image");
    let (running, selector) = (set(&[1]), Platform::default());
    let facts = Facts { nodes: Some(&nodes), ..plain(&image, &running, &selector) };
    let decision = decide(&facts, &target("2.0", &[3], Found::Yes));
    assert_eq!(decision.blocked_by.first().map(|wall| wall.code), wall);
    assert!(wall.is_none() || decision.blocked_by[0].message.contains("the nodes of the cluster have linux/arm64"));
}

#[rstest]
#[case::lower_tag("0.9", None, None, true)]
#[case::higher_tag("2.0", None, None, false)]
#[case::another_form("0.9.1", None, None, false)]
#[case::earlier_run_of_the_build("2.0", Some(4), Some(5), true)]
#[case::later_run_of_the_build("0.9", Some(6), Some(5), false)]
#[case::one_number_says_nothing("2.0", Some(4), None, false)]
fn an_older_version_is_told(
    #[case] tag: &str,
    #[case] to: Option<i32>,
    #[case] from: Option<i32>,
    #[case] older: bool,
) {
    let mut target = target(tag, &[3], Found::Yes);
    if let Target::Image(image) = &mut target {
        image.build_number = to;
    }
    let decision = decided(&[], |facts| facts.build_number = from, &target);
    assert_eq!(decision.warnings.iter().any(|warned| warned.code == Warning::OlderVersion), older, "{decision:?}");
    assert!(decision.runnable());
}

#[rstest]
#[case::moved(&[3], 9, true)]
#[case::one_of_the_set(&[3, 9], 9, false)]
#[case::not_known_now(&[], 9, false)]
fn a_tag_that_moved_since_it_was_chosen_is_told(#[case] now: &[u8], #[case] seen: u8, #[case] moved: bool) {
    let image = ImageRef::parse("host.example/web:1.0").expect("an image");
    let (running, selector, seen) = (set(&[1]), Platform::default(), digest(seen));
    let facts = Facts { seen: Some(&seen), ..plain(&image, &running, &selector) };
    let decision = decide(&facts, &target("2.0", now, Found::Yes));
    assert_eq!(decision.warnings.iter().any(|warned| warned.code == Warning::Moved), moved, "{decision:?}");
}
