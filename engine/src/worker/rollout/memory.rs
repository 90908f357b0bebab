//! What is remembered while a rollout is followed.

use super::deadline;
use crate::{
    kube::{causes::Watchdog, proof::Lookup, uptime::Uptime},
    worker::group::Group,
};
use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};
use types::{Digest, run::Trouble};

/// Pods of a complete rollout that the view has not shown yet are waited for this long.
pub(super) const LAST_PODS: Duration = Duration::from_secs(5);

/// A change that was not told is found at the latest after so long.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// Nothing is looked at more often than this.
const PAUSE_MIN: Duration = Duration::from_millis(5);

pub(super) struct Memory {
    pub(super) begun: Instant,
    /// How long it had rolled before Slipway was restarted.
    before: Duration,
    pub(super) watchdog: Watchdog,
    pub(super) uptime: Uptime,
    /// The trouble that is shown.
    pub(super) trouble: Option<Trouble>,
    /// The newest trouble that was shown, whether or not it has healed.
    pub(super) last_trouble: Option<Trouble>,
    pub(super) complete_since: Option<Instant>,
    pub(super) unreachable_since: Option<Instant>,
    pub(super) stood_still: Duration,
    pub(super) known: HashMap<Digest, Lookup>,
    pub(super) lines: HashMap<(String, String, u32), Vec<String>>,
    pub(super) again_in: Option<Duration>,
    /// UIDs of broken pods that were told to go.
    pub(super) deleted: HashSet<String>,
}

impl Memory {
    pub(super) fn new(before: Duration) -> Self {
        Self {
            begun: Instant::now(),
            before,
            watchdog: Watchdog::default(),
            uptime: Uptime::default(),
            trouble: None,
            last_trouble: None,
            complete_since: None,
            unreachable_since: None,
            stood_still: Duration::ZERO,
            known: HashMap::new(),
            lines: HashMap::new(),
            again_in: None,
            deleted: HashSet::new(),
        }
    }

    /// How long it has rolled, without the time in which the cluster could not be reached.
    pub(super) fn rolled(&self) -> Duration {
        let standing = self.unreachable_since.map_or(Duration::ZERO, |since| since.elapsed());
        (self.before + self.begun.elapsed()).saturating_sub(self.stood_still + standing)
    }

    /// How long nothing needs to be looked at if nothing changes.
    pub(super) fn wait(&self, group: &Group) -> Duration {
        let deadline = deadline(group).saturating_sub(self.rolled());
        let last_pods = self.complete_since.map(|since| LAST_PODS.saturating_sub(since.elapsed()));
        let wishes = [Some(deadline), self.again_in, last_pods, Some(LOOK_AGAIN)];
        wishes.into_iter().flatten().min().unwrap_or(LOOK_AGAIN).max(PAUSE_MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;
    use std::time::{Duration, Instant};

    fn ago(seconds: u64) -> Instant {
        Instant::now().checked_sub(Duration::from_secs(seconds)).expect("the machine has been up so long")
    }

    #[test]
    fn the_deadline_stands_still_while_the_cluster_is_out_of_reach() {
        let mut memory = Memory::new(Duration::from_secs(5));
        memory.begun = ago(100);
        assert_eq!(memory.rolled().as_secs(), 105, "what it rolled before a restart counts");
        memory.unreachable_since = Some(ago(60));
        assert_eq!(memory.rolled().as_secs(), 45);
        memory.stood_still = Duration::from_secs(20);
        assert_eq!(memory.rolled().as_secs(), 25);
        memory.unreachable_since = None;
        assert_eq!(memory.rolled().as_secs(), 85);
    }
}
