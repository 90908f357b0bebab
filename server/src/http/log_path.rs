use engine::LogName;
use serde::Deserialize;
use types::Name;
use uuid::Uuid;

/// The log of a build run, in an address.
#[derive(Deserialize)]
pub(crate) struct BuildLog {
    build: Name,
    number: u32,
}

/// The log of an item of a run, in an address.
#[derive(Deserialize)]
pub(crate) struct ItemLog {
    run: Uuid,
    n: u32,
}

impl From<BuildLog> for LogName {
    fn from(BuildLog { build, number }: BuildLog) -> Self {
        LogName::Build { build, number }
    }
}

impl From<ItemLog> for LogName {
    fn from(ItemLog { run, n }: ItemLog) -> Self {
        LogName::Item { run, n }
    }
}
