//! Transfers with the servers of Debian, and with servers as they should not be.

mod hostile;
mod local;
mod real;
mod servers;
mod words;

use super::{
    Direction, PlainTransfer, Protocol, TransferCredentials, TransferError, TransferLimits, Transferred, transfer,
};
use crate::{egress::Egress, line::Lines};
use secrecy::SecretString;
use std::{fs, path::Path, time::Duration};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Far more than any of these takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A local folder, and what was said.
struct Bench {
    root: TempDir,
    limits: TransferLimits,
    cancel: CancellationToken,
    allow: &'static [&'static str],
}

impl Bench {
    fn new() -> Self {
        let limits = TransferLimits { time: PATIENCE, idle: Duration::from_secs(20), ..TransferLimits::default() };
        let root = TempDir::new().expect("a folder");
        Self { root, limits, cancel: CancellationToken::new(), allow: &["127.0.0.0/8"] }
    }

    fn path(&self) -> &Path {
        self.root.path()
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("a file")
    }

    /// Names in a folder, in order.
    fn names(&self, path: &str) -> Vec<String> {
        names(&self.path().join(path))
    }

    /// What came of it, and what was said.
    async fn run_and_hear(&self, plain: PlainTransfer) -> (Result<Transferred, TransferError>, Vec<String>) {
        let wanted = plain.parse().unwrap_or_else(|fields| panic!("{fields:?}"));
        let egress = Egress::parse(self.allow, &[]).expect("a policy");
        let (lines, mut said) = Lines::channel();
        let moving = transfer(&wanted, self.path(), &egress, self.limits, &lines, &self.cancel);
        let outcome = tokio::time::timeout(PATIENCE, moving).await.expect("it ended in time");
        drop(lines);
        let mut heard = Vec::new();
        while let Some(line) = said.recv().await {
            heard.push(String::from_utf8_lossy(&line.text).into_owned());
        }
        (outcome, heard)
    }

    async fn run(&self, plain: PlainTransfer) -> Result<Transferred, TransferError> {
        self.run_and_hear(plain).await.0
    }

    async fn done(&self, plain: PlainTransfer) -> Transferred {
        self.run(plain).await.unwrap_or_else(|error| panic!("{error}"))
    }

    async fn error(&self, plain: PlainTransfer) -> TransferError {
        self.run(plain).await.expect_err("it failed")
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name().into_string().expect("text");
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort_unstable();
    names
}

/// A fetch of `rates/*.csv` into `data`, to be changed as needed.
fn fetch(protocol: Protocol, port: u16) -> PlainTransfer {
    let password = SecretString::from(servers::PASSWORD);
    PlainTransfer {
        protocol,
        host: "localhost".to_owned(),
        port: Some(port),
        host_key: None,
        direction: Direction::Fetch,
        remote_path: "rates/*.csv".to_owned(),
        local_path: "data".to_owned(),
        insecure: protocol == Protocol::Ftp,
        credentials: Some(TransferCredentials { username: servers::USER.to_owned(), password }),
        ca: None,
    }
}
