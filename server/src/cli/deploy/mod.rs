//! `slipway deploy`: the API's client for CI. It tells what happens line by line, and its exit status is the truth:
//! 0 succeeded, 1 did not, 2 wrong use, 3 not known in time.
//!
//! The start carries an `Idempotency-Key`, so that it is safely repeated when a connection breaks or the server
//! restarts; then the run is asked for until it is settled. Ending this command ends no run.

mod item;
mod progress;

use super::{
    Failure,
    client::{Client, Deadline},
    say,
};
use crate::config::parse_duration;
use clap::{Args, ValueEnum};
use item::ItemSpec;
use progress::Progress;
use std::time::Duration;
use types::{
    Name,
    plan::Plan,
    run::{NewRun, OnFailure, Run, RunStatus},
};
use uuid::Uuid;

/// See `slipway deploy --help`.
#[derive(Args)]
pub struct Deploy {
    /// What to run, as in deployment/web/app=tag:1.27.3; also digest:sha256:…, appointed:41, latest, build, restart
    #[arg(required = true, value_name = "KIND/WORKLOAD/CONTAINER=VERSION")]
    items: Vec<ItemSpec>,
    /// The service map of the tasks
    #[arg(long, value_parser = Name::parse)]
    map: Name,
    /// Where Slipway is
    #[arg(long, env = "SLIPWAY_URL")]
    url: String,
    /// What items with the version `build` are built from: a branch, a tag or a commit
    #[arg(long, value_name = "REF")]
    build: Option<String>,
    /// Wait until the run is settled
    #[arg(long)]
    wait: bool,
    /// For how long to wait, and to try while the server does not answer
    #[arg(long, default_value = "15m", value_parser = parse_duration)]
    timeout: Duration,
    /// Wait, and fail unless the run does this
    #[arg(long)]
    expect: Option<Expected>,
    /// What happens to the other items when one fails
    #[arg(long, default_value = "stop")]
    on_failure: Policy,
    /// What the run is for, as it is listed
    #[arg(long)]
    note: Option<String>,
    /// The same key starts the same run only once [default: a new one for each call]
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Only say what would happen
    #[arg(long, conflicts_with_all = ["wait", "expect"])]
    plan: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Expected {
    Succeeded,
}

#[derive(Clone, Copy, ValueEnum)]
enum Policy {
    Stop,
    Continue,
    Undo,
}

impl From<Policy> for OnFailure {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Stop => OnFailure::Stop,
            Policy::Continue => OnFailure::Continue,
            Policy::Undo => OnFailure::Undo,
        }
    }
}

impl Deploy {
    pub async fn run(self) -> Result<(), Failure> {
        let Self { items, map, url, build, wait, timeout, expect, on_failure, note, idempotency_key, plan } = self;
        let client = Client::of_environment(&url)?;
        let items = items.into_iter().map(|item| item.with_reference(build.as_deref())).collect();
        let new = NewRun { items: Some(items), on_failure: on_failure.into(), note, ..NewRun::default() };
        let deadline = Deadline::after(timeout);
        if plan {
            return tell_plan(&client.plan(&map, &new, deadline).await?);
        }
        let key = idempotency_key.unwrap_or_else(|| Uuid::new_v4().to_string());
        let run = client.start(&map, &new, &key, deadline).await?;
        say(&format!("run {}: {}", run.id, run.url))?;
        let mut progress = Progress::default();
        progress.lines(&run).iter().try_for_each(|line| say(line))?;
        if !wait && expect.is_none() {
            return Ok(());
        }
        let run = follow(&client, run, &mut progress, deadline).await?;
        tell_end(&run)
    }
}

/// Asks until the run is settled, and tells each change once.
async fn follow(client: &Client, mut run: Run, progress: &mut Progress, deadline: Deadline) -> Result<Run, Failure> {
    while !run.status.is_settled() {
        if deadline.is_over() {
            let words = format!("The run is not settled in time; it goes on: {}", run.url);
            return Err(Failure::NotInTime(words));
        }
        run = client.read(run.id, deadline).await?;
        progress.lines(&run).iter().try_for_each(|line| say(line))?;
    }
    Ok(run)
}

fn tell_plan(plan: &Plan) -> Result<(), Failure> {
    progress::plan_lines(plan).iter().try_for_each(|line| say(line))?;
    let blocked = plan.items.iter().filter(|item| !item.runnable && !progress::already_runs(item)).count();
    match blocked {
        0 => Ok(()),
        blocked => Err(Failure::Failed(format!("{blocked} of {} items cannot run", plan.items.len()))),
    }
}

fn tell_end(run: &Run) -> Result<(), Failure> {
    let took = run.ended_at.map(|ended| ended.since_ms(run.created_at)).unwrap_or_default();
    let took = Duration::from_millis(took);
    match run.status {
        RunStatus::Succeeded => say(&format!("succeeded in {took:.1?}")),
        RunStatus::Failed
        | RunStatus::Canceled
        | RunStatus::Undone
        | RunStatus::Queued
        | RunStatus::Running
        | RunStatus::Canceling
        | RunStatus::Undoing => Err(Failure::Failed(format!("The run {}: {}", run.status.as_str(), run.url))),
    }
}
