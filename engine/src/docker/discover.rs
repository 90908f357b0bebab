//! Sockets of this machine.

use super::{DockerEngine, EngineAddress};
use futures::future::join_all;
use std::{collections::BTreeSet, env, path::Path};
use types::engine::DiscoveredEngine;

/// Sockets of this machine: `DOCKER_HOST`, Docker's own, Podman's. A socket that is not there is
/// left out; one that does not answer says why.
pub async fn discover() -> Vec<DiscoveredEngine> {
    join_all(candidates().into_iter().map(probe)).await
}

fn candidates() -> Vec<String> {
    let mut seen = BTreeSet::new();
    let asked = env::var("DOCKER_HOST").ok().filter(|url| url.starts_with("unix://") || url.starts_with("tcp://"));
    let runtime = env::var("XDG_RUNTIME_DIR").ok().map(|dir| format!("unix://{dir}/podman/podman.sock"));
    let fixed = ["unix:///var/run/docker.sock", "unix:///run/podman/podman.sock"].map(str::to_owned);
    let there = |url: &String| url.strip_prefix("unix://").is_none_or(|path| Path::new(path).exists());
    asked.into_iter().chain(fixed).chain(runtime).filter(there).filter(|url| seen.insert(url.clone())).collect()
}

async fn probe(url: String) -> DiscoveredEngine {
    let address = EngineAddress { url: url.clone(), tls: None };
    let answer = match DockerEngine::connect(&address).await {
        Ok(engine) => engine.docker.version().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match answer {
        Ok(version) => DiscoveredEngine { url, version: version.version, error: None, added_as: None },
        Err(error) => DiscoveredEngine { url, version: None, error: Some(error), added_as: None },
    }
}
