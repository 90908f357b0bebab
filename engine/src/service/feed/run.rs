//! A run, whole, each time it changes.

use super::changed_before;
use crate::{Engine, bus::Change, store::run};
use sea_orm::EntityTrait;
use std::time::Duration;
use tokio::{sync::broadcast::Receiver, time::Instant};
use types::run::Run;
use uuid::Uuid;

/// A change that was not told is found at the latest after so long.
const LOOK_AGAIN: Duration = Duration::from_secs(15);

/// Follows one run.
pub struct RunFeed {
    engine: Engine,
    id: Uuid,
    bus: Receiver<Change>,
    given: Option<i64>,
    settled: bool,
}

impl RunFeed {
    pub(crate) fn new(engine: Engine, id: Uuid) -> Self {
        let bus = engine.bus.listen();
        Self { engine, id, bus, given: None, settled: false }
    }

    /// The run and a number that grows with each change of it. `None`: it is settled and was given,
    /// or Slipway stops.
    pub async fn next(&mut self) -> Option<(u64, Run)> {
        while !self.settled {
            let row = run::Entity::find_by_id(self.id).one(&self.engine.db).await.ok()??;
            if self.given != Some(row.version) {
                self.given = Some(row.version);
                let run = self.engine.run_by_id(self.id).await.ok()?;
                self.settled = run.status.is_settled();
                return Some((u64::try_from(row.version).unwrap_or_default(), run));
            }
            let id = self.id;
            let ours = |change: Change| matches!(change, Change::Run { id: changed, .. } if changed == id);
            changed_before(&mut self.bus, Instant::now() + LOOK_AGAIN, &self.engine.stop, ours).await;
            if self.engine.stop.is_cancelled() {
                return None;
            }
        }
        None
    }
}
