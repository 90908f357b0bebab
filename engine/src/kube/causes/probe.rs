//! A container that runs and is not ready: which probe fails, and with what answer.

use super::{Finding, Rule, Seen, words};
use crate::kube::pod::ContainerState;
use types::{run::Cause, task::Role};

pub(super) fn finding(seen: Seen<'_>) -> Option<Finding> {
    let container = seen.container;
    if container.state != ContainerState::Running || container.ready || container.role == Role::Init {
        return None;
    }
    let unhealthy = words::newest(seen.events_of(&["Unhealthy"]));
    let name = words::container(seen);
    let message = match unhealthy {
        Some(event) => {
            let (probe, answer) = event.message.split_once(" probe failed").unwrap_or(("A", &event.message));
            let answer = words::sentence(answer.trim_start_matches(": "));
            format!("{name} runs, but its {} probe fails: {answer}", probe.to_lowercase())
        }
        // Without the events there is only this to say; with them, a container without one is still starting.
        None if container.probed && !seen.events_known => format!("{name} runs, but is not ready."),
        None => return None,
    };
    Some(Finding {
        code: Cause::ProbeFailing,
        message,
        advice: "Check what the probe asks for, and whether what the container needs is reachable.".to_owned(),
        evidence: unhealthy.map(words::event).into_iter().collect(),
        pod: Some(seen.pod.name.clone()),
        container: Some(container.name.clone()),
        reason: "Unhealthy".to_owned(),
        count: 0,
        rule: Rule::Deadline,
        has_log: false,
        vague: false,
    })
}
