//! A frame of a map as the page reads it: only what it takes from it.
//!
//! Runs of builds are passed over: the tasks that they touch come in frames of their own.

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use std::fmt;
use types::{
    event::Removed,
    run::Run,
    task::{ClusterState, Task, Workload},
};

/// What changed in a map; each object whole.
#[derive(Debug, PartialEq)]
pub(crate) enum MapNews {
    Task(Box<Task>),
    Workload(Box<Workload>),
    Run(Box<Run>),
    Cluster(ClusterState),
    Removed(Removed),
    /// The cursor is unknown or too old: read the page again.
    Resync,
}

/// See the module.
#[derive(Debug, Default, PartialEq)]
pub(super) struct MapFrame {
    pub(super) seq: Option<String>,
    /// Nothing, where the page does without what it says.
    pub(super) news: Option<MapNews>,
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
        let mut frame = MapFrame::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "seq" => frame.seq = map.next_value()?,
                "task" => frame.news = Some(MapNews::Task(map.next_value()?)),
                "workload" => frame.news = Some(MapNews::Workload(map.next_value()?)),
                "run" => frame.news = Some(MapNews::Run(map.next_value()?)),
                "cluster" => frame.news = Some(MapNews::Cluster(map.next_value()?)),
                "removed" => frame.news = Some(MapNews::Removed(map.next_value()?)),
                "resync" => frame.news = map.next_value::<IgnoredAny>().map(|_| Some(MapNews::Resync))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::{MapFrame, MapNews};
    use crate::api::reader;
    use rstest::rstest;
    use types::{
        Time,
        event::{self, MapChange, Removed},
    };

    #[rstest]
    #[case(MapChange::Removed(Removed { workload: "deployment/web".to_owned() }), Some(MapNews::Removed(Removed { workload: "deployment/web".to_owned() })))]
    #[case(MapChange::Resync(true), Some(MapNews::Resync))]
    #[case(MapChange::Ping(Time::from_millis(5)), None)]
    fn reads_what_the_server_writes(#[case] change: MapChange, #[case] news: Option<MapNews>) {
        let seq = Some("7".to_owned());
        let text = serde_json::to_string(&event::MapFrame { seq: seq.clone(), change }).expect("JSON");
        assert_eq!(reader::read::<MapFrame>(&text).expect("a frame"), MapFrame { seq, news });
    }
}
