//! What is kept of a pod template.

use super::managers::ImageManagers;
use crate::kube::workload::{ContainerList, ContainerView, Platform, PullPolicy};
use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
use std::hash::{DefaultHasher, Hash, Hasher};
use types::task::Role;

/// The label that the Deployment controller adds to the template of a ReplicaSet.
pub(super) const TEMPLATE_HASH: &str = "pod-template-hash";

/// Containers first, as people look for them first.
pub(super) fn containers(template: Option<&PodTemplateSpec>, managers: &ImageManagers) -> Vec<ContainerView> {
    let Some(spec) = template.and_then(|template| template.spec.as_ref()) else { return Vec::new() };
    let main =
        spec.containers.iter().enumerate().map(|(index, container)| (ContainerList::Containers, index, container));
    let init = spec.init_containers.iter().flatten().enumerate();
    let init = init.map(|(index, container)| (ContainerList::InitContainers, index, container));
    main.chain(init).map(|(list, index, container)| view(list, index, container, managers)).collect()
}

fn view(list: ContainerList, index: usize, container: &Container, managers: &ImageManagers) -> ContainerView {
    let image = container.image.clone().unwrap_or_default();
    let writer = managers.of(list, &container.name);
    ContainerView {
        name: container.name.clone(),
        role: role(list, container),
        list,
        index,
        pull_policy: pull_policy(container, &image),
        probed: is_probed(container),
        written_by: writer.map(|writer| writer.manager.clone()),
        written_at: writer.and_then(|writer| writer.at),
        image,
    }
}

/// A native sidecar is an init container that goes on.
pub(super) fn role(list: ContainerList, container: &Container) -> Role {
    match list {
        ContainerList::Containers => Role::Main,
        ContainerList::InitContainers if container.restart_policy.as_deref() == Some("Always") => Role::Sidecar,
        ContainerList::InitContainers => Role::Init,
    }
}

pub(super) fn is_probed(container: &Container) -> bool {
    container.readiness_probe.is_some() || container.startup_probe.is_some()
}

fn pull_policy(container: &Container, image: &str) -> PullPolicy {
    match container.image_pull_policy.as_deref() {
        Some("Always") => PullPolicy::Always,
        Some("Never") => PullPolicy::Never,
        Some("IfNotPresent") => PullPolicy::IfNotPresent,
        // The API server writes the default; a client that asks before it has done so gets the same answer.
        _ if image.ends_with(":latest") => PullPolicy::Always,
        _ => PullPolicy::IfNotPresent,
    }
}

pub(super) fn platform(template: Option<&PodTemplateSpec>) -> Platform {
    let selector = template.and_then(|template| template.spec.as_ref()).and_then(|spec| spec.node_selector.as_ref());
    let label = |name: &str| selector.and_then(|selector| selector.get(name)).cloned();
    Platform { os: label("kubernetes.io/os"), architecture: label("kubernetes.io/arch") }
}

/// The same number for a workload's template and for its copy in a ReplicaSet or ControllerRevision.
///
/// The controllers themselves compare whole templates; only a number of each is kept here.
pub(super) fn fingerprint(template: Option<&PodTemplateSpec>) -> u64 {
    let mut template = template.cloned().unwrap_or_default();
    if let Some(meta) = &mut template.metadata {
        meta.creation_timestamp = None;
        if let Some(labels) = &mut meta.labels {
            labels.remove(TEMPLATE_HASH);
        }
    }
    let mut hasher = DefaultHasher::new();
    match serde_json::to_vec(&template) {
        Ok(bytes) => bytes.hash(&mut hasher),
        Err(error) => tracing::warn!(%error, "a pod template cannot be written as JSON"),
    }
    hasher.finish()
}

/// Containers of a pod's own spec, with their list.
pub(super) fn all(spec: &PodSpec) -> impl Iterator<Item = (ContainerList, &Container)> {
    let main = spec.containers.iter().map(|container| (ContainerList::Containers, container));
    main.chain(spec.init_containers.iter().flatten().map(|container| (ContainerList::InitContainers, container)))
}
