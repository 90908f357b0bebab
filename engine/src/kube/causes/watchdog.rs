//! What the rules count that no single look at the cluster shows.

use super::{EXITS, Finding, PULLS, Rule};
use std::{collections::HashMap, time::Duration};
use types::run::Cause;

/// A finding and whether it ends the item now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub finding: Finding,
    pub ends: bool,
    /// Judge again after this time even if nothing changes.
    pub again_in: Option<Duration>,
}

/// Remembers what befell one item: one per item, in memory. After a restart of Slipway it begins anew, which makes
/// the rules only slower.
#[derive(Debug, Default)]
pub struct Watchdog {
    /// Since when each trouble stands, by cause and container: pods that replace each other have the same trouble.
    since: HashMap<(Cause, Option<String>), Duration>,
    pulls: HashMap<(Option<String>, Option<String>), Pulls>,
}

/// The failed pulls of one container of one pod, for clusters whose events may not be read.
#[derive(Debug)]
struct Pulls {
    count: u32,
    reason: String,
    /// What the registry answered, where a node says so only once.
    told: Option<Finding>,
}

impl Watchdog {
    /// Judges what was found at this moment; `now` is of a monotonic clock. The answer is the worst finding, or the
    /// first that ends the item.
    pub fn judge(&mut self, now: Duration, findings: Vec<Finding>) -> Option<Verdict> {
        let findings: Vec<Finding> = findings.into_iter().map(|finding| self.recall(finding)).collect();
        self.since.retain(|key, _| findings.iter().any(|finding| key_of(finding) == *key));
        let mut verdicts = findings.into_iter().map(|finding| self.verdict(now, finding)).collect::<Vec<_>>();
        let at = verdicts.iter().position(|verdict| verdict.ends).unwrap_or(0);
        if verdicts.is_empty() { None } else { Some(verdicts.swap_remove(at)) }
    }

    fn verdict(&mut self, now: Duration, finding: Finding) -> Verdict {
        let since = *self.since.entry(key_of(&finding)).or_insert(now);
        let stood = now.saturating_sub(since);
        let (ends, again_in) = match finding.rule {
            Rule::SecondPull => (finding.count >= PULLS, None),
            Rule::ThirdExit => (finding.count >= EXITS, None),
            Rule::Unchanged(limit) => (stood >= limit, limit.checked_sub(stood)),
            Rule::Deadline => (false, None),
        };
        Verdict { finding, ends, again_in: again_in.filter(|_| !ends) }
    }

    /// Counts a pull that fails anew, and keeps what the registry said about it while the node waits in silence.
    fn recall(&mut self, mut finding: Finding) -> Finding {
        if !is_pull(&finding) {
            return finding;
        }
        let key = (finding.pod.clone(), finding.container.clone());
        let pulls = self.pulls.entry(key).or_insert(Pulls { count: 0, reason: String::new(), told: None });
        if pulls.reason != finding.reason {
            let backs_off = finding.reason == "ImagePullBackOff";
            pulls.count = if backs_off { pulls.count.max(1) } else { pulls.count + 1 };
            pulls.reason.clone_from(&finding.reason);
        }
        finding.count = finding.count.max(pulls.count);
        match &pulls.told {
            Some(told) if finding.vague => Finding { count: finding.count, reason: finding.reason, ..told.clone() },
            Some(_) | None => {
                pulls.told = Some(finding.clone());
                finding
            }
        }
    }
}

fn key_of(finding: &Finding) -> (Cause, Option<String>) {
    (finding.code, finding.container.clone())
}

fn is_pull(finding: &Finding) -> bool {
    finding.rule == Rule::SecondPull || finding.code == Cause::ImageRegistryUnreachable
}
