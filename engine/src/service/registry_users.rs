//! Where a registry is used.

use super::Result;
use crate::{
    Engine,
    image::ImageRef,
    registry::host_matches,
    store::{build, service_map},
};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, QuerySelect};

impl Engine {
    /// Builds that push there, then tasks whose image is in it.
    pub(super) async fn users_of_registry(&self, registry: i64, pull_hosts: &[String]) -> Result<Vec<String>> {
        let mut users = self.builds_of_registry(registry).await?;
        for map in service_map::Entity::find().order_by_asc(service_map::Column::Name).all(&self.db).await? {
            let Ok(cluster) = self.clusters.get(map.cluster_id) else { continue };
            for workload in cluster.view().snapshot(&map.namespace, None) {
                let is_inside =
                    |image: &str| ImageRef::parse(image).is_ok_and(|image| host_matches(pull_hosts, &image.repository));
                let (kind, name) = (workload.key.kind.as_str(), &workload.key.name);
                let inside = workload.containers.iter().filter(|container| is_inside(&container.image));
                users.extend(
                    inside.map(|container| format!("maps/{}/tasks/{kind}/{name}/{}", map.name, container.name)),
                );
            }
        }
        Ok(users)
    }

    pub(super) async fn builds_of_registry(&self, registry: i64) -> Result<Vec<String>> {
        let names: Vec<String> = build::Entity::find()
            .select_only()
            .column(build::Column::Name)
            .filter(build::COLUMN.registry_id.eq(registry))
            .order_by_asc(build::Column::Name)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(names.into_iter().map(|name| format!("builds/{name}")).collect())
    }
}
