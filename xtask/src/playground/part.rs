//! A part of the playground: a daemon with its files and how to see that it works.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::enclosure::Enclosure;
use super::place::{Place, hex};
use super::probe::Probe;
use super::process::Process;
use super::{records, state, wait};
use crate::command;

/// What a part gets of our environment: nothing. The registry would read
/// settings out of it, and others would find the user's own clusters there.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// On two busy cores the slowest part answers within 10 s.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long a part that lives may be silent before it is started anew.
const SILENCE: Duration = Duration::from_secs(5);

pub(crate) struct Part {
    pub(crate) name: &'static str,
    /// Where it can be reached, for people.
    pub(crate) address: String,
    /// On the loopback, that only it uses.
    pub(crate) ports: Vec<u16>,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// Files that it reads, written before it starts.
    pub(crate) files: Vec<(PathBuf, String)>,
    /// What a predecessor that was killed leaves and what would keep it from starting.
    pub(crate) leftovers: Vec<PathBuf>,
    pub(crate) probe: Probe,
}

impl Part {
    pub(crate) fn process(&self, place: &Place) -> Option<Process> {
        records::read(place, self.name).map(|record| record.process).filter(Process::is_alive)
    }

    /// Whether it runs, as it would be started now, and answers.
    pub(crate) fn works(&self, place: &Place) -> bool {
        let record = records::read(place, self.name).filter(|record| record.process.is_alive());
        record.is_some_and(|record| record.fingerprint == self.fingerprint()) && self.probe.answers()
    }

    /// Starts it unless it runs as it should; `ready` then waits for its answer.
    pub(crate) fn start(&self, place: &Place, enclosure: &Enclosure) -> Result<()> {
        let fingerprint = self.fingerprint();
        if let Some(record) = records::read(place, self.name).filter(|record| record.process.is_alive()) {
            let silent = || wait::until(SILENCE, || self.probe.answers()).is_err();
            if record.fingerprint == fingerprint && !silent() {
                return Ok(());
            }
            record.process.end(Duration::from_secs(10))?;
        }
        if let Some(port) = self.ports.iter().find(|port| !state::is_free(**port)) {
            bail!(
                "port {port} of the playground's {} is taken by another program: end that one, or \
                 delete .playground to begin anew with other ports",
                self.name
            );
        }
        for (path, text) in &self.files {
            fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
            fs::write(path, text)?;
        }
        for path in self.leftovers.iter().filter(|path| path.exists()) {
            fs::remove_file(path)?;
        }
        let process = self.spawn(place, enclosure)?;
        records::write(place, self.name, &records::Record { process, fingerprint })
    }

    fn spawn(&self, place: &Place, enclosure: &Enclosure) -> Result<Process> {
        let log = place.log(self.name);
        if log.exists() {
            fs::rename(&log, log.with_extension("log.before"))?;
        }
        let log = File::create(&log)?;
        let mut command = enclosure.command()?;
        command.arg(&self.program).args(&self.arguments);
        command.env_clear().env("PATH", PATH).env("HOME", place.data(""));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let mut child = command.spawn().with_context(|| format!("cannot start {}", self.name))?;
        let process = Process::of_child(&child);
        // Collects it should it end while we live, as the machine does afterwards.
        thread::spawn(move || child.wait());
        process.with_context(|| self.ended_at_once(place))
    }

    pub(crate) fn ready(&self, place: &Place) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while !self.probe.answers() {
            if self.process(place).is_none() {
                bail!("{}", self.ended_at_once(place));
            }
            if Instant::now() > end {
                bail!("{} does not answer; its log is {}", self.name, place.log(self.name).display());
            }
            thread::sleep(wait::INTERVAL);
        }
        Ok(())
    }

    fn ended_at_once(&self, place: &Place) -> String {
        let log = fs::read_to_string(place.log(self.name)).unwrap_or_default();
        format!("{} ended at once; the end of its log:\n{}", self.name, command::last_lines(&log, 8))
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.program.as_os_str().as_encoded_bytes());
        for text in self.arguments.iter().chain(self.files.iter().map(|(_, text)| text)) {
            hash.update([0]);
            hash.update(text);
        }
        hex(&hash.finalize()[..8])
    }
}
