//! What a pod refers to and is not there: ConfigMaps, Secrets, volumes.

use super::{Finding, Rule, Seen, UNCHANGED, words};
use crate::kube::pod::{ContainerState, EventView, PodPhase, PodView};
use types::run::Cause;

/// What a pod lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lack {
    Config,
    Volume,
    /// The image says nothing to run, and the pod neither.
    Command,
    /// The node's own rules refuse the container.
    Permission,
}

impl Lack {
    fn code(self) -> Cause {
        match self {
            Lack::Config => Cause::ConfigMissing,
            Lack::Volume => Cause::VolumeFailed,
            Lack::Command => Cause::ImageInvalid,
            Lack::Permission => Cause::PodDenied,
        }
    }
}

/// What the node refuses while it makes the container.
pub(super) fn container(seen: Seen<'_>) -> Option<Finding> {
    let ContainerState::Waiting { reason, message } = &seen.container.state else { return None };
    if !matches!(reason.as_str(), "CreateContainerConfigError" | "CreateContainerError") {
        return None;
    }
    let lack = lack(message);
    let name = words::container(seen);
    let text = words::sentence(message);
    let (message, advice) = match lack {
        Lack::Config => (format!("{name} needs a ConfigMap or Secret that is not there: {text}"), CREATE_IT),
        Lack::Volume => (format!("A volume of {name} cannot be used: {text}"), CHECK_VOLUME),
        Lack::Command => (format!("{name} has nothing to run: {text}"), "Give the image an entry point."),
        Lack::Permission => {
            (format!("The node refuses to make {name}: {text}"), "Check the security context and the settings.")
        }
    };
    Some(Finding {
        code: lack.code(),
        evidence: vec![words::pod(&seen.pod.name, format!("{reason}: {text}"))],
        message,
        advice: advice.to_owned(),
        pod: Some(seen.pod.name.clone()),
        container: Some(seen.container.name.clone()),
        reason: reason.clone(),
        count: 0,
        rule: Rule::Unchanged(UNCHANGED),
        has_log: false,
        vague: false,
    })
}

const CREATE_IT: &str = "Create it in the namespace of the workload, or take out the reference to it.";
const CHECK_VOLUME: &str = "Check the volume, its claim and its storage class.";

/// A volume that cannot be mounted: only events say so, and only while the pod waits for it.
pub(super) fn volume(pod: &PodView, events: &[&EventView]) -> Option<Finding> {
    if pod.mounted || pod.phase != PodPhase::Pending || pod.node.is_none() {
        return None;
    }
    const REASONS: [&str; 3] = ["FailedMount", "FailedAttachVolume", "FailedMapVolume"];
    let failed = events.iter().copied().filter(|event| REASONS.contains(&event.reason.as_str()));
    let event = words::newest(failed)?;
    let text = words::sentence(&event.message);
    let (code, message, advice) = match lack(&event.message) {
        Lack::Config => {
            let message = format!("Pod {} needs a ConfigMap or Secret that is not there: {text}", pod.name);
            (Cause::ConfigMissing, message, CREATE_IT)
        }
        // The event is about a volume, whatever its words are.
        Lack::Volume | Lack::Command | Lack::Permission => {
            (Cause::VolumeFailed, format!("A volume of pod {} cannot be mounted: {text}", pod.name), CHECK_VOLUME)
        }
    };
    Some(Finding {
        code,
        message,
        advice: advice.to_owned(),
        evidence: vec![words::event(event)],
        pod: Some(pod.name.clone()),
        container: None,
        reason: event.reason.clone(),
        count: 0,
        rule: Rule::Unchanged(UNCHANGED),
        has_log: false,
        vague: false,
    })
}

fn lack(message: &str) -> Lack {
    let text = message.to_lowercase();
    let refers = ["configmap", "secret", "config map"].iter().any(|word| text.contains(word));
    let missing =
        ["not found", "couldn't find key", "non-existent", "no such key"].iter().any(|word| text.contains(word));
    if refers && missing {
        return Lack::Config;
    }
    if ["mount", "volume", "subpath"].iter().any(|word| text.contains(word)) {
        return Lack::Volume;
    }
    if text.contains("no command specified") { Lack::Command } else { Lack::Permission }
}

#[cfg(test)]
mod tests {
    use super::lack;
    use rstest::rstest;

    #[rstest]
    #[case(r#"configmap "shop" not found"#, "config_missing")]
    #[case(r#"secret "shop" not found"#, "config_missing")]
    #[case("couldn't find key url in ConfigMap shop/settings", "config_missing")]
    #[case(r#"MountVolume.SetUp failed for volume "cfg" : configmap "cfg" not found"#, "config_missing")]
    #[case(r#"MountVolume.SetUp failed for volume "cfg" : references non-existent secret key: a"#, "config_missing")]
    #[case("AttachVolume.Attach failed for volume \"pv\" : rpc error", "volume_failed")]
    #[case("failed to prepare subPath for volumeMount \"data\"", "volume_failed")]
    #[case("no command specified", "image_invalid")]
    #[case("container has runAsNonRoot and image will run as root", "pod_denied")]
    fn reads_what_the_node_says(#[case] message: &str, #[case] expected: &str) {
        assert_eq!(lack(message).code().as_str(), expected);
    }
}
