//! Removing what runs left behind in an engine.

use super::{DockerEngine, DockerError, RUN_LABEL, failure::meaning};
use bollard::{
    errors::Error,
    query_parameters::{ListContainersOptions, ListVolumesOptions, RemoveContainerOptions, RemoveVolumeOptions},
};
use std::collections::{HashMap, HashSet};

/// What is younger may belong to a run that started after the living ones were listed.
const GRACE_S: i64 = 120;

/// How much a reaping removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reaped {
    pub containers: usize,
    pub volumes: usize,
}

impl DockerEngine {
    /// Removes containers and volumes whose label names no living run. What is already gone counts
    /// as removed; what is in use stays for the next time.
    pub async fn reap(&self, living: &HashSet<String>) -> Result<Reaped, DockerError> {
        let containers = self.reap_containers(living).await?;
        let volumes = self.reap_volumes(living).await?;
        Ok(Reaped { containers, volumes })
    }

    async fn reap_containers(&self, living: &HashSet<String>) -> Result<usize, DockerError> {
        let options = ListContainersOptions { all: true, filters: Some(labelled()), ..Default::default() };
        let mut removed = 0;
        for container in self.docker.list_containers(Some(options)).await.map_err(meaning)? {
            let dead = is_dead(container.labels.as_ref(), container.created, living);
            let (true, Some(id)) = (dead, container.id) else { continue };
            let options = RemoveContainerOptions { force: true, v: true, ..Default::default() };
            removed += usize::from(gone(self.docker.remove_container(&id, Some(options)).await)?);
        }
        Ok(removed)
    }

    async fn reap_volumes(&self, living: &HashSet<String>) -> Result<usize, DockerError> {
        let options = ListVolumesOptions { filters: Some(labelled()) };
        let listed = self.docker.list_volumes(Some(options)).await.map_err(meaning)?;
        let mut removed = 0;
        for volume in listed.volumes.unwrap_or_default() {
            let created = volume.created_at.map(|at| at.unix_timestamp());
            if is_dead(Some(&volume.labels), created, living) {
                let options = RemoveVolumeOptions { force: true };
                removed += usize::from(gone(self.docker.remove_volume(&volume.name, Some(options)).await)?);
            }
        }
        Ok(removed)
    }
}

fn labelled() -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![RUN_LABEL.to_owned()])])
}

fn is_dead(labels: Option<&HashMap<String, String>>, created_s: Option<i64>, living: &HashSet<String>) -> bool {
    let Some(run) = labels.and_then(|labels| labels.get(RUN_LABEL)) else { return false };
    let age_s = crate::now().as_millis() / 1000 - created_s.unwrap_or(0);
    !living.contains(run) && age_s >= GRACE_S
}

/// Whether it was removed; somebody else may have been quicker, or it is still in use.
pub(super) fn gone(outcome: Result<(), Error>) -> Result<bool, DockerError> {
    match outcome {
        Ok(()) | Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(true),
        Err(Error::DockerResponseServerError { status_code: 409, .. }) => Ok(false),
        Err(error) => Err(meaning(error)),
    }
}
