//! Which platforms the nodes of a cluster have: an optional right, asked when a plan is made.

use super::{Cluster, pods::ReadError, workload::Platform};
use ::kube::{Api, api::ListParams};
use k8s_openapi::api::core::v1::Node;
use std::{collections::BTreeSet, time::Duration};
use tokio::time::timeout;

/// A plan waits for the answer and does without it.
const LIMIT: Duration = Duration::from_secs(3);

impl Cluster {
    /// The different platforms of the nodes, from their labels.
    pub async fn platforms(&self) -> Result<BTreeSet<Platform>, ReadError> {
        let api = Api::<Node>::all(self.client().clone());
        // What the API server has at hand is good enough, and cheap in a large cluster.
        let answer = timeout(LIMIT, api.list_metadata(&ListParams::default().match_any())).await;
        let nodes = match answer {
            Ok(nodes) => nodes.map_err(super::pods::read_error)?,
            Err(_) => return Err(ReadError::Unavailable(format!("no answer within {} s", LIMIT.as_secs()))),
        };
        Ok(nodes.items.into_iter().map(|node| platform(node.metadata.labels.unwrap_or_default())).collect())
    }
}

fn platform(mut labels: std::collections::BTreeMap<String, String>) -> Platform {
    Platform { os: labels.remove("kubernetes.io/os"), architecture: labels.remove("kubernetes.io/arch") }
}
