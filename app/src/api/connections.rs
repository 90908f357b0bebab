//! Clusters, registries and build engines.

use super::*;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use types::{
    Name, Page,
    cluster::{Check, Cluster, DiscoveredCluster, NewCluster},
    engine::{BuildEngine, DiscoveredEngine, NewEngine},
    registry::{NewRegistry, Registry, TagFacts},
};

/// All that Slipway is connected to, and what it found but does not touch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct AllConnections {
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) registries: Vec<Registry>,
    pub(crate) engines: Vec<BuildEngine>,
    pub(crate) found_clusters: Vec<DiscoveredCluster>,
    pub(crate) found_engines: Vec<DiscoveredEngine>,
}

#[server(prefix = "/api/ui", endpoint = "connections", protocol = Ask)]
pub(crate) async fn connections() -> Answer<AllConnections> {
    let (engine, who) = (engine()?, principal()?);
    Ok(AllConnections {
        clusters: answer(engine.clusters(&who).await)?,
        registries: answer(engine.registries(&who).await)?,
        engines: answer(engine.engines(&who).await)?,
        // Those who may not add anything see what is there.
        found_clusters: engine.discovered_clusters(&who).await.unwrap_or_default(),
        found_engines: engine.discovered_engines(&who).await.unwrap_or_default(),
    })
}

#[server(prefix = "/api/ui", endpoint = "create_cluster", protocol = Tell)]
pub(crate) async fn create_cluster(new: NewCluster) -> Answer<Cluster> {
    answer(engine()?.create_cluster(&principal()?, new).await.map(|cluster| cluster.value))
}

#[server(prefix = "/api/ui", endpoint = "create_registry", protocol = Tell)]
pub(crate) async fn create_registry(new: NewRegistry) -> Answer<Registry> {
    answer(engine()?.create_registry(&principal()?, new).await.map(|registry| registry.value))
}

#[server(prefix = "/api/ui", endpoint = "create_engine", protocol = Tell)]
pub(crate) async fn create_engine(new: NewEngine) -> Answer<BuildEngine> {
    answer(engine()?.create_engine(&principal()?, new).await.map(|engine| engine.value))
}

#[server(prefix = "/api/ui", endpoint = "check_cluster", protocol = Ask)]
pub(crate) async fn check_cluster(name: Name) -> Answer<Check> {
    answer(engine()?.check_cluster(&principal()?, &name).await)
}

#[server(prefix = "/api/ui", endpoint = "check_registry", protocol = Ask)]
pub(crate) async fn check_registry(name: Name) -> Answer<Check> {
    answer(engine()?.check_registry(&principal()?, &name).await)
}

#[server(prefix = "/api/ui", endpoint = "check_engine", protocol = Ask)]
pub(crate) async fn check_engine(name: Name) -> Answer<Check> {
    answer(engine()?.check_engine(&principal()?, &name).await)
}

#[server(prefix = "/api/ui", endpoint = "tags", protocol = Ask)]
pub(crate) async fn tags(registry: Name, repository: String, query: String) -> Answer<Page<TagFacts>> {
    let page = engine::PageRequest { limit: SUGGESTIONS, cursor: None };
    answer(engine()?.tags(&principal()?, &registry, &repository, &query, page).await)
}
