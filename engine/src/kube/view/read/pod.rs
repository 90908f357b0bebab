//! What is kept of a pod.

use super::{
    controller, count,
    template::{TEMPLATE_HASH, all, is_probed, role},
    time,
};
use crate::kube::pod::{ContainerState, Exit, PodContainer, PodPhase, PodView};
use crate::kube::workload::ContainerList;
use k8s_openapi::api::core::v1::{
    Container, ContainerState as ApiState, ContainerStateTerminated, ContainerStatus, Pod, PodStatus,
};

/// Longest message that is kept of a status: a node copies whole answers of a registry into it.
const MESSAGE_MAX: usize = 2_000;

pub(super) fn pod(object: Pod) -> PodView {
    let meta = object.metadata;
    let status = object.status.unwrap_or_default();
    let owner = controller(&meta);
    let label = |name: &str| meta.labels.as_ref().and_then(|labels| labels.get(name)).cloned();
    let containers = object.spec.as_ref().map(|spec| containers(all(spec), &status)).unwrap_or_default();
    PodView {
        revision: label("controller-revision-hash").or_else(|| label(TEMPLATE_HASH)),
        namespace: meta.namespace.unwrap_or_default(),
        name: meta.name.unwrap_or_default(),
        uid: meta.uid.unwrap_or_default(),
        owner,
        deleting: meta.deletion_timestamp.is_some(),
        phase: phase(status.phase.as_deref()),
        ready: has_condition(&status, "Ready"),
        mounted: has_condition(&status, "PodReadyToStartContainers"),
        node: object.spec.and_then(|spec| spec.node_name),
        created_at: meta.creation_timestamp.as_ref().map(time),
        unschedulable: unschedulable(&status),
        reason: status.reason,
        message: status.message.map(cut),
        containers,
    }
}

fn containers<'a>(
    specs: impl Iterator<Item = (ContainerList, &'a Container)>,
    status: &PodStatus,
) -> Vec<PodContainer> {
    specs
        .map(|(list, spec)| {
            // What befalls init containers and sidecars stands only in the second list.
            let statuses = match list {
                ContainerList::Containers => &status.container_statuses,
                ContainerList::InitContainers => &status.init_container_statuses,
            };
            let status = statuses.iter().flatten().find(|status| status.name == spec.name);
            container(list, spec, status)
        })
        .collect()
}

fn container(list: ContainerList, spec: &Container, status: Option<&ContainerStatus>) -> PodContainer {
    PodContainer {
        name: spec.name.clone(),
        role: role(list, spec),
        image: spec.image.clone().unwrap_or_default(),
        image_id: status.map(|status| status.image_id.clone()).filter(|id| !id.is_empty()),
        ready: status.is_some_and(|status| status.ready),
        probed: is_probed(spec),
        restarts: status.map_or(0, |status| count(Some(status.restart_count))),
        state: status.and_then(|status| status.state.as_ref()).map_or(ContainerState::Unknown, state),
        last_exit: status.and_then(|status| status.last_state.as_ref()?.terminated.as_ref()).map(exit),
    }
}

fn state(state: &ApiState) -> ContainerState {
    if let Some(terminated) = &state.terminated {
        return ContainerState::Exited(exit(terminated));
    }
    if let Some(waiting) = &state.waiting {
        return ContainerState::Waiting {
            reason: waiting.reason.clone().unwrap_or_default(),
            message: waiting.message.clone().map(cut).unwrap_or_default(),
        };
    }
    if state.running.is_some() { ContainerState::Running } else { ContainerState::Unknown }
}

fn exit(terminated: &ContainerStateTerminated) -> Exit {
    Exit {
        code: terminated.exit_code,
        signal: terminated.signal,
        reason: terminated.reason.clone().unwrap_or_default(),
        message: terminated.message.clone().map(cut).unwrap_or_default(),
        started_at: terminated.started_at.as_ref().map(time),
        at: terminated.finished_at.as_ref().map(time),
    }
}

fn phase(phase: Option<&str>) -> PodPhase {
    match phase {
        Some("Pending") => PodPhase::Pending,
        Some("Running") => PodPhase::Running,
        Some("Succeeded") => PodPhase::Succeeded,
        Some("Failed") => PodPhase::Failed,
        Some(_) | None => PodPhase::Unknown,
    }
}

fn has_condition(status: &PodStatus, kind: &str) -> bool {
    status.conditions.iter().flatten().any(|condition| condition.type_ == kind && condition.status == "True")
}

fn unschedulable(status: &PodStatus) -> Option<String> {
    let mut conditions = status.conditions.iter().flatten();
    let condition = conditions.find(|condition| condition.type_ == "PodScheduled" && condition.status == "False")?;
    Some(cut(condition.message.clone().or_else(|| condition.reason.clone()).unwrap_or_default()))
}

fn cut(mut text: String) -> String {
    let end = text.floor_char_boundary(MESSAGE_MAX);
    text.truncate(end);
    text
}
