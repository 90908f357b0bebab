//! The work space of a run: a volume of the engine.

use super::{DockerEngine, DockerError, RUN_LABEL, failure::meaning, listed::Listed, reap::gone};
use bollard::{
    models::VolumeCreateRequest,
    query_parameters::{ListVolumesOptions, RemoveContainerOptions, RemoveVolumeOptions},
};
use std::collections::HashMap;

/// The volume of a run.
pub(super) fn volume_name(run: &str) -> String {
    format!("slipway-{run}")
}

impl DockerEngine {
    /// Makes the work space of a run; one that is there already is left as it is.
    pub async fn create_workspace(&self, run: &str) -> Result<(), DockerError> {
        let request = VolumeCreateRequest {
            name: Some(volume_name(run)),
            labels: Some(self.labels([(RUN_LABEL, run.to_owned())])),
            ..VolumeCreateRequest::default()
        };
        self.docker.create_volume(request).await.map_err(meaning)?;
        Ok(())
    }

    /// Removes what a run has in the engine, whatever it is doing. `Ok` means that it is gone.
    pub async fn clear_run(&self, run: &str) -> Result<(), DockerError> {
        for Listed { id, .. } in self.containers(labelled(RUN_LABEL, run)).await? {
            let options = RemoveContainerOptions { force: true, v: true, ..Default::default() };
            confirm(&id, gone(self.docker.remove_container(&id, Some(options)).await)?)?;
        }
        let options = ListVolumesOptions { filters: Some(labelled(RUN_LABEL, run)) };
        let listed = self.docker.list_volumes(Some(options)).await.map_err(meaning)?;
        for volume in listed.volumes.unwrap_or_default() {
            let options = RemoveVolumeOptions { force: true };
            confirm(&volume.name, gone(self.docker.remove_volume(&volume.name, Some(options)).await)?)?;
        }
        Ok(())
    }
}

fn confirm(name: &str, gone: bool) -> Result<(), DockerError> {
    if gone { Ok(()) } else { Err(DockerError::EngineRefused(format!("{name} is still in use"))) }
}

/// Things with a label of this value.
pub(super) fn labelled(label: &str, value: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![format!("{label}={value}")])])
}
