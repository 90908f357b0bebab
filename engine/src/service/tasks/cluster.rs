//! What is known of a map's cluster beside its workloads: platforms of the nodes, and what may be patched.

use super::scene::{Scene, WithPods};
use crate::{
    Engine,
    bus::Change,
    kube::{Cluster, workload::Platform},
    service::Result,
    store::service_map,
};
use std::collections::BTreeSet;
use types::{WorkloadKind, cluster::Reach};

type Known = (Option<BTreeSet<Platform>>, BTreeSet<WorkloadKind>);

impl Engine {
    /// The scene for a plan: what the page only remembers is asked first, within the limits of each question.
    pub(crate) async fn scene_to_plan(&self, map: &service_map::Model) -> Result<Scene> {
        if let Ok(cluster) = self.clusters.get(map.cluster_id)
            && cluster.view().status().reach == Reach::Reachable
        {
            let workloads = cluster.view().snapshot(&map.namespace, None);
            let kinds = workloads.iter().map(|workload| workload.key.kind).collect();
            cluster.learn(&map.namespace, &kinds).await;
        }
        self.scene(map).await
    }

    /// What is known at once; what is old is asked for behind, and the page is told when it differs.
    pub(super) fn known_of_cluster(&self, map: &service_map::Model, workloads: &[WithPods]) -> Known {
        let Ok(cluster) = self.clusters.get(map.cluster_id) else { return (None, BTreeSet::new()) };
        let kinds: BTreeSet<WorkloadKind> = workloads.iter().map(|(workload, _)| workload.key.kind).collect();
        if cluster.view().status().reach == Reach::Reachable {
            let (bus, map_id) = (self.bus.clone(), map.id);
            cluster.learn_behind(&map.namespace, &kinds, move || bus.tell(Change::Map { id: map_id }));
        }
        let forbidden = |kind: &WorkloadKind| Cluster::may_patch(&cluster, &map.namespace, *kind) == Some(false);
        (cluster.known_platforms(), kinds.iter().copied().filter(forbidden).collect())
    }
}
