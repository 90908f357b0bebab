//! Windows of logs.

use super::*;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use types::{Name, log};
use uuid::Uuid;

/// Which log is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LogOf {
    BuildRun { build: Name, number: u32 },
    Item { run: Uuid, n: u32 },
}

impl LogOf {
    /// Address of the log, below which REST has its text and its stream.
    pub(crate) fn rest_path(&self) -> String {
        match self {
            LogOf::BuildRun { build, number } => format!("/api/v1/builds/{build}/runs/{number}/log"),
            LogOf::Item { run, n } => format!("/api/v1/runs/{run}/items/{n}/log"),
        }
    }
}

#[server(prefix = "/api/ui", endpoint = "log_window", protocol = Ask)]
pub(crate) async fn log_window(log: LogOf, from: i64, limit: u32) -> Answer<log::LogWindow> {
    answer(engine()?.log_window(&principal()?, &log.into(), from, limit).await)
}
