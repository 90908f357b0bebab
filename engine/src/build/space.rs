//! The work space of a run: a private folder, and a volume of the engine once a container needs it.
//!
//! A flow without containers never leaves the private folder. With them, what Slipway fetched itself
//! is sent into the volume when a container is about to run; from then on the volume is the truth.
//! It is reached by the container of the last step, which is kept until the next one has its own.

use super::{execute::Work, resume::in_container, step_end::StepEnd};
use crate::{
    Error,
    docker::{Context, DockerEngine, DockerError, Dockerfile},
};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};
use types::build::Build;

/// A cancelled run waits for so long for its containers to be gone.
const CANCEL_LIMIT: Duration = Duration::from_secs(60);
/// After any other end the reaper is soon enough.
const CLEAR_LIMIT: Duration = Duration::from_secs(10);
/// Between two tries to remove what is left.
const CLEAR_PAUSE: Duration = Duration::from_secs(1);

/// Whether a flow needs a volume.
pub(crate) fn uses_containers(flow: &Build) -> bool {
    flow.steps.iter().any(|step| step.enabled() && in_container(step))
}

impl Work {
    pub(crate) fn tree(&self) -> PathBuf {
        self.folder.join("tree")
    }

    /// The label of what this run has in the engine.
    pub(crate) fn label(&self) -> String {
        self.row.id.to_string()
    }

    pub(crate) async fn docker(&self) -> Result<DockerEngine, StepEnd> {
        Ok(self.engine.engine_entry(self.row.engine_id).await?.connection().await?)
    }

    /// Sends what Slipway has fetched since the last time into the work space that a container has.
    pub(crate) async fn send_tree(&self, docker: &DockerEngine, container: &str) -> Result<(), StepEnd> {
        let tree = self.tree();
        let broken = |why: std::io::Error| StepEnd::Broken(Error::Internal(format!("{}: {why}", tree.display())));
        if !tokio::fs::try_exists(&tree).await.map_err(broken)? {
            return Ok(());
        }
        docker.send_tree(container, &tree).await?;
        tokio::fs::remove_dir_all(&tree).await.map_err(broken)
    }

    /// A folder of the work space for a build of an image.
    pub(crate) async fn context(
        &self,
        docker: &DockerEngine,
        folder: &str,
        dockerfile: &Dockerfile,
    ) -> Result<Context, StepEnd> {
        if uses_containers(&self.flow) {
            let containers = docker.containers_of(&self.label()).await?;
            if let Some(last) = containers.iter().rfind(|container| container.begun) {
                self.send_tree(docker, &last.id).await?;
                return Ok(docker.context_of(&last.id, folder, dockerfile).await?);
            }
        }
        let tree = self.tree();
        let broken = |why: std::io::Error| StepEnd::Broken(Error::Internal(format!("{}: {why}", tree.display())));
        tokio::fs::create_dir_all(&tree).await.map_err(broken)?;
        Ok(Context::folder(&tree, folder, dockerfile)?)
    }

    /// Removes what the run has in the engine; false if that is not confirmed in time.
    pub(crate) async fn is_cleared(&self, cancelled: bool) -> bool {
        let limit = if cancelled { CANCEL_LIMIT } else { CLEAR_LIMIT };
        let since = Instant::now();
        while let Err(why) = self.clear(limit.saturating_sub(since.elapsed())).await {
            if since.elapsed() + CLEAR_PAUSE >= limit {
                tracing::warn!(?why, run = %self.row.id, "containers of a run are not known to be gone");
                return false;
            }
            tokio::time::sleep(CLEAR_PAUSE).await;
        }
        true
    }

    async fn clear(&self, limit: Duration) -> Result<(), StepEnd> {
        let clearing = async { Ok(self.docker().await?.clear_run(&self.label()).await?) };
        let silent = |_| StepEnd::from(DockerError::EngineUnreachable("it does not answer".to_owned()));
        tokio::time::timeout(limit, clearing).await.map_err(silent)?
    }
}
