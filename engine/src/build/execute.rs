//! One build run, from its first step to its end.
//!
//! The run is written down step by step, so that after a kill the next start finds where it was:
//! steps that can start again do so from their beginning, and what they made before is not used.

use super::{
    git_step, image_step,
    record::{self, By, Ending, Made, Recorder},
    values::Values,
};
use crate::{
    Engine, Error,
    docker::DockerError,
    line::{Line, Lines},
    logs::{LogError, LogWriter, Masker},
    state::build_run::Event,
    store::{self, build_run},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use types::{
    build::{Build, Step},
    build_run::{BuildCause, BuildFailure, StepStatus},
    log::LogStream,
    version::BuildParams,
};

/// On a stop, a running image step may go on for so long.
const STOP_GRACE: Duration = Duration::from_secs(25);

/// An engine that does not answer is tried again for so long.
const ENGINE_PATIENCE: Duration = Duration::from_secs(600);
/// The first and the longest pause between two tries.
const ENGINE_PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));

/// A build run at work.
pub(crate) struct Work {
    pub(crate) engine: Engine,
    pub(crate) row: build_run::Model,
    pub(crate) flow: Build,
    pub(crate) params: BuildParams,
    /// Private folder of this run; the work space is its `tree`.
    pub(crate) folder: PathBuf,
    pub(crate) values: Values,
    /// Passwords of steps, by the step's name.
    pub(crate) passwords: Vec<(String, SecretString)>,
    pub(crate) cancel: CancellationToken,
    pub(crate) log: LogWriter,
    pub(crate) made: Option<Made>,
}

/// How a step ended other than well.
#[derive(Debug)]
pub(crate) enum StepEnd {
    Failed(BuildFailure),
    Cancelled,
    /// Slipway stops: the step is taken up at the next start.
    Stopped,
    EngineUnreachable(String),
    /// Something of Slipway itself failed: the database, the log.
    Broken(Error),
}

impl StepEnd {
    pub(crate) fn failed(code: BuildCause, message: impl Into<String>) -> Self {
        StepEnd::Failed(BuildFailure { code, message: message.into() })
    }
}

impl From<Error> for StepEnd {
    fn from(error: Error) -> Self {
        StepEnd::Broken(error)
    }
}

impl From<LogError> for StepEnd {
    fn from(error: LogError) -> Self {
        match error {
            LogError::TooLarge { limit } => {
                StepEnd::failed(BuildCause::LogTooLarge, format!("the log has reached its limit of {limit} bytes"))
            }
            other => StepEnd::Broken(Error::Internal(other.to_string())),
        }
    }
}

/// Runs what a worker has claimed, and writes how it ended.
pub(crate) async fn execute(engine: Engine, row: build_run::Model, cancel: CancellationToken) {
    let (id, by) = (row.id, By::Worker { fence: row.fence });
    let name = format!("{} #{}", row.build_name, row.number);
    match Work::begin(engine.clone(), row, cancel).await {
        Ok(work) => work.run().await,
        Err(why) => {
            tracing::error!(%why, build_run = name, "a build run could not begin");
            let failure =
                BuildFailure { code: BuildCause::Internal, message: "Slipway could not begin this run.".to_owned() };
            let ending =
                Ending { event: Event::Failed(BuildCause::Internal), failure: Some(failure), reason: None, made: None };
            if let Err(why) = record::finish(&engine, id, by, ending).await {
                tracing::error!(%why, build_run = name, "its end could not be written");
            }
        }
    }
}

impl Work {
    async fn begin(engine: Engine, row: build_run::Model, cancel: CancellationToken) -> Result<Self, Error> {
        let flow: Build = store::read(&row.flow)?;
        let params: BuildParams = store::read(&row.params)?;
        let passwords = super::open_secrets(&engine.secrets, &flow.name, &flow.steps)?;
        let registry = engine.registry_entry(row.registry_id).await?;
        let push_password = registry
            .row
            .sealed_password
            .as_deref()
            .map(|sealed| engine.secrets.open(&format!("registry/{}/password", registry.row.name), sealed));
        let push_password = push_password.transpose()?;
        let hidden = passwords.iter().map(|(_, secret)| secret).chain(&push_password).map(ExposeSecret::expose_secret);
        let log = engine
            .logs
            .open_writer(row.id, Masker::new(hidden))
            .await
            .map_err(|why| Error::Internal(why.to_string()))?;
        let values = Values {
            tag: row.tag.clone(),
            number: u32::try_from(row.number).unwrap_or_default(),
            commit: row.commit.clone(),
        };
        let folder = engine.config.data_dir.join("work").join(row.id.to_string());
        Ok(Self { engine, row, flow, params, folder, values, passwords, cancel, log, made: None })
    }

    async fn run(mut self) {
        let limit = Duration::from_millis(self.flow.time_limit_ms);
        let ended = match tokio::time::timeout(limit, self.steps()).await {
            Ok(ended) => ended,
            Err(_) => {
                Err(StepEnd::failed(BuildCause::Timeout, format!("the build took longer than {} s", limit.as_secs())))
            }
        };
        if let Err(StepEnd::Stopped) = ended {
            if let Err(why) = self.log.release().await {
                tracing::warn!(%why, "a log was not released");
            }
            return;
        }
        let (build, number) = (self.row.build_name.clone(), self.row.number);
        if let Err(why) = self.end(ended).await {
            tracing::error!(%why, build, number, "the end of a build run could not be written");
        }
    }

    async fn steps(&mut self) -> Result<(), StepEnd> {
        if self.row.restarts > 0 {
            self.log.system(0, "restarted after server stop").await?;
        }
        let steps = self.flow.steps.clone();
        for (index, step) in steps.iter().enumerate().filter(|(_, step)| step.enabled()) {
            self.step(index, step).await?;
        }
        Ok(())
    }

    async fn step(&mut self, index: usize, step: &Step) -> Result<(), StepEnd> {
        let before = self.log.flush().await?;
        self.recorder().step_started(index).await?;
        let begun = Instant::now();
        let ended = self.attempt(index, step).await;
        let last = self.log.flush().await;
        let status = match &ended {
            Ok(()) => StepStatus::Succeeded,
            Err(StepEnd::Stopped) => return ended,
            Err(StepEnd::Cancelled) => StepStatus::Canceled,
            Err(StepEnd::Failed(_) | StepEnd::EngineUnreachable(_) | StepEnd::Broken(_)) => StepStatus::Failed,
        };
        let failure = match &ended {
            Err(StepEnd::Failed(failure)) => Some(failure.clone()),
            Err(StepEnd::EngineUnreachable(why)) => {
                Some(BuildFailure { code: BuildCause::EngineUnreachable, message: why.clone() })
            }
            Ok(()) | Err(_) => None,
        };
        let lines = last.ok().filter(|&last| last > before).map(|last| (before + 1, last));
        let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.recorder().step_ended(index, status, duration_ms, lines, failure.as_ref()).await?;
        ended
    }

    /// Runs a step within its time; an engine that does not answer is tried again for ten minutes.
    async fn attempt(&mut self, index: usize, step: &Step) -> Result<(), StepEnd> {
        let limit = Duration::from_millis(step.time_limit_ms());
        let (mut pause, longest) = ENGINE_PAUSES;
        let mut silent_since: Option<Instant> = None;
        loop {
            let begun = Instant::now();
            let ended = match tokio::time::timeout(limit, self.once(index, step)).await {
                Ok(ended) => ended,
                Err(_) => {
                    let words = format!("the step took longer than {} s", limit.as_secs());
                    Err(StepEnd::failed(BuildCause::Timeout, words))
                }
            };
            let Err(StepEnd::EngineUnreachable(why)) = ended else { return ended };
            let since = *silent_since.get_or_insert(begun);
            if since.elapsed() > ENGINE_PATIENCE {
                return Err(StepEnd::EngineUnreachable(why));
            }
            self.log
                .system(step_number(index), &format!("The build engine cannot be reached ({why}). Trying again."))
                .await?;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.cancel.cancelled() => return Err(StepEnd::Cancelled),
                () = self.engine.stop.cancelled() => return Err(StepEnd::Stopped),
            }
            pause = (pause * 2).min(longest);
        }
    }

    async fn once(&mut self, index: usize, step: &Step) -> Result<(), StepEnd> {
        let (lines, receiver) = Lines::channel();
        let writer = self.log.clone();
        let pump = tokio::spawn(pump(writer, step_number(index), receiver));
        let stop = self.engine.stop.clone();
        let ended = match step {
            Step::Git(step) => tokio::select! {
                ended = git_step::run(self, step, &lines) => ended,
                () = stop.cancelled() => Err(StepEnd::Stopped),
            },
            Step::Image(step) => tokio::select! {
                ended = image_step::run(self, step, &lines) => ended,
                () = stopped_for_good(stop) => Err(StepEnd::Stopped),
            },
            Step::Transfer(_) | Step::Http(_) | Step::Script(_) | Step::Container(_) => {
                Err(StepEnd::failed(BuildCause::StepFailed, format!("{} steps cannot be run yet", step.kind())))
            }
        };
        drop(lines);
        let pumped = pump.await.map_err(|why| Error::Internal(format!("the log's pump ended: {why}")))?;
        pumped?;
        ended
    }

    fn recorder(&self) -> Recorder<'_> {
        Recorder { engine: &self.engine, row: &self.row }
    }

    /// Writes the end: first the log's last line, then the state, then the log's end.
    async fn end(mut self, ended: Result<(), StepEnd>) -> Result<(), Error> {
        let ending = match ended {
            Ok(()) => Ending { event: Event::Finished, failure: None, reason: None, made: self.made.take() },
            Err(StepEnd::Cancelled) => Ending { event: Event::ConfirmedGone, failure: None, reason: None, made: None },
            Err(StepEnd::Failed(failure)) => {
                let code = failure.code;
                Ending { event: Event::Failed(code), failure: Some(failure), reason: None, made: None }
            }
            Err(StepEnd::EngineUnreachable(why)) => {
                let message =
                    format!("the build engine did not answer for {} min: {why}", ENGINE_PATIENCE.as_secs() / 60);
                let failure = BuildFailure { code: BuildCause::EngineUnreachable, message };
                Ending { event: Event::EngineGone, failure: Some(failure), reason: None, made: None }
            }
            Err(StepEnd::Broken(error)) => {
                tracing::error!(%error, build = self.row.build_name, number = self.row.number, "a build run failed within Slipway");
                let failure =
                    BuildFailure { code: BuildCause::Internal, message: "Slipway itself failed at this.".to_owned() };
                Ending { event: Event::Failed(BuildCause::Internal), failure: Some(failure), reason: None, made: None }
            }
            Err(StepEnd::Stopped) => return Ok(()),
        };
        if let Some(failure) = &ending.failure {
            self.best_effort_last_line(&format!("failed ({}): {}", failure.code.as_str(), failure.message)).await;
        }
        let by = By::Worker { fence: self.row.fence };
        let status = record::finish(&self.engine, self.row.id, by, ending).await?;
        if let Err(why) = self.log.close(status.as_str()).await {
            tracing::warn!(%why, "a log was not closed");
        }
        record::tell(&self.engine, &self.row);
        if let Err(why) = tokio::fs::remove_dir_all(&self.folder).await
            && why.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%why, folder = %self.folder.display(), "a work space was not removed");
        }
        Ok(())
    }

    async fn best_effort_last_line(&self, text: &str) {
        let last = self.flow.steps.iter().position(|step| matches!(step, Step::Image(_))).unwrap_or_default();
        if let Err(why) = self.log.system(step_number(last), text).await {
            tracing::debug!(%why, "the last line was not written");
        }
    }
}

impl From<DockerError> for StepEnd {
    fn from(error: DockerError) -> Self {
        let message = error.to_string();
        match error {
            DockerError::EngineUnreachable(why) => StepEnd::EngineUnreachable(why),
            DockerError::Cancelled => StepEnd::Cancelled,
            DockerError::DockerfileNotFound(_) => StepEnd::failed(BuildCause::DockerfileNotFound, message),
            DockerError::BuildFailed { .. } => StepEnd::failed(BuildCause::BuildFailed, message),
            DockerError::PushUnauthorized(_) | DockerError::PushFailed(_) => {
                StepEnd::failed(BuildCause::PushFailed, message)
            }
            DockerError::ContextTooLarge { .. } => StepEnd::failed(BuildCause::ContextTooLarge, message),
            DockerError::LogClosed => StepEnd::failed(BuildCause::LogTooLarge, message),
            DockerError::ContextUnreadable(_) | DockerError::EngineRefused(_) => {
                StepEnd::failed(BuildCause::StepFailed, message)
            }
        }
    }
}

/// Carries lines to the log; what comes after the log is full is dropped with the channel.
async fn pump(log: LogWriter, step: u32, mut lines: tokio::sync::mpsc::Receiver<Line>) -> Result<(), StepEnd> {
    while let Some(Line { at, stream, text }) = lines.recv().await {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(&text);
        bytes.push(b'\n');
        log.append(step, stream, Some(at), &bytes).await?;
    }
    Ok(())
}

async fn stopped_for_good(stop: CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(STOP_GRACE).await;
}

pub(crate) fn step_number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// A line of Slipway's own among those of a step.
pub(crate) async fn say(lines: &Lines, text: String) -> Result<(), StepEnd> {
    lines
        .send_now(LogStream::System, text)
        .await
        .map_err(|why| StepEnd::failed(BuildCause::LogTooLarge, why.to_string()))
}
