//! Room on the disks while a step runs: one that fills them is ended before everything else on them fails.
//!
//! A volume of the engine has no limit of its own, and the server keeps its database beside it as often as not.

use crate::{Engine, disk::is_short};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// So often the disks are looked at: what a program writes meanwhile is less than what is kept.
const LOOKED_AT_EVERY: Duration = Duration::from_millis(500);
/// This part of the reserve is left to those who are not to blame. What began above the reserve may go below it.
const KEPT_OF_RESERVE: u64 = 2;

/// Waits until a disk that a step writes to is nearly full: the words on it.
pub(super) async fn used_up(engine: Engine, engine_id: i64) -> String {
    let least = engine.config.disk_reserve_bytes / KEPT_OF_RESERVE;
    let mut disks = vec![("the server".to_owned(), engine.config.data_dir.clone())];
    if let Ok(entry) = engine.engine_entry(engine_id).await
        && let Some(root) = entry.local_root().await
    {
        disks.push((format!("the build engine {}", entry.row.name), root));
    }
    let mut looks = interval(LOOKED_AT_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        for (whose, disk) in &disks {
            if is_short(least, disk.clone()).await {
                return format!(
                    "the disk of {whose} is nearly full: less than {} MiB are free",
                    least.div_ceil(1 << 20)
                );
            }
        }
    }
}
