//! The templates of the past that a cluster still has: read once, when a workload is seen for the first time.

use super::{Cluster, pods::ReadError};
use ::kube::{Api, Resource, api::ListParams, core::NamespaceResourceScope};
use k8s_openapi::{
    api::{
        apps::v1::{ControllerRevision, ReplicaSet},
        core::v1::{PodSpec, PodTemplateSpec},
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use serde::de::DeserializeOwned;
use std::{fmt::Debug, time::Duration};
use tokio::time::timeout;
use types::Time;

/// Objects of one answer: large namespaces come in parts.
const PART: u32 = 500;
/// One part; nobody waits for it.
const LIMIT: Duration = Duration::from_secs(30);

/// A template of the past or present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastTemplate {
    /// UID of the workload.
    pub owner_uid: String,
    /// Grows with each change; the last is the present one.
    pub number: i64,
    pub created_at: Option<Time>,
    /// Container and image.
    pub images: Vec<(String, String)>,
}

impl Cluster {
    /// The templates that ReplicaSets and ControllerRevisions of a namespace hold.
    pub async fn past_templates(&self, namespace: &str) -> Result<Vec<PastTemplate>, ReadError> {
        let sets: Vec<ReplicaSet> = self.all(namespace).await?;
        let revisions: Vec<ControllerRevision> = self.all(namespace).await?;
        let sets = sets.into_iter().filter_map(of_replica_set);
        Ok(sets.chain(revisions.into_iter().filter_map(of_revision)).collect())
    }

    async fn all<K>(&self, namespace: &str) -> Result<Vec<K>, ReadError>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug + DeserializeOwned,
    {
        let api = Api::<K>::namespaced(self.client().clone(), namespace);
        let (mut items, mut params) = (Vec::new(), ListParams::default().limit(PART));
        loop {
            let part = match timeout(LIMIT, api.list(&params)).await {
                Ok(part) => part.map_err(super::pods::read_error)?,
                Err(_) => return Err(ReadError::Unavailable(format!("no answer within {} s", LIMIT.as_secs()))),
            };
            items.extend(part.items);
            match part.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => params = params.continue_token(&token),
                None => return Ok(items),
            }
        }
    }
}

fn of_replica_set(object: ReplicaSet) -> Option<PastTemplate> {
    let number = object.metadata.annotations.as_ref()?.get("deployment.kubernetes.io/revision")?.parse().ok()?;
    past(&object.metadata, number, object.spec?.template?)
}

fn of_revision(object: ControllerRevision) -> Option<PastTemplate> {
    let template = object.data.as_ref()?.0.pointer("/spec/template")?.clone();
    past(&object.metadata, object.revision, serde_json::from_value(template).ok()?)
}

fn past(meta: &ObjectMeta, number: i64, template: PodTemplateSpec) -> Option<PastTemplate> {
    let owner = meta.owner_references.iter().flatten().find(|owner| owner.controller == Some(true))?;
    Some(PastTemplate {
        owner_uid: owner.uid.clone(),
        number,
        created_at: meta.creation_timestamp.as_ref().map(|at| Time::from(at.0)),
        images: images(&template.spec?),
    })
}

fn images(spec: &PodSpec) -> Vec<(String, String)> {
    let all = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    all.filter_map(|container| Some((container.name.clone(), container.image.clone()?))).collect()
}
