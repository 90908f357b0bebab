//! Removing what runs left behind in an engine.

use super::{CACHE_LABEL, DockerEngine, DockerError, INSTALLATION_LABEL, RUN_LABEL, failure::meaning};
use bollard::{
    errors::Error,
    query_parameters::{ListContainersOptions, ListVolumesOptions, RemoveContainerOptions, RemoveVolumeOptions},
};
use std::collections::{HashMap, HashSet};

/// What is younger may belong to a run that started after the living ones were listed.
const GRACE_S: i64 = 120;

/// Whose things stay: runs that have not ended, and builds with their caches.
#[derive(Clone, Debug, Default)]
pub struct Living {
    pub runs: HashSet<String>,
    pub builds: HashSet<String>,
}

/// How much a reaping removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reaped {
    pub containers: usize,
    pub volumes: usize,
}

impl DockerEngine {
    /// Removes what of this installation belongs to nothing living. What is already gone counts as removed; what is in
    /// use stays for the next time.
    pub async fn reap(&self, living: &Living) -> Result<Reaped, DockerError> {
        let containers = self.reap_containers(living).await?;
        let volumes = self.reap_volumes(living).await?;
        Ok(Reaped { containers, volumes })
    }

    async fn reap_containers(&self, living: &Living) -> Result<usize, DockerError> {
        let options = ListContainersOptions { all: true, ..Default::default() };
        let mut removed = 0;
        for container in self.docker.list_containers(Some(options)).await.map_err(meaning)? {
            let dead = self.is_dead(container.labels.as_ref(), container.created, living);
            let (true, Some(id)) = (dead, container.id) else { continue };
            let options = RemoveContainerOptions { force: true, v: true, ..Default::default() };
            removed += usize::from(gone(self.docker.remove_container(&id, Some(options)).await)?);
        }
        Ok(removed)
    }

    async fn reap_volumes(&self, living: &Living) -> Result<usize, DockerError> {
        let options = ListVolumesOptions::default();
        let listed = self.docker.list_volumes(Some(options)).await.map_err(meaning)?;
        let mut removed = 0;
        for volume in listed.volumes.unwrap_or_default() {
            let created = volume.created_at.map(|at| at.unix_timestamp());
            if self.is_dead(Some(&volume.labels), created, living) {
                let options = RemoveVolumeOptions { force: true };
                removed += usize::from(gone(self.docker.remove_volume(&volume.name, Some(options)).await)?);
            }
        }
        Ok(removed)
    }

    /// What carries no installation was made before there was one.
    fn is_dead(&self, labels: Option<&HashMap<String, String>>, created_s: Option<i64>, living: &Living) -> bool {
        let Some(labels) = labels else { return false };
        let ours = labels.get(INSTALLATION_LABEL).is_none_or(|of| *of == self.installation);
        let age_s = crate::now().as_millis() / 1000 - created_s.unwrap_or(0);
        ours && !living.has(labels) && age_s >= GRACE_S
    }
}

impl Living {
    fn has(&self, labels: &HashMap<String, String>) -> bool {
        let of = |label: &str, known: &HashSet<String>| labels.get(label).map(|id| known.contains(id));
        of(RUN_LABEL, &self.runs).or(of(CACHE_LABEL, &self.builds)).unwrap_or(true)
    }
}

/// Whether it was removed; somebody else may have been quicker, or it is still in use.
pub(super) fn gone(outcome: Result<(), Error>) -> Result<bool, DockerError> {
    match outcome {
        Ok(()) | Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(true),
        Err(Error::DockerResponseServerError { status_code: 409, .. }) => Ok(false),
        Err(error) => Err(meaning(error)),
    }
}
