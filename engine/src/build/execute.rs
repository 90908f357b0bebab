//! One build run, from its first step to its end.
//!
//! The run is written down step by step, so that after a kill the next start finds where it was:
//! steps that can start again do so from their beginning, and what they made before is not used.

use super::{
    container_step, git_step, http_step, image_step, in_container, outputs,
    patience::{ENGINE_PATIENCE, Patience},
    record::{self, By, Ending, Made, Recorder},
    room,
    space::uses_containers,
    step_end::StepEnd,
    taken_up::{GoesOn, TakenUp},
    transfer_step,
    values::Values,
};
use crate::{
    Engine, Error,
    line::{Line, Lines},
    logs::{LogWriter, Masker},
    state::build_run::Event,
    store::{self, build_run},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use types::{
    build::{Build, Step},
    build_run::{BuildCause, BuildFailure, BuildRunKind, StepStatus},
    log::LogStream,
    version::BuildParams,
};
use uuid::Uuid;

/// On a stop, a running image step may go on for so long.
const STOP_GRACE: Duration = Duration::from_secs(25);

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
    /// All that the log must not hold.
    hidden: Vec<SecretString>,
    /// It was under way when Slipway ended.
    taken_up: bool,
    pub(crate) cancel: CancellationToken,
    pub(crate) log: LogWriter,
    pub(crate) made: Option<Made>,
}

/// Runs what a worker has claimed, or takes up what was under way when Slipway ended, and writes how it ended.
pub(crate) async fn execute(engine: Engine, row: build_run::Model, cancel: CancellationToken, taken_up: bool) {
    let (id, by) = (row.id, By::Worker { fence: row.fence });
    let name = format!("{} #{}", row.build_name, row.number);
    match Work::begin(engine.clone(), row, cancel, taken_up).await {
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
    async fn begin(
        engine: Engine,
        row: build_run::Model,
        cancel: CancellationToken,
        taken_up: bool,
    ) -> Result<Self, Error> {
        let flow: Build = store::read(&row.flow)?;
        let params: BuildParams = store::read(&row.params)?;
        let passwords = super::open_secrets(&engine.secrets, &flow.name, &flow.steps)?;
        let registry = engine.registry_entry(row.registry_id).await?;
        let push_password = registry
            .row
            .sealed_password
            .as_deref()
            .map(|sealed| engine.secrets.open(&format!("registry/{}/password", registry.row.name), sealed));
        let outputs = outputs::of_run(&engine, &row).await?;
        let masked = outputs.values().filter(|output| output.masked).map(|output| output.value.clone());
        let mut hidden: Vec<SecretString> = passwords.iter().map(|(_, secret)| secret.clone()).chain(masked).collect();
        hidden.extend(push_password.transpose()?);
        let values = Values {
            // What is tried makes no tag; steps that name it get a word instead of nothing.
            tag: row.tag.clone().or_else(|| is_try(&row).then(|| "try".to_owned())),
            number: u32::try_from(row.number).unwrap_or_default(),
            commit: row.commit.clone(),
            params: super::in_run(&flow.params, &params.params),
            outputs: outputs.into_iter().map(|(name, output)| (name, output.value)).collect(),
            secrets: engine.secrets_of_flow(&row).await?,
        };
        hidden.extend(values.secrets.values().cloned());
        let log = open_log(&engine, row.id, &hidden).await?;
        let folder = engine.config.data_dir.join("work").join(row.id.to_string());
        Ok(Self { engine, row, flow, params, folder, values, passwords, hidden, taken_up, cancel, log, made: None })
    }

    /// What a stranger has answered may repeat a secret.
    fn masked(&self, end: StepEnd) -> StepEnd {
        match end {
            StepEnd::Failed(BuildFailure { code, message }) => {
                StepEnd::Failed(BuildFailure { code, message: masker(&self.hidden).mask(&message) })
            }
            other => other,
        }
    }

    /// Hides more than at the beginning from the log.
    pub(crate) async fn hide(&mut self, more: Vec<SecretString>) -> Result<(), Error> {
        if !more.is_empty() {
            self.hidden.extend(more);
            self.log.release().await.map_err(|why| Error::Internal(why.to_string()))?;
            self.log = open_log(&self.engine, self.row.id, &self.hidden).await?;
        }
        Ok(())
    }

    /// Hides what is not hidden yet.
    async fn hide_anew(&mut self, mut secrets: Vec<SecretString>) -> Result<(), Error> {
        let is_hidden =
            |secret: &SecretString| self.hidden.iter().any(|hidden| hidden.expose_secret() == secret.expose_secret());
        secrets.retain(|secret| !is_hidden(secret));
        self.hide(secrets).await
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
        let steps = self.flow.steps.clone();
        let mut done = vec![false; steps.len()];
        let mut goes_on = None;
        if self.taken_up {
            TakenUp { done, goes_on } = self.take_up(&steps).await?;
        }
        for (index, step) in steps.iter().enumerate().filter(|&(index, step)| step.enabled() && !done[index]) {
            if self.cancel.is_cancelled() {
                return Err(StepEnd::Cancelled);
            }
            let goes_on = goes_on.filter(|goes_on| goes_on.index == index);
            self.step(index, step, goes_on).await?;
        }
        Ok(())
    }

    /// Runs a step, or goes on with it, and writes how it ended.
    async fn step(&mut self, index: usize, step: &Step, goes_on: Option<GoesOn>) -> Result<(), StepEnd> {
        let mut before = self.log.flush().await?;
        let mut spent = Duration::ZERO;
        match goes_on {
            Some(goes_on) => {
                spent = goes_on.spent;
                before = goes_on.first_line.map_or(before, |first| first - 1);
            }
            None => self.recorder().step_started(index, before + 1).await?,
        }
        let begun = Instant::now();
        let ended = self.attempt(index, step, spent).await.map_err(|end| self.masked(end));
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
        let duration_ms = u64::try_from((spent + begun.elapsed()).as_millis()).unwrap_or(u64::MAX);
        self.recorder().step_ended(index, status, duration_ms, lines, failure.as_ref()).await?;
        ended
    }

    /// Runs a step within its time; an engine that does not answer is tried again for ten minutes.
    async fn attempt(&mut self, index: usize, step: &Step, spent: Duration) -> Result<(), StepEnd> {
        let limit = Duration::from_millis(step.time_limit_ms());
        let deadline = tokio::time::Instant::now() + limit.saturating_sub(spent);
        let mut patience = Patience::new();
        let mut lost = false;
        loop {
            let disk_full = room::used_up(self.engine.clone(), self.row.engine_id);
            let ended = tokio::select! {
                ended = self.once(index, step) => ended,
                () = tokio::time::sleep_until(deadline) => {
                    let words = format!("the step took longer than {} s", limit.as_secs());
                    Err(StepEnd::failed(BuildCause::Timeout, words))
                }
                words = disk_full => Err(StepEnd::failed(BuildCause::DiskFull, words)),
            };
            let Err(StepEnd::EngineUnreachable(why)) = ended else {
                return if lost { ended.map_err(|end| after_silence(end, step)) } else { ended };
            };
            lost = true;
            self.be_patient(index, &mut patience, why).await?;
        }
    }

    async fn once(&mut self, index: usize, step: &Step) -> Result<(), StepEnd> {
        if let Step::Image(step) = step {
            self.hide_anew(image_step::secrets(self, step)?.into_values().collect()).await?;
        }
        let (lines, receiver) = Lines::channel();
        let writer = self.log.clone();
        let pump = tokio::spawn(pump(writer, step_number(index), receiver));
        let stop = self.engine.stop.clone();
        let mut given = BTreeMap::new();
        let ended = match step {
            Step::Git(step) => tokio::select! {
                ended = git_step::run(self, step, &lines) => ended,
                () = stop.cancelled() => Err(StepEnd::Stopped),
            },
            Step::Image(step) => tokio::select! {
                ended = image_step::run(self, step, &lines) => ended,
                () = stopped_for_good(stop) => Err(StepEnd::Stopped),
            },
            Step::Script(step) => tokio::select! {
                ended = container_step::run(self, index, step.into(), &lines) => ended,
                () = stop.cancelled() => Err(StepEnd::Stopped),
            },
            Step::Container(step) => tokio::select! {
                ended = container_step::run(self, index, step.into(), &lines) => ended,
                () = stop.cancelled() => Err(StepEnd::Stopped),
            },
            Step::Transfer(step) => tokio::select! {
                ended = transfer_step::run(self, step, &lines) => ended,
                () = stop.cancelled() => Err(StepEnd::Stopped),
            },
            Step::Http(step) => tokio::select! {
                ended = http_step::run(self, step, &lines) => ended.map(|outputs| given = outputs),
                () = stop.cancelled() => Err(StepEnd::Stopped),
            },
        };
        drop(lines);
        let pumped = pump.await.map_err(|why| Error::Internal(format!("the log's pump ended: {why}")))?;
        pumped?;
        // The log is opened anew for what it must hide: all lines of the step are written by then.
        if !given.is_empty() {
            self.keep_outputs(index, step.name(), given).await?;
        }
        ended
    }

    /// Whether it makes nothing that lasts.
    pub(super) fn is_try(&self) -> bool {
        is_try(&self.row)
    }

    pub(super) fn recorder(&self) -> Recorder<'_> {
        Recorder { engine: &self.engine, row: &self.row }
    }

    /// Writes the end: first the log's last line, then the state, then the log's end.
    async fn end(mut self, ended: Result<(), StepEnd>) -> Result<(), Error> {
        let cleared = !uses_containers(&self.flow) || self.is_cleared(matches!(ended, Err(StepEnd::Cancelled))).await;
        let ending = match ended {
            Ok(()) => Ending { event: Event::Finished, failure: None, reason: None, made: self.made.take() },
            Err(StepEnd::Cancelled) if cleared => {
                Ending { event: Event::ConfirmedGone, failure: None, reason: None, made: None }
            }
            Err(StepEnd::Cancelled) => {
                let reason = Some(BuildCause::CancelUnconfirmed.as_str().to_owned());
                Ending { event: Event::NotConfirmed, failure: None, reason, made: None }
            }
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

/// A program that failed while its engine was out of reach may have been ended by it.
fn after_silence(end: StepEnd, step: &Step) -> StepEnd {
    match end {
        StepEnd::Failed(BuildFailure { code: BuildCause::StepFailed, message }) if in_container(step) => {
            let words = "the build engine could not be reached meanwhile, and one that restarts ends what it runs";
            StepEnd::failed(BuildCause::StepFailed, format!("{message}; {words}"))
        }
        other => other,
    }
}

/// Whether a run is only tried.
pub(crate) fn is_try(row: &build_run::Model) -> bool {
    row.kind == BuildRunKind::Try.as_str()
}

async fn open_log(engine: &Engine, id: Uuid, hidden: &[SecretString]) -> Result<LogWriter, Error> {
    engine.logs.open_writer(id, masker(hidden)).await.map_err(|why| Error::Internal(why.to_string()))
}

fn masker(hidden: &[SecretString]) -> Masker {
    Masker::new(hidden.iter().map(ExposeSecret::expose_secret))
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
