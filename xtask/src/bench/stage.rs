//! What most rows are measured on: the playground with the shop, and Slipway on a copy of its
//! database. So the runs and builds of the benchmark do not stand in anybody's history, and what
//! it measures knows a shop that has been used.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::json;

use super::crowd::Crowd;
use super::ground::Ground;
use super::{Bench, interrupt, namespace};
use crate::client::Client;
use crate::playground::process::Process;
use crate::playground::{self, Playground};
use crate::serving::Server;
use crate::{command, slipway};

/// Everything that the benchmark pushes is below this part of the registry.
pub(super) const REPOSITORIES: &str = "bench";

/// A cluster on the loopback is reached within a second; two busy cores take longer.
const PATIENCE_WITH_CLUSTER: Duration = Duration::from_secs(60);

pub(super) struct Stage {
    pub(super) bench: Bench,
    pub(super) playground: Playground,
    pub(super) client: Client,
    server: Option<Server>,
    ground: Option<Ground>,
    crowd: Option<Crowd>,
}

impl Stage {
    pub(super) fn open(bench: Bench) -> Result<Self> {
        let playground = playground::up()?;
        fill(bench, &playground)?;
        namespace::remove_leftovers(&playground)?;
        let settings = playground::settings(&playground)?;
        let token = settings.iter().find(|(name, _)| *name == "SLIPWAY_TOKEN").context("the seed has made a token")?;
        let client = Client::new(playground::port(&playground.place)?, &token.1);
        let mut stage = Self { bench, playground, client, server: None, ground: None, crowd: None };
        match stage.set() {
            Ok(()) => Ok(stage),
            Err(why) => stage.close().and(Err(why)),
        }
    }

    fn set(&mut self) -> Result<()> {
        self.copy_database()?;
        self.restart()?;
        let push = json!({"push_repositories": ["shop/*", format!("{REPOSITORIES}/*")]});
        self.client.patch("/registries/local", &push)
    }

    /// A server that has done nothing yet, connected to its cluster.
    pub(super) fn restart(&mut self) -> Result<()> {
        self.end_server()?;
        let settings = self.settings()?;
        let log = File::options().create(true).append(true).open(self.playground.place.log("slipway-bench"))?;
        let command = slipway::command(self.bench.profile, &settings)?;
        let mut server = Server::of(command, &self.playground, Some(log))?;
        let ready = server.ready(&self.playground);
        self.server = Some(server);
        ready?;
        self.connected()
    }

    /// The environment of the server, and of whoever talks to it.
    pub(super) fn settings(&self) -> Result<Vec<(&'static str, String)>> {
        let data = self.data().display().to_string();
        let mut settings = playground::settings(&self.playground)?;
        for (name, value) in &mut settings {
            if *name == "SLIPWAY_DATA_DIR" {
                value.clone_from(&data);
            }
        }
        Ok(settings)
    }

    /// Slipway's program.
    pub(super) fn program(&self) -> Result<PathBuf> {
        self.bench.profile.program()
    }

    fn connected(&self) -> Result<()> {
        let end = Instant::now() + PATIENCE_WITH_CLUSTER;
        loop {
            let cluster = self.client.get("/clusters/local")?.context("the seed has added the cluster")?;
            if cluster["state"] == "reachable" {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < end, "the cluster is {}: {}", cluster["state"], cluster["error"]);
            interrupt::pause(Duration::from_millis(50))?;
        }
    }

    pub(super) fn server(&self) -> Result<Process> {
        self.server.as_ref().map(|server| server.process).context("Slipway does not run")
    }

    /// Without a server, until `restart`.
    pub(super) fn end_server(&mut self) -> Result<()> {
        self.server.take().map_or(Ok(()), Server::end)
    }

    /// The client of this cluster, with words for it.
    pub(super) fn kubectl(&self, words: &[&str]) -> Command {
        let mut kubectl = playground::kubectl(&self.playground);
        kubectl.args(words);
        kubectl
    }

    /// A few workloads of the benchmark's own, made on the first call.
    pub(super) fn ground(&mut self) -> Result<Ground> {
        if self.ground.is_none() {
            self.ground = Some(Ground::make(self)?);
        }
        self.ground.clone().context("it was made just now")
    }

    /// Many workloads, made on the first call.
    pub(super) fn crowd(&mut self) -> Result<Crowd> {
        if self.crowd.is_none() {
            self.crowd = Some(Crowd::make(self)?);
        }
        self.crowd.context("it was made just now")
    }

    /// Takes away whatever was made here.
    pub(super) fn close(mut self) -> Result<()> {
        let ended = self.end_server();
        let removed = namespace::remove_leftovers(&self.playground);
        let data = self.data();
        let deleted = if data.exists() { fs::remove_dir_all(data).map_err(Into::into) } else { Ok(()) };
        ended.and(removed).and(deleted)
    }

    fn data(&self) -> PathBuf {
        self.playground.place.data("bench")
    }

    fn copy_database(&self) -> Result<()> {
        let data = self.data();
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let original = self.playground.place.data("slipway");
        command::output(Command::new("cp").arg("--archive").arg(original).arg(data)).map(drop)
    }
}

/// Slipway's usual database with the shop in it, and nobody writing to it.
fn fill(bench: Bench, playground: &Playground) -> Result<()> {
    playground::ensure_credentials(bench.profile, playground)?;
    let log = File::create(playground.place.log("slipway"))?;
    let mut server = Server::start(bench.profile, playground, Some(log))?;
    let filled = server.ready(playground).and_then(|()| playground::seed(bench.profile));
    let ended = server.end();
    filled.and(ended)
}
