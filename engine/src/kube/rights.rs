//! Which rights Slipway has in a cluster: asked one by one, so that the missing ones can be named.

use super::{Cluster, failure};
use ::kube::{Api, Error, api::PostParams};
use futures::future::join_all;
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec};
use std::time::Duration;
use tokio::time::timeout;
use types::{WorkloadKind, cluster::Check};

/// A person waits for the answer.
const LIMIT: Duration = Duration::from_secs(10);

/// A plan waits no longer for what the patch itself would say too.
const PLAN_LIMIT: Duration = Duration::from_secs(3);

/// Verbs, group, resource and subresource of what Slipway needs; `namespaces` and `nodes` are optional and not here.
const NEEDED: [(&[&str], &str, &str, &str); 11] = [
    (&["get", "list", "watch", "patch"], "apps", "deployments", ""),
    (&["get", "list", "watch", "patch"], "apps", "statefulsets", ""),
    (&["get", "list", "watch", "patch"], "apps", "daemonsets", ""),
    (&["get", "list", "watch", "patch"], "batch", "cronjobs", ""),
    (&["get", "list", "watch"], "apps", "replicasets", ""),
    (&["get", "list", "watch"], "apps", "controllerrevisions", ""),
    (&["get", "list", "watch"], "batch", "jobs", ""),
    (&["get", "list", "watch"], "", "pods", ""),
    (&["get", "list", "watch"], "", "events", ""),
    (&["get"], "", "pods", "log"),
    (&["delete"], "", "pods", ""),
];

impl Cluster {
    /// Asks for the version and for each right, in all namespaces, and names the missing.
    pub async fn check(&self) -> Check {
        let answer = timeout(LIMIT, async {
            let version = match self.client().apiserver_version().await {
                Ok(info) => Some(info.git_version),
                Err(error) if failure::is_forbidden(&error) => None,
                Err(error) => return Err(error),
            };
            Ok((version, self.missing().await?))
        });
        match answer.await {
            Ok(Ok((version, missing))) => Check { reachable: true, version, missing, error: None },
            Ok(Err(error)) => unreachable(failure::words(&error)),
            Err(_) => unreachable(format!("No answer within {} s.", LIMIT.as_secs())),
        }
    }

    /// Whether workloads of a kind in a namespace may be patched; none: the cluster did not say.
    pub(super) async fn asks_whether_it_may_patch(&self, namespace: &str, kind: WorkloadKind) -> Option<bool> {
        let (group, resource) = resource_of(kind);
        let attributes = ResourceAttributes {
            namespace: Some(namespace.to_owned()),
            verb: Some("patch".to_owned()),
            group: Some(group.to_owned()),
            resource: Some(resource.to_owned()),
            ..ResourceAttributes::default()
        };
        match timeout(PLAN_LIMIT, self.allows(attributes)).await {
            Ok(Ok(allowed)) => Some(allowed),
            Ok(Err(error)) => {
                tracing::debug!(%error, namespace, resource, "a cluster did not say what may be patched");
                None
            }
            Err(_) => None,
        }
    }

    async fn missing(&self) -> Result<Vec<String>, Error> {
        let rights = NEEDED.iter().flat_map(|(verbs, group, resource, subresource)| {
            verbs.iter().map(|verb| (verb.to_owned(), *group, *resource, *subresource))
        });
        let asked = rights.map(|(verb, group, resource, subresource)| async move {
            let attributes = ResourceAttributes {
                verb: Some(verb.to_owned()),
                group: Some(group.to_owned()),
                resource: Some(resource.to_owned()),
                subresource: Some(subresource.to_owned()).filter(|subresource| !subresource.is_empty()),
                ..ResourceAttributes::default()
            };
            let allowed = self.allows(attributes).await?;
            Ok((!allowed).then(|| right(verb, group, resource, subresource)))
        });
        let answers: Result<Vec<_>, Error> = join_all(asked).await.into_iter().collect();
        Ok(answers?.into_iter().flatten().collect())
    }

    async fn allows(&self, attributes: ResourceAttributes) -> Result<bool, Error> {
        let spec = SelfSubjectAccessReviewSpec { resource_attributes: Some(attributes), ..Default::default() };
        let review = SelfSubjectAccessReview { spec, ..SelfSubjectAccessReview::default() };
        let api = Api::<SelfSubjectAccessReview>::all(self.client().clone());
        let answer = api.create(&PostParams::default(), &review).await?;
        Ok(answer.status.is_some_and(|status| status.allowed))
    }
}

/// The right that a rollout of a kind needs, as in `patch deployments.apps`.
pub fn right_to_patch(kind: WorkloadKind) -> String {
    let (group, resource) = resource_of(kind);
    right("patch", group, resource, "")
}

fn resource_of(kind: WorkloadKind) -> (&'static str, &'static str) {
    match kind {
        WorkloadKind::Deployment => ("apps", "deployments"),
        WorkloadKind::StatefulSet => ("apps", "statefulsets"),
        WorkloadKind::DaemonSet => ("apps", "daemonsets"),
        WorkloadKind::CronJob => ("batch", "cronjobs"),
    }
}

/// As in `patch deployments.apps`.
fn right(verb: &str, group: &str, resource: &str, subresource: &str) -> String {
    let sub = if subresource.is_empty() { String::new() } else { format!("/{subresource}") };
    let group = if group.is_empty() { String::new() } else { format!(".{group}") };
    format!("{verb} {resource}{sub}{group}")
}

fn unreachable(error: String) -> Check {
    Check { reachable: false, version: None, missing: Vec::new(), error: Some(error) }
}
