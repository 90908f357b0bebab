//! A broken pod of an older template keeps an OrderedReady StatefulSet from taking the new one: only deleting it
//! lets the rollout go on. A Ready pod is never deleted.

use super::{Look, Seen, end_all, memory::Memory};
use crate::{
    Error,
    kube::{PodView, ReadError, causes},
    worker::group::{Group, failure},
};
use types::run::{Cause, Evidence, Failure};

/// Deletes the pods that block, once each.
pub(super) async fn clear(group: &mut Group, memory: &mut Memory, seen: Seen<'_>) -> Result<Look, Error> {
    let events = group.cluster.view().events_of(seen.live);
    let scene = causes::Scene {
        workload: seen.live,
        generation: seen.generation,
        pods: seen.pods,
        events: &events,
        events_known: true,
    };
    for (pod, finding) in causes::blocking(scene) {
        if memory.deleted.contains(&pod.uid) {
            continue;
        }
        match group.cluster.delete_pod(&group.key.namespace, &pod.name, &pod.uid).await {
            Ok(()) | Err(ReadError::NotFound) => {
                memory.deleted.insert(pod.uid.clone());
                let words = format!("Deleted pod {}, which blocks the rollout: {}", pod.name, finding.message);
                for item in &group.items {
                    item.best_effort_say(&words).await;
                }
            }
            Err(ReadError::Forbidden(why)) => return end_all(group, blocked(pod, &finding.message, &why)).await,
            Err(ReadError::Unavailable(why)) => {
                tracing::debug!(why, pod = pod.name, "a blocking pod could not be deleted yet");
            }
        }
    }
    Ok(Look::GoesOn)
}

fn blocked(pod: &PodView, trouble: &str, why: &str) -> Failure {
    let command = format!("kubectl --namespace {} delete pod {}", pod.namespace, pod.name);
    let message = format!(
        "Pod {} of an older template does not get ready and blocks the rollout ({trouble}). Slipway may not delete it: {command}",
        pod.name
    );
    Failure {
        evidence: vec![Evidence { kind: "api".to_owned(), name: pod.name.clone(), text: why.to_owned() }],
        advice: Some(format!("Delete it: {command}. Or give Slipway the right to delete pods.")),
        at_deadline: false,
        ..failure(Cause::BlockedByBrokenPod, message)
    }
}
