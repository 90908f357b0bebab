//! What an image says of itself.

use super::{RegistryError, manifest::Platform};
use serde::Deserialize;
use std::collections::BTreeMap;
use types::{Time, build_run::ImageLayer};

/// Facts of an image; of an index, size, layers and configuration are those of its first platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageFacts {
    /// Compressed layers plus config.
    pub size_bytes: u64,
    /// From the base up.
    pub layers: Vec<ImageLayer>,
    /// How it was made, from the base up.
    pub history: Vec<Past>,
    pub created_at: Option<Time>,
    /// As in `linux/amd64` or `linux/arm/v7`.
    pub platforms: Vec<String>,
    pub labels: BTreeMap<String, String>,
    pub config: ConfigSummary,
}

/// An entry of an image's history. Its words are not kept: they hold build arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// Whether it stands for an instruction that may make a layer.
    pub instruction: bool,
    /// Whether it has made one.
    pub layer: bool,
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
    pub(super) history: Vec<Past>,
    pub(super) summary: ConfigSummary,
}

#[derive(Deserialize)]
struct Raw {
    created: Option<String>,
    #[serde(flatten)]
    platform: Platform,
    config: Option<RawConfig>,
    history: Option<Vec<RawPast>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawPast {
    created_by: String,
    empty_layer: bool,
}

/// Instructions that may make a layer, as BuildKit writes them down.
const LAYER_INSTRUCTIONS: [&str; 4] = ["RUN ", "COPY ", "ADD ", "WORKDIR "];

impl ImageFacts {
    /// The layers that the newest so many instructions made; none where the history does not fit the layers.
    pub fn newest_layers(&self, instructions: usize) -> Option<&[ImageLayer]> {
        if self.history.iter().filter(|past| past.layer).count() != self.layers.len() {
            return None;
        }
        let (mut layers, mut left) = (0, instructions);
        for past in self.history.iter().rev() {
            if left == 0 {
                break;
            }
            layers += usize::from(past.layer);
            left -= usize::from(past.instruction);
        }
        (left == 0).then(|| &self.layers[self.layers.len() - layers..])
    }
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
        let Raw { created, platform, config, history } = serde_json::from_slice(body).map_err(wrong)?;
        let config = config.unwrap_or_default();
        let name = |variable: &String| variable.split('=').next().unwrap_or_default().to_owned();
        let past = |past: RawPast| Past {
            instruction: LAYER_INSTRUCTIONS.iter().any(|name| past.created_by.starts_with(name)),
            layer: !past.empty_layer,
        };
        let mut env_names: Vec<String> = config.env.iter().flatten().map(name).collect();
        env_names.sort_unstable();
        Ok(Self {
            created_at: created.as_deref().and_then(Time::parse),
            platform: platform.name(),
            labels: config.labels.unwrap_or_default(),
            history: history.into_iter().flatten().map(past).collect(),
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
    use super::{Config, ImageFacts};
    use rstest::rstest;
    use serde_json::json;
    use types::build_run::ImageLayer;

    /// Base with two layers; on it WORKDIR (already there), ENV, COPY and RUN.
    #[rstest]
    #[case(0, Some(0))]
    #[case(1, Some(1))]
    #[case(2, Some(2))]
    #[case::one_that_made_nothing(3, Some(2))]
    #[case::of_the_base_too(5, Some(3))]
    #[case::more_than_there_are(6, None)]
    fn knows_which_layers_are_new(#[case] instructions: usize, #[case] expected: Option<usize>) {
        let body = json!({"os": "linux", "architecture": "amd64", "history": [
            {"created_by": "/bin/sh -c #(nop) ADD file:1 in / "}, {"created_by": "/bin/sh -c #(nop) CMD", "empty_layer": true},
            {"created_by": "RUN /bin/sh -c old # buildkit"}, {"created_by": "COPY old / # buildkit", "empty_layer": true},
            {"created_by": "WORKDIR /srv", "empty_layer": true}, {"created_by": "ENV A=1", "empty_layer": true},
            {"created_by": "COPY . . # buildkit"}, {"created_by": "RUN |1 A=1 /bin/sh -c make # buildkit"}]});
        let digest = super::super::manifest::digest_of(b"").expect("a digest");
        let layers = (1..=4).map(|size_bytes| ImageLayer { digest: digest.clone(), size_bytes }).collect();
        let history = Config::parse(body.to_string().as_bytes()).expect("a configuration").history;
        let mut facts = ImageFacts { layers, history, ..ImageFacts::default() };
        let newest = facts.newest_layers(instructions).map(<[ImageLayer]>::to_vec);
        assert_eq!(newest, expected.map(|count| facts.layers[4 - count..].to_vec()));
        facts.layers.pop();
        assert_eq!(facts.newest_layers(instructions), None, "the history is of another image");
    }

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
