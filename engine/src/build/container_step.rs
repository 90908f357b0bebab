//! The steps that run a program in a container: a command, or a script.
//!
//! The container goes on while Slipway is stopped, or while the engine cannot be reached. So a step
//! first looks whether it has one already, and takes up its output where the log ends.

use super::{
    execute::{Work, say, step_number},
    image_step::sign_in,
    resume,
    step_end::StepEnd,
};
use crate::{
    docker::{CacheMount, ContainerRun, Cursor, DockerEngine, DockerError, Exit, RegistryCredentials},
    image::ImageRef,
    line::Lines,
};
use std::{collections::BTreeMap, time::Duration};
use types::{
    build::{Cache, ContainerStep, ScriptStep},
    build_run::BuildCause,
};

/// What a cancelled program still prints is waited for as long as it may take to end.
const LAST_WORDS: Duration = Duration::from_secs(8);

/// What is run, and in what.
pub(crate) struct Task<'a> {
    image: &'a str,
    program: Program<'a>,
    environment: &'a BTreeMap<String, String>,
    folder: &'a str,
    caches: &'a [Cache],
}

enum Program<'a> {
    Command(&'a [String]),
    Script(&'a str),
}

impl<'a> From<&'a ContainerStep> for Task<'a> {
    fn from(step: &'a ContainerStep) -> Self {
        let ContainerStep {
            name: _,
            enabled: _,
            time_limit_ms: _,
            image,
            command,
            environment,
            working_folder,
            caches,
        } = step;
        Self { image, program: Program::Command(command), environment, folder: working_folder, caches }
    }
}

impl<'a> From<&'a ScriptStep> for Task<'a> {
    fn from(step: &'a ScriptStep) -> Self {
        let ScriptStep { name: _, enabled: _, time_limit_ms: _, image, script, environment, working_folder, caches } =
            step;
        Self { image, program: Program::Script(script), environment, folder: working_folder, caches }
    }
}

/// Runs the program to its end, or goes on with the one that is running.
pub(crate) async fn run(work: &Work, index: usize, task: Task<'_>, lines: &Lines) -> Result<(), StepEnd> {
    let docker = work.docker().await?;
    let (container, cursor) = tokio::select! {
        begun = find_or_begin(work, &docker, index, &task, lines) => begun?,
        () = work.cancel.cancelled() => return Err(StepEnd::Cancelled),
    };
    let following = docker.follow(&container, cursor, lines);
    tokio::pin!(following);
    tokio::select! {
        followed = &mut following => followed?,
        () = work.cancel.cancelled() => {
            let last_words = tokio::time::timeout(LAST_WORDS, following);
            let (stopped, _) = tokio::join!(docker.stop_container(&container), last_words);
            stopped?;
            return Err(StepEnd::Cancelled);
        }
    }
    let unknown = || DockerError::EngineUnreachable("it does not say how the program ended".to_owned());
    judge(docker.exit_of(&container).await?.ok_or_else(unknown)?)
}

fn judge(exit: Exit) -> Result<(), StepEnd> {
    match exit {
        // One of its processes may have been killed for its memory; the program made do without.
        Exit { code: 0, out_of_memory: _ } => Ok(()),
        Exit { code, out_of_memory: true } => {
            let words = format!("the program ran out of memory and ended with exit code {code}");
            Err(StepEnd::failed(BuildCause::StepFailed, words))
        }
        Exit { code, out_of_memory: false } => {
            Err(StepEnd::failed(BuildCause::StepFailed, format!("the program ended with exit code {code}")))
        }
    }
}

async fn find_or_begin(
    work: &Work,
    docker: &DockerEngine,
    index: usize,
    task: &Task<'_>,
    lines: &Lines,
) -> Result<(String, Cursor), StepEnd> {
    let containers = docker.containers_of(&work.label()).await?;
    if let Some(own) = containers.iter().find(|container| container.step == index) {
        if own.begun {
            let cursor = match docker.began_at(&own.id).await? {
                Some(began) => {
                    work.log.flush().await?;
                    resume::cursor(&work.engine.logs, work.row.id, step_number(index), began).await?
                }
                None => Cursor::default(),
            };
            return Ok((own.id.clone(), cursor));
        }
        // Its files may be half there.
        docker.remove_container(&own.id).await?;
    }
    let container = begin(work, docker, index, task, lines).await?;
    for before in containers.iter().filter(|container| container.step != index) {
        docker.remove_container(&before.id).await?;
    }
    Ok((container, Cursor::default()))
}

async fn begin(
    work: &Work,
    docker: &DockerEngine,
    index: usize,
    task: &Task<'_>,
    lines: &Lines,
) -> Result<String, StepEnd> {
    let Task { image, program, environment, folder, caches } = task;
    let gone = |why: String| StepEnd::failed(BuildCause::StepFailed, format!("environment: {why}"));
    let cache =
        |cache: &Cache| CacheMount { build: work.row.build_id, name: cache.name.clone(), path: cache.path.clone() };
    let run = ContainerRun {
        run: work.label(),
        step: index,
        image: (*image).to_owned(),
        command: match program {
            Program::Command(words) => words.to_vec(),
            Program::Script(script) => ContainerRun::script_command(script),
        },
        environment: work.values.expand_all(environment).map_err(gone)?,
        folder: (*folder).to_owned(),
        caches: caches.iter().map(cache).collect(),
        credentials: credentials(work, image).await?,
    };
    say(lines, format!("Runs {image} on engine {}", work.row.engine_name)).await?;
    docker.create_workspace(&run.run).await?;
    let container = docker.create_container(&run).await?;
    work.send_tree(docker, &container).await?;
    docker.make_folder(&container, folder).await?;
    if let Program::Script(script) = program {
        docker.put_script(&container, script).await?;
    }
    docker.start_container(&container).await?;
    Ok(container)
}

/// The password of the registry, if the image is in one that Slipway knows.
async fn credentials(work: &Work, image: &str) -> Result<Option<RegistryCredentials>, StepEnd> {
    let image = ImageRef::parse(image).map_err(|why| StepEnd::failed(BuildCause::StepFailed, why))?;
    match work.engine.registry_of(&image.repository).await? {
        Some(registry) => sign_in(&registry, image.repository.host()).await,
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, StepEnd, judge};
    use rstest::rstest;

    #[rstest]
    #[case(0, false, None)]
    #[case(3, false, Some("the program ended with exit code 3"))]
    #[case(137, true, Some("the program ran out of memory and ended with exit code 137"))]
    #[case(0, true, None)]
    fn only_zero_is_good(#[case] code: i64, #[case] out_of_memory: bool, #[case] expected: Option<&str>) {
        let said = match judge(Exit { code, out_of_memory }) {
            Ok(()) => None,
            Err(StepEnd::Failed(failure)) => Some(failure.message),
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(said.as_deref(), expected);
    }
}
