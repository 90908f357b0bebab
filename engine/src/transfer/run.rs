//! A transfer from its beginning to its end.

use super::{
    HostKey, Transfer, TransferError,
    budget::Budget,
    local::LocalFolder,
    path::{FilePath, join},
    request::Way,
    session::Session,
};
use crate::{egress::Egress, line::Lines};
use std::{
    path::Path,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use types::log::LogStream;

/// How much a transfer may take.
#[derive(Clone, Copy, Debug)]
pub struct TransferLimits {
    pub time: Duration,
    /// The longest silence of a server that is waited for.
    pub idle: Duration,
    /// Of all files together.
    pub bytes: u64,
    pub files: usize,
}

impl Default for TransferLimits {
    /// An hour as every step; what a build context may hold; more files than one step has reason to move.
    fn default() -> Self {
        Self { time: Duration::from_secs(3600), idle: Duration::from_secs(60), bytes: 2 << 30, files: 10_000 }
    }
}

/// A file that was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub name: String,
    pub bytes: u64,
}

/// What was moved.
#[derive(Clone, Debug)]
pub struct Transferred {
    pub files: Vec<Moved>,
    pub bytes: u64,
    pub duration: Duration,
    /// Of SFTP: to be stored where it was the first use.
    pub host_key: Option<HostKey>,
}

/// Moves the files between the server and `root`, which is trusted: paths of the transfer are under it, and no link is
/// followed there. Ends at once on cancel and when it is dropped; files that were fetched till then are whole.
pub async fn transfer(
    transfer: &Transfer,
    root: &Path,
    egress: &Egress,
    limits: TransferLimits,
    lines: &Lines,
    cancel: &CancellationToken,
) -> Result<Transferred, TransferError> {
    let work = Work { transfer, root, egress, limits, lines };
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(TransferError::Cancelled),
        outcome = tokio::time::timeout(limits.time, work.run()) => {
            outcome.unwrap_or(Err(TransferError::TimedOut(limits.time)))
        }
    }
}

struct Work<'a> {
    transfer: &'a Transfer,
    root: &'a Path,
    egress: &'a Egress,
    limits: TransferLimits,
    lines: &'a Lines,
}

impl Work<'_> {
    async fn run(&self) -> Result<Transferred, TransferError> {
        let began = Instant::now();
        let Transfer { protocol, host, port, .. } = self.transfer;
        self.say(format!("Connects to {}://{host}:{port}", protocol.as_str())).await?;
        let (mut session, host_key) = Session::open(self.transfer, self.egress, self.limits.idle).await?;
        if let Some(HostKey { fingerprint, first_use: true, line }) = &host_key {
            self.say(format!("First use of this server, its host key is {fingerprint}: {line}")).await?;
        }
        let mut budget = Budget::new(self.limits);
        let files = match &self.transfer.way {
            Way::Fetch { files, folder } => self.fetch(&mut session, &mut budget, files, folder).await?,
            Way::Send { files, folder } => self.send(&mut session, &mut budget, files, folder).await?,
        };
        session.close().await;
        let (bytes, duration) = (files.iter().map(|file| file.bytes).sum(), began.elapsed());
        self.say(format!("{} files, {bytes} bytes in {} ms", files.len(), duration.as_millis())).await?;
        Ok(Transferred { files, bytes, duration, host_key })
    }

    async fn fetch(
        &self,
        session: &mut Session,
        budget: &mut Budget,
        path: &FilePath,
        folder: &str,
    ) -> Result<Vec<Moved>, TransferError> {
        let local = LocalFolder::open(self.root, folder, true)?;
        session.enter(&path.folder, false).await?;
        let names = some(path, session.files(path, budget.files()).await?)?;
        let mut moved = Vec::with_capacity(names.len());
        for name in names {
            let mut incoming = local.write(&name)?;
            let bytes = session.fetch(&name, &mut incoming.file, budget).await?;
            incoming.finish()?;
            self.say(format!("Fetched {}, {bytes} bytes", join(&path.folder, &name))).await?;
            moved.push(Moved { name, bytes });
        }
        Ok(moved)
    }

    async fn send(
        &self,
        session: &mut Session,
        budget: &mut Budget,
        path: &FilePath,
        folder: &str,
    ) -> Result<Vec<Moved>, TransferError> {
        let local = LocalFolder::open(self.root, &path.folder, false)?;
        let names = some(path, local.files(&path.last, budget.files())?)?;
        session.enter(folder, true).await?;
        let mut moved = Vec::with_capacity(names.len());
        for name in names {
            let mut file = local.read(&name)?;
            let bytes = session.send(&name, &mut file, budget).await?;
            self.say(format!("Sent {}, {bytes} bytes", join(folder, &name))).await?;
            moved.push(Moved { name, bytes });
        }
        Ok(moved)
    }

    async fn say(&self, text: String) -> Result<(), TransferError> {
        Ok(self.lines.send_now(LogStream::System, text).await?)
    }
}

/// A step that moves nothing was meant otherwise.
fn some(path: &FilePath, names: Vec<String>) -> Result<Vec<String>, TransferError> {
    if names.is_empty() { Err(TransferError::NothingMatches(path.shown())) } else { Ok(names) }
}
