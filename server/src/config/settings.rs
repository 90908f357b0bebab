//! The values in force, parsed into plain structs.

use super::{PublicUrl, SETTINGS, SettingError, Values, parse_duration, parse_size};
use ipnet::IpNet;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// How the server's own log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// All settings; their meaning and defaults stand in `SETTINGS`.
#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    /// `None`: `http://` and the address that was bound.
    pub url: Option<PublicUrl>,
    pub data_dir: PathBuf,
    pub database_url: Option<String>,
    pub secret_key_file: Option<PathBuf>,
    pub log: String,
    pub log_format: LogFormat,
    pub trusted_proxies: Vec<IpNet>,
    pub metrics_listen: Option<SocketAddr>,
    pub session_idle: Duration,
    pub session_max: Duration,
    pub egress_allow: Vec<String>,
    pub egress_deny: Vec<String>,
    pub git_file_root: Option<PathBuf>,
    pub parallel_builds: u32,
    pub rollout_deadline: Duration,
    pub log_retention: Duration,
    pub log_max_bytes: u64,
    pub disk_reserve_bytes: u64,
}

/// Most builds at once on an engine: beyond it an engine's disk and memory, not Slipway, are the limit.
const PARALLEL_BUILDS_MAX: u32 = 64;

impl Settings {
    /// Parses all values; the first wrong one is the error.
    pub fn read(values: &Values) -> Result<Self, SettingError> {
        let source = Source(values);
        let (session_idle, session_max) = source.required("session_ttl", session_ttl)?;
        Ok(Self {
            listen: source.required("listen", socket_address)?,
            url: source.optional("url", PublicUrl::parse)?,
            data_dir: match source.optional("data_dir", folder)? {
                Some(path) => path,
                None => default_data_dir()?,
            },
            database_url: source.optional("database_url", database_url)?,
            secret_key_file: source.optional("secret_key_file", folder)?,
            log: source.required("log", log_filter)?,
            log_format: source.required("log_format", log_format)?,
            trusted_proxies: source.list("trusted_proxies", network)?,
            metrics_listen: source.optional("metrics_listen", socket_address)?,
            session_idle,
            session_max,
            egress_allow: source.list("egress_allow", egress_rule)?,
            egress_deny: source.list("egress_deny", egress_rule)?,
            git_file_root: source.optional("git_file_root", absolute_folder)?,
            parallel_builds: source.required("parallel_builds", parallel_builds)?,
            rollout_deadline: source.required("rollout_deadline", long_enough)?,
            log_retention: source.required("log_retention", long_enough)?,
            log_max_bytes: source.required("log_max_bytes", parse_size)?,
            disk_reserve_bytes: source.required("disk_reserve", parse_size)?,
        })
    }

    /// What the engine receives; `url` is how the outside reaches Slipway.
    pub fn for_engine(&self, url: &PublicUrl) -> engine::Config {
        engine::Config {
            url: url.to_string(),
            data_dir: self.data_dir.clone(),
            database_url: self.database_url.clone(),
            secret_key_file: self.secret_key_file.clone(),
            git_file_root: self.git_file_root.clone(),
            egress_allow: self.egress_allow.clone(),
            egress_deny: self.egress_deny.clone(),
            parallel_builds: self.parallel_builds,
            rollout_deadline: self.rollout_deadline,
            log_max_bytes: self.log_max_bytes,
            disk_reserve_bytes: self.disk_reserve_bytes,
            session_idle: self.session_idle,
            session_max: self.session_max,
        }
    }

    /// `SLIPWAY_URL`, else `http://` and the address that was bound.
    pub fn public_url(&self, bound: SocketAddr) -> Result<PublicUrl, SettingError> {
        match &self.url {
            Some(url) => Ok(url.clone()),
            None => PublicUrl::parse(&format!("http://{bound}")).map_err(|why| SettingError::new("SLIPWAY_URL", why)),
        }
    }
}

/// Values, with errors that name the setting.
struct Source<'a>(&'a Values);

impl Source<'_> {
    fn optional<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, SettingError> {
        let Some(value) = self.0.get(key) else { return Ok(None) };
        let setting = SETTINGS.iter().find(|it| it.key == key);
        let name = setting.map_or_else(|| key.to_owned(), super::Setting::variable);
        let shown = if setting.is_some_and(|it| it.secret) { "***" } else { value.text.as_str() };
        let told = |why: String| SettingError::new(name.clone(), format!("{why}; it is {shown:?} ({})", value.origin));
        parse(&value.text).map(Some).map_err(told)
    }

    fn required<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, SettingError> {
        self.optional(key, parse)?.ok_or_else(|| SettingError::new(key, "is not set"))
    }

    fn list<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, SettingError> {
        let parts = |text: &str| text.split(',').map(str::trim).filter(|it| !it.is_empty()).map(&parse).collect();
        Ok(self.optional(key, parts)?.unwrap_or_default())
    }
}

fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "must be an address and a port such as 127.0.0.1:8420".to_owned())
}

fn folder(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("must be a path".to_owned()) } else { Ok(PathBuf::from(text)) }
}

fn absolute_folder(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_absolute() { Ok(path) } else { Err("must be a path that begins with /".to_owned()) }
}

fn database_url(text: &str) -> Result<String, String> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(text.to_owned());
    }
    Err("must begin with postgres://".to_owned())
}

fn log_filter(text: &str) -> Result<String, String> {
    match tracing_subscriber::EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("must be a level such as info, or a list such as engine=debug,info".to_owned()),
    }
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("must be text or json".to_owned()),
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let one = |text: &str| text.parse().ok().map(|address: std::net::IpAddr| IpNet::from(address));
    text.parse().ok().or_else(|| one(text)).ok_or_else(|| "must be CIDRs such as 10.0.0.0/8, by comma".to_owned())
}

fn egress_rule(text: &str) -> Result<String, String> {
    let host = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'*' | b':');
    if network(text).is_ok() || (!text.contains('/') && text.bytes().all(host)) {
        return Ok(text.to_owned());
    }
    Err("must be CIDRs and host names, by comma".to_owned())
}

fn parallel_builds(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(count @ 1..=PARALLEL_BUILDS_MAX) => Ok(count),
        _ => Err(format!("must be a number from 1 to {PARALLEL_BUILDS_MAX}")),
    }
}

fn long_enough(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        duration if duration < Duration::from_secs(1) => Err("must be at least 1s".to_owned()),
        duration => Ok(duration),
    }
}

/// `IDLE` or `IDLE/MAX`.
fn session_ttl(text: &str) -> Result<(Duration, Duration), String> {
    let (idle, max) = match text.split_once('/') {
        Some((idle, max)) => (long_enough(idle)?, long_enough(max)?),
        None => (long_enough(text)?, long_enough(text)?.max(Duration::from_secs(7 * 86_400))),
    };
    if idle > max { Err("must not be longer idle than at most".to_owned()) } else { Ok((idle, max)) }
}

fn default_data_dir() -> Result<PathBuf, SettingError> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    folder("XDG_DATA_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".local/share")))
        .map(|data| data.join("slipway"))
        .ok_or_else(|| SettingError::new("SLIPWAY_DATA_DIR", "is not set, and there is no home folder to default to"))
}
