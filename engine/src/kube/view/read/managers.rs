//! Who wrote the image of a container: read from `metadata.managedFields` before those are dropped.

use super::time;
use crate::kube::workload::ContainerList;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use serde_json::Value;
use types::{Time, WorkloadKind};

/// A field manager and when it wrote last, by the clock of the cluster.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    pub(crate) manager: String,
    pub(crate) at: Option<Time>,
}

/// The owners of the images of one workload.
#[derive(Debug, Default)]
pub(crate) struct ImageManagers(Vec<(ContainerList, String, Writer)>);

impl ImageManagers {
    pub(crate) fn read(kind: WorkloadKind, entries: Option<&Vec<ManagedFieldsEntry>>) -> Self {
        let mut owners = Vec::new();
        for entry in entries.into_iter().flatten() {
            let Some(pod) = entry.fields_v1.as_ref().and_then(|fields| pod_spec(kind, &fields.0)) else { continue };
            for list in [ContainerList::Containers, ContainerList::InitContainers] {
                let names = image_owners(pod, list);
                owners.extend(names.map(|name| (list, name.to_owned(), writer(entry))));
            }
        }
        Self(owners)
    }

    /// The latest of them, where several share the field.
    pub(crate) fn of(&self, list: ContainerList, container: &str) -> Option<&Writer> {
        let owners = self.0.iter().filter(|(of, name, _)| *of == list && name == container);
        owners.map(|(_, _, writer)| writer).max_by_key(|writer| writer.at)
    }
}

/// The same from a workload that was read as JSON.
pub(in crate::kube) fn image_writer(
    kind: WorkloadKind,
    workload: &Value,
    list: ContainerList,
    container: &str,
) -> Option<String> {
    let entries = workload.pointer("/metadata/managedFields")?.clone();
    let entries: Vec<ManagedFieldsEntry> = serde_json::from_value(entries).ok()?;
    ImageManagers::read(kind, Some(&entries)).of(list, container).map(|writer| writer.manager.clone())
}

fn writer(entry: &ManagedFieldsEntry) -> Writer {
    Writer { manager: entry.manager.clone().unwrap_or_default(), at: entry.time.as_ref().map(time) }
}

fn pod_spec(kind: WorkloadKind, fields: &Value) -> Option<&Value> {
    let path: &[&str] = match kind {
        WorkloadKind::Deployment | WorkloadKind::StatefulSet | WorkloadKind::DaemonSet => {
            &["f:spec", "f:template", "f:spec"]
        }
        WorkloadKind::CronJob => &["f:spec", "f:jobTemplate", "f:spec", "f:template", "f:spec"],
    };
    path.iter().try_fold(fields, |at, key| at.get(key))
}

/// Entries look like `"k:{\"name\":\"app\"}": {"f:image": {}}`.
fn image_owners(pod: &Value, list: ContainerList) -> impl Iterator<Item = String> {
    let items = pod.get(format!("f:{}", list.field())).and_then(Value::as_object);
    items.into_iter().flatten().filter(|(_, fields)| fields.get("f:image").is_some()).filter_map(|(key, _)| {
        let key: Value = serde_json::from_str(key.strip_prefix("k:")?).ok()?;
        Some(key.get("name")?.as_str()?.to_owned())
    })
}
