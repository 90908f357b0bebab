//! Frames of the WebSockets: each a JSON object with one key (and `seq` on those of a map).

use crate::{
    Time,
    build_run::{BuildRun, StepRun},
    log::LogLine,
    run::Run,
    task::{ClusterState, Task, Workload},
};
use serde::{Deserialize, Serialize};

/// The state of steps and run that goes with a log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogStatus {
    /// Word of state of the build run or item.
    pub status: String,
    pub steps: Vec<StepRun>,
}

/// The last frame of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogEnd {
    pub status: String,
    /// Number of the last line.
    pub last: u64,
}

/// Lines were left out: the reader fetches those after this number itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lagged {
    pub after: u64,
}

/// A frame of `…/log/ws`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LogFrame {
    Lines(Vec<LogLine>),
    Status(LogStatus),
    Lagged(Lagged),
    End(LogEnd),
    Ping(Time),
}

/// A workload that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Removed {
    /// `kind/workload`
    pub workload: String,
}

/// What changed in a map; each object whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MapChange {
    Task(Box<Task>),
    Workload(Box<Workload>),
    Run(Box<Run>),
    BuildRun(Box<BuildRun>),
    Cluster(ClusterState),
    Removed(Removed),
    /// The cursor is unknown or too old: read the page again.
    Resync(bool),
    Ping(Time),
}

/// A frame of `/maps/{map}/events`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MapFrame {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<String>,
    #[serde(flatten)]
    pub change: MapChange,
}
