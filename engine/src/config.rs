//! What the engine is told at its start; the edge of the process reads the settings.

use std::{path::PathBuf, time::Duration};

/// The engine's settings, read once at the edge of the process.
#[derive(Clone, Debug)]
pub struct Config {
    /// How the outside reaches Slipway, without a slash at its end.
    pub url: String,
    /// Folder of the SQLite database, the key and private work folders.
    pub data_dir: PathBuf,
    /// `postgres://…`; none: SQLite in the data folder.
    pub database_url: Option<String>,
    /// None: `secret.key` in the data folder.
    pub secret_key_file: Option<PathBuf>,
    /// Folder under which `file` URLs of git are allowed; none: they are refused.
    pub git_file_root: Option<PathBuf>,
    /// CIDRs and host names that builds may reach although they are refused otherwise.
    pub egress_allow: Vec<String>,
    /// CIDRs and host names that builds may not reach.
    pub egress_deny: Vec<String>,
    /// Builds at once on each engine.
    pub parallel_builds: u32,
    /// How long a rollout may take, where nothing nearer says.
    pub rollout_deadline: Duration,
    /// Raw bytes after which a log is cut off with a clear last line.
    pub log_max_bytes: u64,
    /// Free bytes below which no build starts.
    pub disk_reserve_bytes: u64,
    /// A session ends when it was not used this long.
    pub session_idle: Duration,
    /// A session ends this long after it began.
    pub session_max: Duration,
}

impl Config {
    /// Embedded defaults on a data folder.
    pub fn embedded(data_dir: impl Into<PathBuf>, url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            data_dir: data_dir.into(),
            database_url: None,
            secret_key_file: None,
            git_file_root: None,
            egress_allow: Vec::new(),
            egress_deny: Vec::new(),
            parallel_builds: 2,
            rollout_deadline: Duration::from_secs(600),
            log_max_bytes: 1 << 30,
            disk_reserve_bytes: 1 << 30,
            session_idle: Duration::from_secs(12 * 3600),
            session_max: Duration::from_secs(7 * 86_400),
        }
    }

    /// The database's address.
    pub(crate) fn database_url(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| format!("sqlite://{}", self.data_dir.join("slipway.db").display()))
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.secret_key_file.clone().unwrap_or_else(|| self.data_dir.join("secret.key"))
    }
}
