//! Frames of the WebSockets: each a JSON object with one key (and `seq` on those of a map).

use crate::{
    Time,
    build_run::{BuildRun, StepRun},
    log::LogLine,
    run::Run,
    task::{ClusterState, Task, Workload},
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};
use std::fmt;

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

// It is read by hand: the derived way through `flatten` keeps whole frames in between, and costs
// the browser as much code as all the types in it.
/// A frame of `/maps/{map}/events`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MapFrame {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<String>,
    #[serde(flatten)]
    pub change: MapChange,
}

impl<'de> Deserialize<'de> for MapFrame {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MapFrameVisitor)
    }
}

struct MapFrameVisitor;

impl<'de> Visitor<'de> for MapFrameVisitor {
    type Value = MapFrame;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a frame of a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MapFrame, A::Error> {
        let (mut seq, mut change) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "seq" => seq = map.next_value()?,
                "task" => change = Some(MapChange::Task(map.next_value()?)),
                "workload" => change = Some(MapChange::Workload(map.next_value()?)),
                "run" => change = Some(MapChange::Run(map.next_value()?)),
                "build_run" => change = Some(MapChange::BuildRun(map.next_value()?)),
                "cluster" => change = Some(MapChange::Cluster(map.next_value()?)),
                "removed" => change = Some(MapChange::Removed(map.next_value()?)),
                "resync" => change = Some(MapChange::Resync(map.next_value()?)),
                "ping" => change = Some(MapChange::Ping(map.next_value()?)),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let change = change.ok_or_else(|| A::Error::custom("a frame that says nothing"))?;
        Ok(MapFrame { seq, change })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_as_they_were_sent() {
        let removed = MapChange::Removed(Removed { workload: "deployment/web".to_owned() });
        for change in [removed, MapChange::Resync(true), MapChange::Ping(Time::from_millis(5))] {
            for seq in [None, Some("7".to_owned())] {
                let frame = MapFrame { seq, change: change.clone() };
                let text = serde_json::to_string(&frame).expect("JSON");
                assert_eq!(serde_json::from_str::<MapFrame>(&text).expect("a frame"), frame);
            }
        }
    }

    #[test]
    fn what_a_newer_server_adds_is_passed_over() {
        let frame: MapFrame = serde_json::from_str(r#"{"later":{"a":1},"resync":true}"#).expect("a frame");
        assert_eq!(frame, MapFrame { seq: None, change: MapChange::Resync(true) });
        serde_json::from_str::<MapFrame>(r#"{"later":1}"#).expect_err("nothing that is known");
    }
}
