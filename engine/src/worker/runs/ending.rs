//! What ends items before their time, and what sends them back.

use super::View;
use crate::{
    Engine, Error,
    state::{
        item::Event,
        undo::{self, stops},
    },
    worker::item::{Move, move_item},
};
use types::run::{ItemStatus, OnFailure};

impl View {
    /// A cancel ends what has not begun, and the builds that nobody else waits for.
    pub(super) async fn cancel(&self, engine: &Engine) -> Result<bool, Error> {
        if !self.run.cancel_requested {
            return Ok(false);
        }
        let mut moved = false;
        let waiting = |status: ItemStatus| matches!(status, ItemStatus::Queued | ItemStatus::Building);
        for (row, status) in self.items.iter().filter(|(_, status)| waiting(*status)) {
            let step = Move::because(Event::Cancel { rollback: false }, "cancelled before it began");
            moved |= move_item(engine, row.run_id, row.n, step).await?.is_some();
            if let (ItemStatus::Building, Some(build)) = (*status, row.build_run_id)
                && engine.open_items_of_build_run(build).await?.is_empty()
            {
                engine.request_build_cancel(build).await?;
            }
        }
        Ok(moved)
    }

    /// Under `stop` and `undo`, what has not begun is skipped once an item has failed.
    pub(super) async fn skip_after_failure(&self, engine: &Engine) -> Result<bool, Error> {
        let failed = self.items.iter().any(|(_, status)| stops(*status));
        if self.on_failure == OnFailure::Continue || !failed {
            return Ok(false);
        }
        let mut moved = false;
        for (row, _) in self.items.iter().filter(|(_, status)| *status == ItemStatus::Queued) {
            moved |= move_item(engine, row.run_id, row.n, Move::by(Event::EarlierFailure)).await?.is_some();
        }
        Ok(moved)
    }

    /// What changed something goes back, the last wave first: by the run's policy, a cancel with rollback, or a
    /// deadline.
    pub(super) async fn go_back(&self, engine: &Engine) -> Result<bool, Error> {
        let mut moved = false;
        for at in undo::now(&self.back, self.run.undo_triggered) {
            let (row, _) = &self.items[at];
            moved |= move_item(engine, row.run_id, row.n, Move::by(Event::Undo)).await?.is_some();
        }
        Ok(moved)
    }
}
