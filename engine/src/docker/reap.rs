//! Removing what runs left behind in an engine.

use super::{CACHE_LABEL, DockerEngine, DockerError, INSTALLATION_LABEL, RUN_LABEL, failure::meaning, listed::Listed};
use bollard::{
    errors::Error,
    query_parameters::{
        ListImagesOptions, ListVolumesOptions, RemoveContainerOptions, RemoveImageOptions, RemoveVolumeOptions,
    },
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
    pub images: usize,
}

impl DockerEngine {
    /// Removes what of this installation belongs to nothing living. What is already gone counts as removed; what is in
    /// use stays for the next time.
    pub async fn reap(&self, living: &Living) -> Result<Reaped, DockerError> {
        let containers = self.reap_containers(living).await?;
        let volumes = self.reap_volumes(living).await?;
        let images = self.reap_images(living).await?;
        Ok(Reaped { containers, volumes, images })
    }

    async fn reap_containers(&self, living: &Living) -> Result<usize, DockerError> {
        let mut removed = 0;
        for Listed { id, labels, created, .. } in self.containers(HashMap::new()).await? {
            if !self.is_dead(labels.as_ref(), created, living) {
                continue;
            }
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

    /// Images that were only tried, and that a kill of Slipway left behind.
    async fn reap_images(&self, living: &Living) -> Result<usize, DockerError> {
        let repository = self.try_repository();
        let filters = HashMap::from([("reference".to_owned(), vec![repository.clone()])]);
        let options = ListImagesOptions { filters: Some(filters), ..Default::default() };
        let listed = self.docker.list_images(Some(options)).await.map_err(meaning)?;
        let mut removed = 0;
        for image in listed.into_iter().flat_map(|image| image.repo_tags) {
            let run = image.strip_prefix(&repository).and_then(|tag| tag.strip_prefix(':'));
            if run.is_some_and(|run| !living.runs.contains(run)) {
                removed += usize::from(self.remove_image(&image).await?);
            }
        }
        Ok(removed)
    }

    /// The name of an image that is only tried by a run: it is taken off again, and nothing is pushed.
    pub fn try_image(&self, run: &str) -> String {
        format!("{}:{run}", self.try_repository())
    }

    fn try_repository(&self) -> String {
        format!("slipway-try/{}", self.installation)
    }

    /// Takes a name off an image; the image goes with its last name. False: it is in use.
    pub async fn remove_image(&self, name: &str) -> Result<bool, DockerError> {
        gone(self.docker.remove_image(name, None::<RemoveImageOptions>, None).await.map(|_| ()))
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
