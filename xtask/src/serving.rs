//! Slipway as a process on the playground, from its start to its end.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::playground::process::Process;
use crate::playground::{self, Playground};
use crate::slipway::{self, Profile};

/// An empty database takes a fraction of a second, a large one some more.
const PATIENCE_WITH_START: Duration = Duration::from_secs(60);
/// By itself it ends within 30 s.
const PATIENCE_WITH_END: Duration = Duration::from_secs(35);

pub(crate) struct Server {
    child: Child,
    pub(crate) process: Process,
}

impl Server {
    /// With its output in a file, or here.
    pub(crate) fn start(profile: Profile, playground: &Playground, log: Option<File>) -> Result<Self> {
        Self::of(slipway::command(profile, &playground::settings(playground)?)?, playground, log)
    }

    /// The same with settings of one's own.
    pub(crate) fn of(mut command: Command, playground: &Playground, log: Option<File>) -> Result<Self> {
        // In a group of its own, so that Ctrl-C reaches it once and through us.
        command.arg("serve").process_group(0);
        if let Some(log) = log {
            command.stdout(log.try_clone()?).stderr(log);
        }
        let child = command.spawn().context("cannot start Slipway")?;
        let process = Process::of_child(&child)?;
        playground::record_slipway(playground, process)?;
        Ok(Self { child, process })
    }

    pub(crate) fn ready(&mut self, playground: &Playground) -> Result<()> {
        let end = Instant::now() + PATIENCE_WITH_START;
        while !playground::slipway_answers(playground)? {
            if let Some(status) = self.child.try_wait()? {
                bail!("Slipway ended with {status} before it was ready");
            }
            if Instant::now() > end {
                bail!("Slipway is not ready after {} s", PATIENCE_WITH_START.as_secs());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    pub(crate) fn ended(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    pub(crate) fn end(mut self) -> Result<()> {
        self.process.end(PATIENCE_WITH_END)?;
        self.child.wait()?;
        Ok(())
    }
}
