//! The table of all settings: names, defaults and what they are for.

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use std::collections::BTreeMap;

/// A setting: `data_dir` in the file, `SLIPWAY_DATA_DIR` in the environment, `--data-dir` as a flag.
#[derive(Debug)]
pub struct Setting {
    pub key: &'static str,
    /// `None`: nothing, or what `Settings::read` derives.
    pub default: Option<&'static str>,
    /// Shown as `***`, and also taken from a file that `…_FILE` names.
    pub secret: bool,
    pub help: &'static str,
}

impl Setting {
    /// The name in the environment, with which errors name it.
    pub fn variable(&self) -> String {
        format!("SLIPWAY_{}", self.key.to_ascii_uppercase())
    }

    fn flag(&self) -> String {
        self.key.replace('_', "-")
    }
}

const fn plain(key: &'static str, default: Option<&'static str>, help: &'static str) -> Setting {
    Setting { key, default, secret: false, help }
}

/// All settings, in the order in which they are shown.
pub const SETTINGS: [Setting; 19] = [
    plain("config", None, "TOML file with settings"),
    plain("listen", Some("127.0.0.1:8420"), "Address of the page and the API"),
    plain(
        "url",
        None,
        "How the outside reaches Slipway; a path prefix works [default: http:// and the listen address]",
    ),
    plain("data_dir", None, "Folder of the database and the key [default: $XDG_DATA_HOME/slipway]"),
    Setting {
        key: "database_url",
        default: None,
        secret: true,
        help: "postgres://… [default: SQLite in the data folder]",
    },
    plain("secret_key_file", None, "Key for secrets at rest [default: made in the data folder at the first start]"),
    plain("log", Some("info"), "What is logged, as in info or engine=debug,info"),
    plain("log_format", Some("text"), "text or json"),
    plain("trusted_proxies", None, "CIDRs, by comma, whose X-Forwarded-For and X-Forwarded-Proto count"),
    plain("metrics_listen", None, "An address of their own for the metrics, without sign-in"),
    plain("session_ttl", Some("12h/7d"), "How long a session lasts: idle, and at most"),
    plain(
        "egress_allow",
        None,
        "CIDRs and host names, by comma, that builds may reach although they are refused by rule",
    ),
    plain("egress_deny", None, "CIDRs and host names, by comma, that builds may not reach"),
    plain("git_file_root", None, "Folder under which file:// repositories are allowed [default: none are]"),
    plain("parallel_builds", Some("2"), "Builds at once on each engine"),
    plain("rollout_deadline", Some("10m"), "How long a rollout may go on without advancing"),
    plain("log_retention", Some("90d"), "How long logs are kept"),
    plain("log_max_bytes", Some("1GiB"), "Most bytes of one log"),
    plain("disk_reserve", Some("1GiB"), "No build starts while the disk has less space than this"),
];

/// Every setting as a flag.
#[derive(Clone, Debug, Default)]
pub struct SettingFlags(pub BTreeMap<&'static str, String>);

impl Args for SettingFlags {
    fn augment_args(command: Command) -> Command {
        SETTINGS.iter().fold(command, |command, setting| {
            command.arg(
                Arg::new(setting.key)
                    .long(setting.flag())
                    .value_name("VALUE")
                    .help(help(setting))
                    .help_heading("Settings (also from the environment and the file)"),
            )
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |setting: &Setting| Some((setting.key, matches.get_one::<String>(setting.key)?.clone()));
        Ok(Self(SETTINGS.iter().filter_map(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn help(setting: &Setting) -> String {
    let default = setting.default.map(|it| format!(" [default: {it}]")).unwrap_or_default();
    format!("{}{default} [env: {}]", setting.help, setting.variable())
}
