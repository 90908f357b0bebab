//! Running git: with an environment of its own, and to the end of all that it started.

use super::{GitError, GitSettings, address::Access, stderr::meaning};
use crate::{line::Lines, partial::Partial};
use rustix::process::{Pid, Signal, kill_process_group};
use std::{collections::VecDeque, ffi::OsStr, path::Path, process::Stdio};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
};
use types::log::LogStream;

/// Most bytes that git may print: a list of a million branches and tags.
const MOST_OUTPUT: u64 = 64 << 20;

/// Last lines that are kept to tell what went wrong.
const KEPT_LINES: usize = 20;

/// Settings that hold for every command. No hooks, no helpers, no other protocols, no redirects: a
/// redirect could lead to where the egress policy does not.
const CONFIG: &[&str] = &[
    "protocol.ext.allow=never",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.askPass=",
    "credential.helper=",
    "http.followRedirects=false",
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=60",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "advice.detachedHead=false",
    "init.defaultBranch=main",
    "log.showSignature=false",
];

/// Git at work for one repository.
pub(super) struct Session<'a> {
    pub(super) settings: &'a GitSettings,
    pub(super) access: &'a Access,
    pub(super) lines: Option<&'a Lines>,
}

/// All that a command has started; it ends when this is dropped.
struct Group(Option<Pid>);

impl Session<'_> {
    /// Runs git in a folder and gives what it printed.
    pub(super) async fn git<S: AsRef<OsStr>>(&self, dir: &Path, args: &[S]) -> Result<String, GitError> {
        let mut child = self.command(dir, args).spawn().map_err(|error| GitError::local(&error))?;
        let group = Group::of(&child);
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (output, said) = tokio::try_join!(read(stdout), self.follow(stderr))?;
        let status = child.wait().await.map_err(|error| GitError::local(&error))?;
        group.ended();
        if !status.success() {
            return Err(meaning(&said));
        }
        Ok(output)
    }

    /// The same session without a log, for what may fail.
    pub(super) fn quiet(&self) -> Self {
        Self { settings: self.settings, access: self.access, lines: None }
    }

    fn command<S: AsRef<OsStr>>(&self, dir: &Path, args: &[S]) -> Command {
        let mut command = Command::new(&self.settings.program);
        let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
        command
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.access.home.path())
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ALLOW_PROTOCOL", self.access.protocol)
            .env("GIT_LFS_SKIP_SMUDGE", "1")
            .envs(self.access.environment.iter().map(|(name, value)| (name, value)));
        for setting in CONFIG.iter().copied().chain(self.access.config.iter().map(String::as_str)) {
            command.args(["-c", setting]);
        }
        command
            .args(args)
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        command
    }

    /// Hands lines over as they are printed and keeps the last.
    async fn follow(&self, stream: Option<impl AsyncRead + Unpin>) -> Result<Vec<String>, GitError> {
        let (mut partial, mut last) = (Partial::default(), VecDeque::new());
        let Some(mut stream) = stream else { return Ok(Vec::new()) };
        let mut buffer = [0; 8192];
        loop {
            let count = stream.read(&mut buffer).await.map_err(|error| GitError::local(&error))?;
            let lines = partial.push(&buffer[..count]);
            let rest = if count == 0 { partial.finish() } else { None };
            for line in lines.into_iter().chain(rest) {
                if last.len() == KEPT_LINES {
                    last.pop_front();
                }
                last.push_back(String::from_utf8_lossy(&line).trim_end().to_owned());
                if let Some(log) = self.lines {
                    log.send_now(LogStream::Stderr, line).await?;
                }
            }
            if count == 0 {
                return Ok(last.into());
            }
        }
    }
}

async fn read(stream: Option<impl AsyncRead + Unpin>) -> Result<String, GitError> {
    let Some(stream) = stream else { return Ok(String::new()) };
    let mut output = Vec::new();
    stream.take(MOST_OUTPUT + 1).read_to_end(&mut output).await.map_err(|error| GitError::local(&error))?;
    if output.len() as u64 > MOST_OUTPUT {
        return Err(GitError::Failed(format!("it printed more than {MOST_OUTPUT} bytes")));
    }
    Ok(String::from_utf8_lossy(&output).into_owned())
}

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    /// The command has ended by itself: its number may soon be another's.
    fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let Some(group) = self.0 else { return };
        if let Err(error) = kill_process_group(group, Signal::KILL) {
            tracing::debug!(%error, "git had already ended");
        }
    }
}
