//! What an image says of itself.

use super::{RegistryError, manifest::Platform};
use serde::Deserialize;
use std::collections::BTreeMap;
use types::Time;

/// Facts of an image; of an index, size, layers and configuration are those of its first platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageFacts {
    /// Compressed layers plus config.
    pub size_bytes: u64,
    pub layers: usize,
    pub created_at: Option<Time>,
    /// As in `linux/amd64` or `linux/arm/v7`.
    pub platforms: Vec<String>,
    pub labels: BTreeMap<String, String>,
    pub config: ConfigSummary,
}

/// What changes the way a container starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigSummary {
    pub entrypoint: Vec<String>,
    pub cmd: Vec<String>,
    pub user: String,
    /// As in `8080/tcp`, sorted.
    pub ports: Vec<String>,
    /// Names alone, sorted: values may be secret.
    pub env_names: Vec<String>,
    pub architecture: String,
    pub working_dir: String,
}

/// What a config blob holds that is of use here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) created_at: Option<Time>,
    pub(super) platform: Option<String>,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) summary: ConfigSummary,
}

#[derive(Deserialize)]
struct Raw {
    created: Option<String>,
    #[serde(flatten)]
    platform: Platform,
    config: Option<RawConfig>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RawConfig {
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    user: Option<String>,
    working_dir: Option<String>,
    exposed_ports: Option<BTreeMap<String, serde_json::Value>>,
    env: Option<Vec<String>>,
    labels: Option<BTreeMap<String, String>>,
}

impl Config {
    pub(super) fn parse(body: &[u8]) -> Result<Self, RegistryError> {
        let wrong =
            |error: serde_json::Error| RegistryError::Invalid(format!("an image configuration that is none: {error}"));
        let Raw { created, platform, config } = serde_json::from_slice(body).map_err(wrong)?;
        let config = config.unwrap_or_default();
        let name = |variable: &String| variable.split('=').next().unwrap_or_default().to_owned();
        let mut env_names: Vec<String> = config.env.iter().flatten().map(name).collect();
        env_names.sort_unstable();
        Ok(Self {
            created_at: created.as_deref().and_then(Time::parse),
            platform: platform.name(),
            labels: config.labels.unwrap_or_default(),
            summary: ConfigSummary {
                entrypoint: config.entrypoint.unwrap_or_default(),
                cmd: config.cmd.unwrap_or_default(),
                user: config.user.unwrap_or_default(),
                ports: config.exposed_ports.unwrap_or_default().into_keys().collect(),
                env_names,
                architecture: platform.architecture,
                working_dir: config.working_dir.unwrap_or_default(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn reads_what_changes_the_start_and_no_values() {
        let body = r#"{"created":"2026-11-25T02:30:37.1204Z","os":"linux","architecture":"amd64","config":{
            "Entrypoint":["/app"],"Cmd":null,"User":"1000","ExposedPorts":{"8080/tcp":{}},"Env":["PATH=/bin","A=secret"],
            "Labels":{"org.opencontainers.image.revision":"abc"}}}"#;
        let config = Config::parse(body.as_bytes()).expect("a configuration");
        assert_eq!(config.created_at.map(|at| at.to_string()).as_deref(), Some("2026-11-25T02:30:37.120Z"));
        assert_eq!(config.platform.as_deref(), Some("linux/amd64"));
        assert_eq!(config.labels["org.opencontainers.image.revision"], "abc");
        assert_eq!(
            (config.summary.env_names.as_slice(), config.summary.ports.as_slice()),
            (&["A".to_owned(), "PATH".to_owned()][..], &["8080/tcp".to_owned()][..])
        );
        assert!(!format!("{config:?}").contains("secret"));
    }

    #[test]
    fn an_artifact_without_configuration_has_no_facts() {
        assert_eq!(Config::parse(b"{}").expect("a configuration"), Config::default());
        assert!(Config::parse(b"[]").is_err());
    }
}
