//! What a run that is no more has left in the engine.

use crate::{
    ground::{docker, shop},
    patience::until,
};
use std::time::Duration;
use uuid::Uuid;

/// Every minute Slipway looks for containers that are older than two.
const REMOVED_WITHIN: Duration = Duration::from_secs(200);

#[test]
#[ignore = "needs the playground"]
fn containers_and_volumes_of_dead_runs_are_removed() {
    let label = format!("label=slipway.run={}", Uuid::now_v7());
    let given = label.trim_start_matches("label=");
    docker(&["pull", "--quiet", &shop("store:1.0.0")]);
    docker(&["volume", "create", "--label", given]);
    docker(&["run", "--detach", "--label", given, &shop("store:1.0.0"), "sleep", "600"]);
    let strange = docker(&["create", &shop("store:1.0.0")]);
    let containers = || docker(&["ps", "--all", "--quiet", "--filter", &label]);
    let volumes = || docker(&["volume", "ls", "--quiet", "--filter", &label]);
    assert!(!containers().is_empty() && !volumes().is_empty());
    until(REMOVED_WITHIN, "they are removed", || (containers().is_empty() && volumes().is_empty()).then_some(()));
    // What is not Slipway's stays.
    docker(&["rm", strange.trim()]);
}
