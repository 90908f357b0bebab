//! Containers as an engine describes them. bollard's models know only the states that Docker has, and refuse an answer
//! of Podman, which has others, such as `stopped`.

use super::{DockerEngine, DockerError};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::collections::HashMap;

/// A container in a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listed {
    pub(super) id: String,
    #[serde(default)]
    pub(super) state: String,
    #[serde(default)]
    pub(super) labels: Option<HashMap<String, String>>,
    /// Seconds since the epoch.
    #[serde(default)]
    pub(super) created: Option<i64>,
}

/// How a container is doing.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct State {
    pub(super) running: bool,
    pub(super) paused: bool,
    pub(super) restarting: bool,
    #[serde(rename = "OOMKilled")]
    pub(super) out_of_memory: bool,
    pub(super) exit_code: Option<i64>,
    pub(super) started_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    #[serde(default)]
    state: State,
}

impl DockerEngine {
    /// All containers that have these labels.
    pub(super) async fn containers(&self, filters: HashMap<String, Vec<String>>) -> Result<Vec<Listed>, DockerError> {
        let filters = serde_json::to_string(&filters).map_err(|why| DockerError::EngineRefused(why.to_string()))?;
        let filters = utf8_percent_encode(&filters, NON_ALPHANUMERIC);
        self.get(&format!("/containers/json?all=true&filters={filters}")).await
    }

    pub(super) async fn state_of(&self, id: &str) -> Result<State, DockerError> {
        Ok(self.get::<Inspected>(&format!("/containers/{id}/json")).await?.state)
    }
}
