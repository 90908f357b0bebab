//! A workload as the API server has it just now, and the patch that fits it. Pure.

use super::{Applied, Conflict, ImageChange, PatchError, Place};
use crate::kube::{
    view::image_writer,
    workload::{ContainerList, WorkloadKey},
};
use serde_json::{Value, json};
use types::WorkloadKind;

/// A workload as it was read, whole: places in a patch are those of this very reading.
#[derive(Clone, Debug)]
pub(super) struct Document {
    kind: WorkloadKind,
    value: Value,
}

/// How the images of a document compare with a change of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Every one is the target.
    AtTarget,
    /// Those that are not the target are the source; only they are patched.
    Open(Vec<Place>),
}

impl Document {
    pub(super) fn new(kind: WorkloadKind, value: Value) -> Self {
        Self { kind, value }
    }

    pub(super) fn uid(&self) -> &str {
        self.value.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn generation(&self) -> i64 {
        self.value.pointer("/metadata/generation").and_then(Value::as_i64).unwrap_or(0)
    }

    /// List, index and image of a container.
    fn find(&self, container: &str) -> Option<(ContainerList, usize, &str)> {
        [ContainerList::Containers, ContainerList::InitContainers].into_iter().find_map(|list| {
            let items = self.value.pointer(&format!("{}/{}", pod_spec(self.kind), list.field()))?.as_array()?;
            let index = items.iter().position(|item| item.get("name").and_then(Value::as_str) == Some(container))?;
            let image = items[index].get("image").and_then(Value::as_str).unwrap_or_default();
            Some((list, index, image))
        })
    }

    pub(super) fn image(&self, container: &str) -> Option<&str> {
        self.find(container).map(|(_, _, image)| image)
    }

    /// What an answer of the API server says was applied.
    pub(super) fn applied(&self, images: &[ImageChange]) -> Applied {
        let image = |change: &ImageChange| {
            (change.container.clone(), self.image(&change.container).unwrap_or_default().to_owned())
        };
        Applied {
            uid: self.uid().to_owned(),
            generation: self.generation(),
            images: images.iter().map(image).collect(),
        }
    }

    /// Compares what is there with the change.
    pub(super) fn compare(&self, images: &[ImageChange]) -> Result<Found, PatchError> {
        let mut open = Vec::new();
        for change in images {
            let Some((list, index, image)) = self.find(&change.container) else {
                return Err(PatchError::ContainerGone(change.container.clone()));
            };
            if image == change.to_image {
                continue;
            }
            if image != change.from_image {
                return Err(PatchError::Conflict(Conflict {
                    container: change.container.clone(),
                    image: image.to_owned(),
                    by: image_writer(self.kind, &self.value, list, &change.container),
                }));
            }
            open.push(Place { list, index, change: change.clone() });
        }
        Ok(if open.is_empty() { Found::AtTarget } else { Found::Open(open) })
    }
}

/// The patch that is sent, and that a plan can show: it tests identity, name and present image of each place, then
/// replaces the image.
pub fn build_patch(kind: WorkloadKind, uid: &str, places: &[Place]) -> Value {
    let mut operations = vec![json!({"op": "test", "path": "/metadata/uid", "value": uid})];
    for place in places {
        let at = format!("{}/{}/{}", pod_spec(kind), place.list.field(), place.index);
        operations.extend([
            json!({"op": "test", "path": format!("{at}/name"), "value": place.change.container}),
            json!({"op": "test", "path": format!("{at}/image"), "value": place.change.from_image}),
            json!({"op": "replace", "path": format!("{at}/image"), "value": place.change.to_image}),
        ]);
    }
    Value::Array(operations)
}

/// The merge patch of a restart. The UID in it makes the API server refuse it for another object of the same name.
pub(super) fn restart_patch(kind: WorkloadKind, uid: &str, at: &str) -> Value {
    let template = json!({"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": at}}});
    let spec = match kind {
        WorkloadKind::Deployment | WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => json!({"template": template}),
        WorkloadKind::CronJob => json!({"jobTemplate": {"spec": {"template": template}}}),
    };
    json!({"metadata": {"uid": uid}, "spec": spec})
}

fn pod_spec(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Deployment | WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => "/spec/template/spec",
        WorkloadKind::CronJob => "/spec/jobTemplate/spec/template/spec",
    }
}

/// The path of a workload in the API.
pub(super) fn api_path(key: &WorkloadKey) -> String {
    let (group, plural) = match key.kind {
        WorkloadKind::Deployment => ("apps/v1", "deployments"),
        WorkloadKind::StatefulSet => ("apps/v1", "statefulsets"),
        WorkloadKind::DaemonSet => ("apps/v1", "daemonsets"),
        WorkloadKind::CronJob => ("batch/v1", "cronjobs"),
    };
    format!("/apis/{group}/namespaces/{}/{plural}/{}", key.namespace, key.name)
}
