//! Which groups of items may go on: builds done, wave reached, the workload free, no hold in the way.

use super::View;
use crate::{
    Engine, Error, now,
    service::holds,
    state::{hold::AtTurn, queue::Relation},
    store::{self, run_item},
    worker::{item::touch_item, queue},
};
use futures::{future::try_join_all, try_join};
use sea_orm::ActiveValue::Set;
use std::collections::BTreeMap;
use types::run::{ItemStatus, OnFailure, WaitKind, WaitingFor};
use uuid::Uuid;

/// `kind/workload` and wave.
pub(super) type GroupKey = (String, i32);

type Member = (run_item::Model, ItemStatus);

/// What keeps a group from beginning.
struct Wait {
    kind: WaitKind,
    run: Option<Uuid>,
    item: Option<i32>,
}

impl View {
    /// Groups whose turn has come, or that were at work before a stop.
    pub(super) async fn ready_groups(
        &self,
        engine: &Engine,
    ) -> Result<BTreeMap<GroupKey, Vec<run_item::Model>>, Error> {
        let mut groups: BTreeMap<GroupKey, Vec<&Member>> = BTreeMap::new();
        for item in self.items.iter().filter(|(_, status)| !status.is_final()) {
            let key = (format!("{}/{}", item.0.kind, item.0.workload), item.0.wave);
            groups.entry(key).or_default().push(item);
        }
        let mut ready = BTreeMap::new();
        for (key, items) in groups {
            let begun = |(_, status): &&Member| {
                matches!(status, ItemStatus::Applying | ItemStatus::Rolling | ItemStatus::Undoing)
            };
            if items.iter().any(begun) || self.may_begin(engine, key.1, &items).await? {
                ready.insert(key, one_way(items));
            }
        }
        Ok(ready)
    }

    async fn may_begin(&self, engine: &Engine, wave: i32, items: &[&Member]) -> Result<bool, Error> {
        if items.iter().any(|item| is_building(item)) {
            return Ok(false);
        }
        let Some(wait) = self.waits_for(engine, wave, items).await? else { return Ok(true) };
        for (row, _) in items {
            wait_for(engine, row, wait.kind, wait.run, wait.item).await?;
        }
        Ok(false)
    }

    async fn waits_for(&self, engine: &Engine, wave: i32, items: &[&Member]) -> Result<Option<Wait>, Error> {
        if self.on_failure != OnFailure::Continue && self.items.iter().any(is_building) {
            return Ok(Some(Wait { kind: WaitKind::Build, run: None, item: None }));
        }
        let before = self.items.iter().find(|(row, status)| row.wave < wave && !status.is_final());
        if let Some((before, _)) = before {
            return Ok(Some(Wait { kind: WaitKind::Wave, run: Some(before.run_id), item: Some(before.n) }));
        }
        // The items of a group have the workload in common: one of them stands for all.
        let Some((first, _)) = items.first() else { return Ok(None) };
        let holds = try_join_all(items.iter().map(|(row, _)| holds::in_force(&engine.db, row)));
        let (holds, relations) = try_join!(holds, queue::relations(engine, first))?;
        for ((row, _), hold) in items.iter().zip(holds) {
            if let Some(hold) = hold
                && holds::at_turn(row, &hold)? == AtTurn::Waits
            {
                return Ok(Some(Wait { kind: WaitKind::Hold, run: hold.run_id, item: None }));
            }
        }
        let holder = relations.into_iter().find(|(_, relation)| *relation == Relation::Waits);
        Ok(holder.map(|(other, _)| Wait { kind: WaitKind::Workload, run: Some(other.run_id), item: Some(other.n) }))
    }
}

fn is_building((_, status): &Member) -> bool {
    *status == ItemStatus::Building
}

/// A group goes forward or back, never both at once.
fn one_way(items: Vec<&Member>) -> Vec<run_item::Model> {
    let forward = |status: ItemStatus| matches!(status, ItemStatus::Applying | ItemStatus::Rolling);
    let going = items.iter().any(|(_, status)| forward(*status));
    let back = items.iter().any(|(_, status)| *status == ItemStatus::Undoing) && !going;
    let wanted = items.into_iter().filter(|(_, status)| (*status == ItemStatus::Undoing) == back);
    wanted.map(|(row, _)| row.clone()).collect()
}

/// Writes what an item waits for, once.
pub(in crate::worker) async fn wait_for(
    engine: &Engine,
    row: &run_item::Model,
    kind: WaitKind,
    run: Option<Uuid>,
    n: Option<i32>,
) -> Result<(), Error> {
    let item = n.and_then(|n| u32::try_from(n).ok());
    let known: Option<WaitingFor> = row.waiting_for.as_ref().map(store::read).transpose()?;
    if known.is_some_and(|known| known.kind == kind && known.run == run && known.item == item) {
        return Ok(());
    }
    let waiting = WaitingFor { kind, run, item, since: now() };
    let columns = run_item::ActiveModel { waiting_for: Set(Some(store::write(&waiting)?)), ..Default::default() };
    touch_item(engine, row.run_id, row.n, columns).await
}
