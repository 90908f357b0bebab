//! Pods that the cluster does not let the controller make.

use super::{Finding, Rule, Scene, UNCHANGED, words};
use types::{
    Time, WorkloadKind,
    run::{Cause, Evidence},
};

pub(super) fn findings(scene: Scene<'_>) -> Vec<Finding> {
    failure(scene).map(|(reason, text, evidence)| finding(&reason, &text, evidence)).into_iter().collect()
}

/// For a Deployment what its ReplicaSet says, which goes when it is over; for the others their events since the
/// image was written, while pods are missing.
fn failure(scene: Scene<'_>) -> Option<(String, String, Evidence)> {
    let workload = scene.workload;
    if let Some(text) = &workload.replica_failure {
        let evidence = Evidence { kind: "api".to_owned(), name: "ReplicaFailure".to_owned(), text: text.clone() };
        return Some(("ReplicaFailure".to_owned(), text.clone(), evidence));
    }
    let missing = workload.replicas.updated < workload.replicas.wanted;
    if !missing || matches!(workload.key.kind, WorkloadKind::Deployment | WorkloadKind::CronJob) {
        return None;
    }
    let written: Option<Time> = workload.containers.iter().filter_map(|container| container.written_at).max();
    let failed =
        scene.events.iter().filter(|event| event.reason == "FailedCreate" && event.subject_uid == workload.uid);
    let event = words::newest(failed.filter(|event| event.last_at >= written))?;
    Some((event.reason.clone(), event.message.clone(), words::event(event)))
}

fn finding(reason: &str, text: &str, evidence: Evidence) -> Finding {
    let said = words::sentence(text);
    let (code, message, advice) = if text.contains("exceeded quota") {
        let message = format!("The quota of the namespace is used up: {said}");
        (Cause::QuotaExceeded, message, "Raise the quota, or scale something down.")
    } else {
        let message = format!("The cluster refuses to create pods: {said}");
        (Cause::PodDenied, message, "Change what is refused, or ask whoever sets the rules of the cluster.")
    };
    Finding {
        code,
        message,
        advice: advice.to_owned(),
        evidence: vec![evidence],
        pod: None,
        container: None,
        reason: reason.to_owned(),
        count: 0,
        rule: Rule::Unchanged(UNCHANGED),
        has_log: false,
        vague: false,
    }
}
