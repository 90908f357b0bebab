//! Whether the rollout still is the one that was asked for: cancelled, out of reach, changed by another.

use super::{Look, end_all, memory::Memory};
use crate::{
    Error,
    kube::{self, Standing, WorkloadTarget, WorkloadView},
    state::item::Event,
    worker::{
        group::{Group, Way, Working, failure},
        item::{Move, can_go_back},
    },
};
use std::time::{Duration, Instant};
use types::run::Cause;

/// A deadline stands still while the cluster cannot be reached, but not longer than this.
const UNREACHABLE_MAX: Duration = Duration::from_secs(3600);

/// A cancel leaves the workload as it is, or sends it back. What goes back already is left alone.
pub(super) async fn cancel(group: &mut Group, rollback: bool) -> Result<Look, Error> {
    let engine = group.engine.clone();
    let mut ended = Look::GoesOn;
    for at in group.places(|item| Ok(item.way == Way::Forward && item.rolls()?))? {
        let item = &mut group.items[at];
        let words =
            format!("left at {} of {}", item.row.ready.unwrap_or_default(), item.row.replicas.unwrap_or_default());
        let step = if rollback && can_go_back(&item.row) {
            item.best_effort_say("Cancelled: it goes back").await;
            Move::by(Event::Cancel { rollback: true })
        } else {
            item.best_effort_say(&format!("Cancelled: {words}")).await;
            Move::because(Event::Cancel { rollback: false }, words)
        };
        item.step(&engine, step).await?;
        ended = Look::Ended;
    }
    Ok(ended)
}

fn is_too_long(unreachable: Duration) -> bool {
    unreachable >= UNREACHABLE_MAX
}

pub(super) async fn unreachable(group: &mut Group, memory: &mut Memory, error: Option<String>) -> Result<Look, Error> {
    let since = *memory.unreachable_since.get_or_insert_with(Instant::now);
    if !is_too_long(since.elapsed()) {
        return Ok(Look::GoesOn);
    }
    let words = format!("The cluster did not answer for an hour: {}", error.unwrap_or_default());
    end_all(group, failure(Cause::ClusterUnreachable, words)).await
}

/// Whether the template still is what the run made of it.
pub(super) async fn stands(group: &mut Group, live: Option<&WorkloadView>) -> Result<Look, Error> {
    let engine = group.engine.clone();
    let mut ended = Look::GoesOn;
    for at in group.places(Working::rolls)? {
        let item = &group.items[at];
        let target = WorkloadTarget { key: group.key.clone(), uid: item.row.uid.clone().unwrap_or_default() };
        let images =
            if item.row.restart { Vec::new() } else { vec![(item.row.container.clone(), item.to.image.clone())] };
        let standing = kube::rollout::standing(live, &target, item.generation().unwrap_or_default(), &images);
        let step = match standing {
            Standing::Ours => continue,
            Standing::Superseded { image, by, .. } => {
                let who = by.unwrap_or_else(|| "somebody".to_owned());
                item.overtaken(format!("{who} set {image}"))
            }
            Standing::WorkloadGone => item.gone(failure(Cause::WorkloadGone, format!("{} was deleted.", group.key))),
            Standing::ContainerGone { container } => {
                let words = format!("{} has no container {container} any more.", group.key);
                item.gone(failure(Cause::WorkloadGone, words))
            }
        };
        let item = &mut group.items[at];
        if let Some(reason) = &step.reason {
            item.best_effort_say(&format!("Ended: {reason}")).await;
        }
        item.step(&engine, step).await?;
        ended = Look::Ended;
    }
    Ok(ended)
}

#[cfg(test)]
mod tests {
    use super::is_too_long;
    use rstest::rstest;
    use std::time::Duration;

    #[rstest]
    #[case(3_599, false)]
    #[case(3_600, true)]
    fn a_cluster_is_waited_for_an_hour(#[case] seconds: u64, #[case] ends: bool) {
        assert_eq!(is_too_long(Duration::from_secs(seconds)), ends);
    }
}
