use super::{Finding, Rule, Scene, UNCHANGED, Watchdog, blocking, findings, with_lines};
use crate::kube::{
    pod::{ContainerState, EventView, PodContainer, PodPhase, PodView},
    testing::{container, event, exit, pod, pod_with, waiting, workload},
    workload::WorkloadView,
};
use rstest::rstest;
use std::{sync::Arc, time::Duration};
use types::{WorkloadKind, run::Cause, task::Role};

const NOT_FOUND: &str = r#"Failed to pull image "r.io/web:2": rpc error: code = NotFound desc = r.io/web:2: not found"#;
const REFUSED: &str =
    r#"Failed to pull image "r.io/web:2": failed to do request: dial tcp 10.0.0.1:443: connect: connection refused"#;

fn found(workload: &WorkloadView, pods: &[Arc<PodView>], events: &[EventView]) -> Vec<Finding> {
    findings(Scene { workload, generation: 2, pods, events, events_known: true })
}

fn only(pods: &[Arc<PodView>], events: &[EventView]) -> Finding {
    let mut found = found(&workload(WorkloadKind::Deployment, 3), pods, events);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn crashed(restarts: u32, code: i32, reason: &str) -> PodContainer {
    let state = waiting("CrashLoopBackOff", "back-off 20s restarting failed container");
    PodContainer { restarts, last_exit: Some(exit(code, reason)), ..container("app", state) }
}

#[test]
fn a_healthy_rollout_has_no_trouble() {
    let starting = pod_with(container("app", waiting("ContainerCreating", "")));
    let pods = [Arc::new(pod("web-0")), starting];
    assert_eq!(found(&workload(WorkloadKind::Deployment, 3), &pods, &[]), []);
}

#[test]
fn the_troubles_of_the_version_before_do_not_count() {
    let pods = [pod_with(crashed(5, 1, "Error"))];
    let before = WorkloadView { generation: 1, ..workload(WorkloadKind::Deployment, 3) };
    assert_eq!(found(&before, &pods, &[]), []);
    let unseen = WorkloadView { observed_generation: 1, ..workload(WorkloadKind::Deployment, 3) };
    assert_eq!(found(&unseen, &pods, &[]), []);
}

#[rstest]
#[case("ErrImagePull", NOT_FOUND, 1, Cause::ImageNotFound, Rule::SecondPull)]
#[case("ImagePullBackOff", NOT_FOUND, 2, Cause::ImageNotFound, Rule::SecondPull)]
#[case("ImagePullBackOff", REFUSED, 4, Cause::ImageRegistryUnreachable, Rule::Deadline)]
fn pulls(#[case] reason: &str, #[case] told: &str, #[case] count: u32, #[case] code: Cause, #[case] rule: Rule) {
    let pods = [pod_with(container("app", waiting(reason, "Back-off pulling image \"r.io/web:2\"")))];
    let finding = only(&pods, &[event("Failed", told, count)]);
    assert_eq!((finding.code, finding.rule, finding.count), (code, rule, count));
    assert!(finding.evidence.iter().any(|evidence| evidence.kind == "event" && evidence.text.contains(told)));
}

#[rstest]
#[case::once(crashed(0, 1, "Error"), Cause::CrashLoop, 1, "Container app exited with 1.")]
#[case::often(crashed(2, 1, "Error"), Cause::CrashLoop, 3, "Container app exited with 1, three times in 40 s.")]
#[case::ended(
    crashed(1, 0, "Completed"),
    Cause::CrashLoop,
    2,
    "Container app ended by itself with 0, twice in 40 s, but it must keep running."
)]
#[case::memory(
    crashed(2, 137, "OOMKilled"),
    Cause::OutOfMemory,
    3,
    "Container app was killed because it used more memory than its limit, three times in 40 s."
)]
fn exits(#[case] container: PodContainer, #[case] code: Cause, #[case] count: u32, #[case] message: &str) {
    let finding = only(&[pod_with(container)], &[]);
    assert_eq!((finding.code, finding.count, finding.message.as_str()), (code, count, message));
    assert_eq!(finding.rule, Rule::ThirdExit);
    assert!(finding.has_log);
}

#[test]
fn init_containers_may_end_well_and_no_other_way() {
    let ended = |code, reason: &str| PodContainer {
        role: Role::Init,
        ..container("migrate", ContainerState::Exited(exit(code, reason)))
    };
    let well = pod_with(ended(0, "Completed"));
    assert_eq!(found(&workload(WorkloadKind::Deployment, 1), &[well], &[]), []);
    let finding = only(&[pod_with(ended(2, "Error"))], &[]);
    assert_eq!(finding.message, "Init container migrate exited with 2.");
}

#[test]
fn a_sidecar_must_keep_running() {
    let sidecar = PodContainer { role: Role::Sidecar, ..crashed(2, 1, "Error") };
    let finding = only(&[pod_with(sidecar)], &[]);
    assert_eq!((finding.code, finding.message.starts_with("Sidecar app")), (Cause::CrashLoop, true));
}

#[test]
fn what_runs_and_is_ready_again_has_healed() {
    let healed =
        PodContainer { restarts: 2, last_exit: Some(exit(1, "Error")), ..container("app", ContainerState::Running) };
    assert_eq!(found(&workload(WorkloadKind::Deployment, 1), &[pod_with(healed)], &[]), []);
}

#[test]
fn what_cannot_be_started_has_no_log() {
    let mut broken = crashed(0, 128, "StartError");
    if let Some(exit) = &mut broken.last_exit {
        exit.message = "exec: \"/app\": no such file or directory".to_owned();
    }
    let finding = only(&[pod_with(broken)], &[]);
    assert_eq!((finding.code, finding.has_log), (Cause::CrashLoop, false));
    assert_eq!(finding.message, "Container app cannot be started: exec: \"/app\": no such file or directory.");
}

#[rstest]
#[case("CreateContainerConfigError", r#"configmap "shop" not found"#, Cause::ConfigMissing)]
#[case("CreateContainerConfigError", "container has runAsNonRoot and image will run as root", Cause::PodDenied)]
fn configuration(#[case] reason: &str, #[case] message: &str, #[case] code: Cause) {
    let finding = only(&[pod_with(container("app", waiting(reason, message)))], &[]);
    assert_eq!((finding.code, finding.rule), (code, Rule::Unchanged(UNCHANGED)));
}

#[rstest]
#[case(r#"MountVolume.SetUp failed for volume "cfg" : configmap "cfg" not found"#, false, Some(Cause::ConfigMissing))]
#[case("AttachVolume.Attach failed for volume \"pv\"", false, Some(Cause::VolumeFailed))]
#[case::over("AttachVolume.Attach failed for volume \"pv\"", true, None)]
fn volumes(#[case] message: &str, #[case] mounted: bool, #[case] code: Option<Cause>) {
    let containers = vec![container("app", waiting("ContainerCreating", ""))];
    let pod = PodView { mounted, ready: false, phase: PodPhase::Pending, containers, ..pod("web-1") };
    let events = [EventView { container: None, ..event("FailedMount", message, 3) }];
    let found = found(&workload(WorkloadKind::Deployment, 1), &[Arc::new(pod)], &events);
    assert_eq!(found.first().map(|finding| finding.code), code);
}

#[test]
fn no_node_takes_the_pod() {
    let why = "0/1 nodes are available: 1 Insufficient cpu.";
    let pod = PodView { unschedulable: Some(why.to_owned()), containers: Vec::new(), ..pod("web-1") };
    let finding = only(&[Arc::new(pod)], &[]);
    assert_eq!((finding.code, finding.rule), (Cause::Unschedulable, Rule::Deadline));
    assert_eq!(finding.message, format!("No node takes pod web-1: {why}"));
}

#[test]
fn says_which_probe_fails_and_its_answer() {
    let running = PodContainer { ready: false, ..container("app", ContainerState::Running) };
    let events = [event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500", 4)];
    let finding = only(&[pod_with(running)], &events);
    assert_eq!((finding.code, finding.rule), (Cause::ProbeFailing, Rule::Deadline));
    assert_eq!(
        finding.message,
        "Container app runs, but its readiness probe fails: HTTP probe failed with statuscode: 500."
    );
}

#[rstest]
#[case("pods \"web-1\" is forbidden: exceeded quota: compute", Cause::QuotaExceeded)]
#[case("pods \"web-1\" is forbidden: violates PodSecurity \"restricted:latest\"", Cause::PodDenied)]
#[case("admission webhook \"x\" denied the request: no", Cause::PodDenied)]
fn pods_that_are_not_made(#[case] text: &str, #[case] code: Cause) {
    let mut deployment = workload(WorkloadKind::Deployment, 3);
    deployment.replica_failure = Some(text.to_owned());
    let of_deployment = found(&deployment, &[], &[]);
    assert_eq!(of_deployment[0].code, code);

    let mut set = workload(WorkloadKind::StatefulSet, 3);
    set.replicas.updated = 1;
    let events = [EventView { subject_uid: set.uid.clone(), ..event("FailedCreate", text, 5) }];
    let of_set = found(&set, &[], &events);
    assert_eq!((of_set[0].code, of_set[0].rule), (code, Rule::Unchanged(UNCHANGED)));
    set.replicas.updated = 3;
    assert_eq!(found(&set, &[], &events), [], "it is over: no pod is missing");
}

#[test]
fn pods_of_other_revisions_and_those_that_leave_do_not_count() {
    let old = PodView { revision: Some("old".to_owned()), ..(*pod_with(crashed(5, 1, "Error"))).clone() };
    let leaving = PodView { deleting: true, ..(*pod_with(crashed(5, 1, "Error"))).clone() };
    assert_eq!(found(&workload(WorkloadKind::Deployment, 1), &[Arc::new(old), Arc::new(leaving)], &[]), []);
}

#[test]
fn the_worst_comes_first() {
    let pull = pod_with(container("app", waiting("ErrImagePull", NOT_FOUND)));
    let crash = pod_with(crashed(2, 1, "Error"));
    let lost = Arc::new(PodView { unschedulable: Some("no".to_owned()), containers: Vec::new(), ..pod("web-2") });
    let found = found(&workload(WorkloadKind::Deployment, 3), &[lost, crash, pull], &[]);
    let codes: Vec<Cause> = found.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Cause::ImageNotFound, Cause::CrashLoop, Cause::Unschedulable]);
}

#[test]
fn the_log_gives_a_wrong_platform_away() {
    let finding = only(&[pod_with(crashed(0, 255, "Error"))], &[]);
    let lines = ["exec /bin/app: exec format error".to_owned()];
    let finding = with_lines(finding, &lines);
    assert_eq!(finding.code, Cause::WrongPlatform);
    assert_eq!(finding.evidence.last().map(|evidence| evidence.kind.as_str()), Some("log"));
}

fn judged(watchdog: &mut Watchdog, second: u64, pods: &[Arc<PodView>], events: &[EventView]) -> (Cause, bool) {
    let found = found(&workload(WorkloadKind::Deployment, 3), pods, events);
    let verdict = watchdog.judge(Duration::from_secs(second), found).expect("a verdict");
    (verdict.finding.code, verdict.ends)
}

#[test]
fn ends_with_the_third_exit() {
    let mut watchdog = Watchdog::default();
    for (restarts, ends) in [(0, false), (1, false), (2, true)] {
        let pods = [pod_with(crashed(restarts, 1, "Error"))];
        assert_eq!(judged(&mut watchdog, 1, &pods, &[]), (Cause::CrashLoop, ends));
    }
}

#[test]
fn ends_with_the_second_pull_by_the_events() {
    let mut watchdog = Watchdog::default();
    for (count, ends) in [(1, false), (2, true)] {
        let pods = [pod_with(container("app", waiting("ImagePullBackOff", "Back-off pulling image")))];
        let events = [event("Failed", NOT_FOUND, count)];
        assert_eq!(judged(&mut watchdog, 1, &pods, &events), (Cause::ImageNotFound, ends));
    }
}

#[test]
fn counts_pulls_itself_where_events_may_not_be_read() {
    let mut watchdog = Watchdog::default();
    let steps = [
        ("ErrImagePull", NOT_FOUND, false),
        ("ImagePullBackOff", "Back-off pulling image", false),
        ("ErrImagePull", NOT_FOUND, true),
    ];
    for (reason, message, ends) in steps {
        let pods = [pod_with(container("app", waiting(reason, message)))];
        assert_eq!(judged(&mut watchdog, 1, &pods, &[]), (Cause::ImageNotFound, ends), "{reason}");
    }
}

#[test]
fn ends_after_a_minute_without_change() {
    let mut watchdog = Watchdog::default();
    let missing = || [pod_with(container("app", waiting("CreateContainerConfigError", r#"secret "x" not found"#)))];
    assert_eq!(judged(&mut watchdog, 0, &missing(), &[]), (Cause::ConfigMissing, false));
    assert_eq!(judged(&mut watchdog, 59, &missing(), &[]), (Cause::ConfigMissing, false));
    assert_eq!(judged(&mut watchdog, 60, &missing(), &[]), (Cause::ConfigMissing, true));
}

#[test]
fn a_trouble_that_went_away_begins_anew() {
    let mut watchdog = Watchdog::default();
    let missing = || [pod_with(container("app", waiting("CreateContainerConfigError", r#"secret "x" not found"#)))];
    assert_eq!(judged(&mut watchdog, 0, &missing(), &[]), (Cause::ConfigMissing, false));
    assert_eq!(watchdog.judge(Duration::from_secs(30), Vec::new()), None);
    assert_eq!(judged(&mut watchdog, 61, &missing(), &[]), (Cause::ConfigMissing, false));
}

#[test]
fn says_when_to_look_again() {
    let mut watchdog = Watchdog::default();
    let pods = [pod_with(container("app", waiting("CreateContainerConfigError", r#"secret "x" not found"#)))];
    let found = found(&workload(WorkloadKind::Deployment, 3), &pods, &[]);
    let verdict = watchdog.judge(Duration::from_secs(7), found).expect("a verdict");
    assert_eq!(verdict.again_in, Some(UNCHANGED));
}

#[test]
fn an_unreachable_registry_ends_nothing() {
    let mut watchdog = Watchdog::default();
    let pods = [pod_with(container("app", waiting("ErrImagePull", REFUSED)))];
    assert_eq!(
        judged(&mut watchdog, 500, &pods, &[event("Failed", REFUSED, 9)]),
        (Cause::ImageRegistryUnreachable, false)
    );
}

/// A pod of the template before, crash looping.
fn old_and_broken() -> PodView {
    let broken = Arc::unwrap_or_clone(pod_with(crashed(5, 1, "Error")));
    PodView { revision: Some("old".to_owned()), ..broken }
}

#[rstest]
#[case::broken(|_: &mut WorkloadView, _: &mut PodView| {}, true)]
#[case::ready(|_: &mut WorkloadView, pod: &mut PodView| pod.ready = true, false)]
#[case::on_its_way_out(|_: &mut WorkloadView, pod: &mut PodView| pod.deleting = true, false)]
#[case::of_the_new_template(|_: &mut WorkloadView, pod: &mut PodView| pod.revision = Some("new".to_owned()), false)]
#[case::of_no_known_template(|_: &mut WorkloadView, pod: &mut PodView| pod.revision = None, false)]
#[case::only_starting(
    |_: &mut WorkloadView, pod: &mut PodView| pod.containers = vec![container("app", waiting("ContainerCreating", ""))],
    false
)]
#[case::pods_in_parallel(|workload: &mut WorkloadView, _: &mut PodView| workload.ordered = false, false)]
#[case::not_observed_yet(|workload: &mut WorkloadView, _: &mut PodView| workload.observed_generation = 1, false)]
#[case::before_the_patch(|workload: &mut WorkloadView, _: &mut PodView| workload.generation = 1, false)]
fn a_broken_pod_of_an_older_template_blocks(#[case] change: fn(&mut WorkloadView, &mut PodView), #[case] blocks: bool) {
    let (mut set, mut pod) = (workload(WorkloadKind::StatefulSet, 2), old_and_broken());
    change(&mut set, &mut pod);
    let pods = [Arc::new(pod)];
    let scene = Scene { workload: &set, generation: 2, pods: &pods, events: &[], events_known: true };
    assert_eq!(blocking(scene).len(), usize::from(blocks));
}
