//! Undo: what a run has changed goes back to its recorded sources, the last wave first.

use super::super::{
    Idempotency, Result, Started, idempotency,
    plans::{Intent, Wanted},
};
use super::{
    item_status,
    recorded::{Recorded, Settled},
    wire::task_of,
};
use crate::{
    Engine, Error, Principal,
    auth::Verb,
    state::source,
    store::{self, run_item},
};
use std::collections::BTreeSet;
use types::{
    ErrorCode, Image,
    history::UndoRun,
    run::{ItemStatus, OnBlocked, OnFailure, Run, RunKind},
};
use uuid::Uuid;

impl Engine {
    /// Undoes a settled run by a new one.
    pub async fn undo_run(
        &self,
        who: &Principal,
        id: Uuid,
        undo: UndoRun,
        key: Option<Idempotency>,
    ) -> Result<Started<Run>> {
        let UndoRun { force, hold, note } = undo;
        self.run_row(who, Verb::Rollback, id).await?;
        if let Some(earlier) = idempotency::earlier(&self.db, who, key.as_ref()).await? {
            return self.replayed_run(&earlier).await;
        }
        let Settled { run, map, items } = self.settled_run(who, Verb::Rollback, id).await?;
        let wanted = back(&items, force)?;
        if wanted.is_empty() {
            return Err(Error::refused(ErrorCode::NothingToDo, "The run changed nothing that could be put back."));
        }
        let held = hold.unwrap_or(true);
        let intent = Intent {
            kind: RunKind::Undo,
            of: Some(run.id),
            wanted,
            // One that cannot go back keeps no other from going.
            on_failure: OnFailure::Continue,
            on_blocked: OnBlocked::Refuse,
            note,
            plan_hash: None,
            override_hold: None,
            hold: held.then(|| format!("undid run {}", run.id)),
        };
        let planned = self.plan_of(who, self.scene_to_plan(&map).await?, intent).await?;
        self.accept_run(who, &map, planned, key).await
    }
}

/// Items that changed something, with their waves turned round.
fn back(items: &[run_item::Model], force: bool) -> Result<Vec<Wanted>> {
    let mut going = Vec::new();
    for row in items.iter().filter(|row| row.changed && !row.restart) {
        if item_status(&row.status)? == ItemStatus::Undone {
            continue;
        }
        let source = Recorded::read(row.back_image.as_ref(), row.back_digest_set.as_ref())?;
        going.extend(source.map(|source| (row, source)));
    }
    let waves: BTreeSet<i32> = going.iter().map(|(row, _)| row.wave).collect();
    let turned = |wave: i32| waves.iter().rev().position(|known| *known == wave).unwrap_or_default() + 1;
    let wanted = |(row, source): (&run_item::Model, Recorded)| {
        let left: Option<Image> = row.to_image.as_ref().map(store::read).transpose()?;
        Ok(Wanted {
            wave: u32::try_from(turned(row.wave)).unwrap_or(1),
            source: if force { source::Rule::Any } else { source::Rule::Planned },
            expects: left.map(|left| left.image).filter(|_| !force),
            ..source.back(task_of(row)?)
        })
    };
    going.into_iter().map(wanted).collect()
}
