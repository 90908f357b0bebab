//! The commands. What they print for programs goes to standard output, the rest to standard error.

mod check;
mod client;
mod deploy;
mod export;
mod host;
mod import;
mod migrate;
mod serve;
mod token;
mod user;

pub use check::Check;
pub use deploy::Deploy;
pub use export::Export;
pub use import::Import;
pub use migrate::Migrate;
pub use serve::Serve;
pub use token::Token;
pub use user::User;

use crate::config::SettingError;
use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Why a command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Exit status 2.
    #[error("{0}")]
    WrongUse(String),
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Exit status 1.
    #[error("{0}")]
    Failed(String),
    /// It is not known in time whether it succeeds. Exit status 3.
    #[error("{0}")]
    NotInTime(String),
    #[error(transparent)]
    Engine(#[from] engine::Error),
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl Failure {
    /// One line that says why, and the exit status.
    pub fn report(&self) -> ExitCode {
        let line = format!("slipway: {self}\n");
        if io::stderr().write_all(line.as_bytes()).is_err() {
            return ExitCode::FAILURE;
        }
        match self {
            Failure::WrongUse(_) | Failure::Setting(_) => ExitCode::from(2),
            Failure::Failed(_) | Failure::Engine(_) | Failure::Io(_) => ExitCode::FAILURE,
            Failure::NotInTime(_) => ExitCode::from(3),
        }
    }
}

/// Workers of the runtime, at least: one that is busy must not keep the rest waiting.
const WORKERS_MIN: usize = 2;

/// A page is rendered by calls within calls, and without optimisation each of them is large. What a thread does not
/// use of it costs nothing.
const STACK_BYTES: usize = 8 << 20;

/// Runs a command to its end.
pub fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    // A second installation is the first one, and as good.
    rustls::crypto::ring::default_provider().install_default().ok();
    let workers = std::thread::available_parallelism().map_or(WORKERS_MIN, |it| it.get().max(WORKERS_MIN));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build()?;
    runtime.block_on(command)
}

/// Prints to standard output. A reader that went away, as `head` does, is not a failure.
pub fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(why) if why.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

/// `slipway version`
pub fn version() -> Result<(), Failure> {
    let types::user::ProductVersion { version, commit } = crate::product_version();
    match commit {
        Some(commit) => say(&format!("slipway {version} ({commit})")),
        None => say(&format!("slipway {version}")),
    }
}
