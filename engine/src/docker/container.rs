//! Containers of steps: made, started, stopped, found again.
//!
//! A container belongs to a run and a step by its labels, so that after a stop of Slipway the next
//! start finds it. It gets the work space and caches of its own build, and nothing else: no path of
//! the host, no socket, no capability, no network of the host.

use super::{
    CACHE_LABEL, DockerEngine, DockerError, RUN_LABEL, RegistryCredentials, SCRIPT_FOLDER, STEP_LABEL, WORKSPACE,
    failure::meaning,
    volume::{labelled, volume_name},
};
use bollard::{
    errors::Error,
    models::{ContainerCreateBody, HostConfig, HostConfigLogConfig, Mount, MountType, MountVolumeOptions},
    query_parameters::{
        CreateContainerOptions, CreateImageOptions, RemoveContainerOptions, StartContainerOptions, StopContainerOptions,
    },
};
use futures::StreamExt;
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};
use types::Time;

/// Most bytes of a script that is an argument of the shell: the kernel takes 128 KiB for one.
const ARGUMENT_MAX: usize = 96 * 1024;
/// Memory of a step, without swap: more than compilers usually take, less than a machine has.
const MEMORY_BYTES: i64 = 4 << 30;
/// Processors of a step, as time in a period: a machine with fewer simply gives fewer.
const CPUS: i64 = 2;
const CPU_PERIOD_US: i64 = 100_000;
/// Processes and threads of a step: many for a build, few for a fork bomb.
const PROCESSES: i64 = 4096;

/// A program may go on for so long after it is asked to end; then it is killed.
const STOP_SECONDS: i32 = 5;

/// Pulling an image takes its time; the step's own limit ends it sooner.
const PULL_LIMIT: Duration = Duration::from_secs(3600);

/// A named cache in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheMount {
    /// Of the build that it belongs to.
    pub build: i64,
    pub name: String,
    pub path: String,
}

/// What is run.
#[derive(Clone, Debug)]
pub struct ContainerRun {
    pub run: String,
    pub step: usize,
    pub image: String,
    /// Program and arguments; empty: what the image says.
    pub command: Vec<String>,
    /// As `NAME=value`.
    pub environment: BTreeMap<String, String>,
    /// Folder of the work space; empty: its root.
    pub folder: String,
    pub caches: Vec<CacheMount>,
    /// For an image of a private registry.
    pub credentials: Option<RegistryCredentials>,
}

/// A container of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepContainer {
    pub id: String,
    pub step: usize,
    /// False: it was made, but never started.
    pub begun: bool,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    pub code: i64,
    /// It had taken more memory than it may.
    pub out_of_memory: bool,
}

impl DockerEngine {
    /// The containers of a run by their steps.
    pub async fn containers_of(&self, run: &str) -> Result<Vec<StepContainer>, DockerError> {
        let listed = self.containers(labelled(RUN_LABEL, run)).await?;
        let step = |labels: Option<HashMap<String, String>>| labels?.get(STEP_LABEL)?.parse().ok();
        let mut found: Vec<StepContainer> = listed
            .into_iter()
            .filter_map(|container| {
                let begun = container.state != "created";
                Some(StepContainer { id: container.id, step: step(container.labels)?, begun })
            })
            .collect();
        found.sort_by_key(|container| container.step);
        Ok(found)
    }

    /// Makes the container of a step, and pulls its image if the engine does not have it.
    pub async fn create_container(&self, run: &ContainerRun) -> Result<String, DockerError> {
        match self.try_create(run).await {
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => {
                self.pull(&run.image, run.credentials.as_ref()).await?;
                self.try_create(run).await.map_err(meaning)
            }
            outcome => outcome.map_err(meaning),
        }
    }

    async fn try_create(&self, run: &ContainerRun) -> Result<String, Error> {
        let name = format!("{}-{}", volume_name(&run.run), run.step);
        let options = CreateContainerOptions { name: Some(name), ..Default::default() };
        Ok(self.docker.create_container(Some(options), body(self, run)).await?.id)
    }

    async fn pull(&self, image: &str, credentials: Option<&RegistryCredentials>) -> Result<(), DockerError> {
        let failed = |why: String| DockerError::PullFailed { image: image.to_owned(), why };
        // Without a tag an engine would pull all of them.
        let last = image.rsplit('/').next().unwrap_or(image);
        let tag = (!last.contains([':', '@'])).then(|| "latest".to_owned());
        let options = CreateImageOptions { from_image: Some(image.to_owned()), tag, ..Default::default() };
        let docker = self.transport.client(PULL_LIMIT, &self.docker.client_version()).map_err(meaning)?;
        let mut pulling = docker.create_image(Some(options), None, credentials.map(RegistryCredentials::for_docker));
        while let Some(item) = pulling.next().await {
            item.map_err(|error| match error {
                Error::DockerStreamError { error } => failed(error),
                Error::DockerResponseServerError { message, .. } => failed(message),
                other => meaning(other),
            })?;
        }
        Ok(())
    }

    pub async fn start_container(&self, id: &str) -> Result<(), DockerError> {
        self.docker.start_container(id, None::<StartContainerOptions>).await.map_err(meaning)
    }

    /// Asks the program to end, and kills it if it does not; returns when it has ended.
    pub async fn stop_container(&self, id: &str) -> Result<(), DockerError> {
        let options = StopContainerOptions { t: Some(STOP_SECONDS), ..Default::default() };
        match self.docker.stop_container(id, Some(options)).await {
            // It is gone, or has ended by itself.
            Ok(()) | Err(Error::DockerResponseServerError { status_code: 404 | 304, .. }) => Ok(()),
            Err(error) => Err(meaning(error)),
        }
    }

    pub async fn remove_container(&self, id: &str) -> Result<(), DockerError> {
        let options = RemoveContainerOptions { force: true, v: true, ..Default::default() };
        super::reap::gone(self.docker.remove_container(id, Some(options)).await)?;
        Ok(())
    }

    /// How a program ended; none while it runs.
    pub async fn exit_of(&self, id: &str) -> Result<Option<Exit>, DockerError> {
        let state = self.state_of(id).await?;
        if state.running || state.paused || state.restarting {
            return Ok(None);
        }
        Ok(state.exit_code.map(|code| Exit { code, out_of_memory: state.out_of_memory }))
    }

    /// When a program began, by the engine's clock.
    pub async fn began_at(&self, id: &str) -> Result<Option<Time>, DockerError> {
        Ok(self.state_of(id).await?.started_at.and_then(|at| Time::parse(&at)))
    }
}

fn body(engine: &DockerEngine, run: &ContainerRun) -> ContainerCreateBody {
    let own = engine.labels([(RUN_LABEL, run.run.clone()), (STEP_LABEL, run.step.to_string())]);
    let folder = run.folder.trim_matches('/');
    ContainerCreateBody {
        image: Some(run.image.clone()),
        // The image's own entry point would be given the command as arguments.
        entrypoint: (!run.command.is_empty()).then(|| run.command.clone()),
        cmd: (!run.command.is_empty()).then(Vec::new),
        env: Some(run.environment.iter().map(|(name, value)| format!("{name}={value}")).collect()),
        working_dir: Some(if folder.is_empty() { WORKSPACE.to_owned() } else { format!("{WORKSPACE}/{folder}") }),
        labels: Some(own),
        host_config: Some(host_config(engine, run)),
        ..ContainerCreateBody::default()
    }
}

fn host_config(engine: &DockerEngine, run: &ContainerRun) -> HostConfig {
    let workspace = Mount {
        typ: Some(MountType::VOLUME),
        source: Some(volume_name(&run.run)),
        target: Some(WORKSPACE.to_owned()),
        volume_options: Some(MountVolumeOptions { no_copy: Some(true), ..MountVolumeOptions::default() }),
        ..Mount::default()
    };
    let mounts = std::iter::once(workspace).chain(run.caches.iter().map(|cache| cache.mount(engine)));
    HostConfig {
        mounts: Some(mounts.collect()),
        privileged: Some(false),
        cap_drop: Some(vec!["ALL".to_owned()]),
        security_opt: Some(vec!["no-new-privileges".to_owned()]),
        network_mode: Some("default".to_owned()),
        memory: Some(MEMORY_BYTES),
        memory_swap: Some(MEMORY_BYTES),
        cpu_period: Some(CPU_PERIOD_US),
        cpu_quota: Some(CPUS * CPU_PERIOD_US),
        pids_limit: Some(PROCESSES),
        // What was printed while nobody listened is read from here; other drivers cannot be read.
        log_config: Some(HostConfigLogConfig { typ: Some("json-file".to_owned()), config: None }),
        ..HostConfig::default()
    }
}

impl CacheMount {
    /// A volume that no other build has, and that is not removed with the run.
    fn mount(&self, engine: &DockerEngine) -> Mount {
        let labels = engine.labels([(CACHE_LABEL, self.build.to_string())]);
        Mount {
            typ: Some(MountType::VOLUME),
            source: Some(format!("slipway-cache-{}-{}-{}", engine.installation, self.build, self.name)),
            target: Some(self.path.clone()),
            volume_options: Some(MountVolumeOptions { labels: Some(labels), ..MountVolumeOptions::default() }),
            ..Mount::default()
        }
    }
}

/// Where a long script lies.
pub(super) fn script_path() -> String {
    format!("{SCRIPT_FOLDER}/script")
}

/// Whether a script is short enough for an argument: to put it into the container the engine would have to mount
/// that once more.
pub(super) fn is_argument(script: &str) -> bool {
    script.len() <= ARGUMENT_MAX
}

impl ContainerRun {
    /// The command that runs a script; nothing in it is read by anybody but the shell.
    pub fn script_command(script: &str) -> Vec<String> {
        let words = match is_argument(script) {
            // The last word is what the script is called in the shell's messages.
            true => vec!["/bin/sh", "-e", "-c", script, "script"],
            false => vec!["/bin/sh", "-e"],
        };
        let file = (!is_argument(script)).then(script_path);
        words.into_iter().map(str::to_owned).chain(file).collect()
    }
}
