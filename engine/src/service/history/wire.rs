//! Entries of the history as REST and the page show them.

use super::super::Result;
use crate::{
    Engine, Error,
    service::runs::item_status,
    store::{self, history, run, run_item},
};
use sea_orm::{EntityTrait, QueryFilter};
use std::collections::HashMap;
use types::{
    TaskId, Time,
    history::{ChangeSource, HistoryEntry},
};
use uuid::Uuid;

impl Engine {
    /// With what the runs behind the entries tell.
    pub(crate) async fn history_wire(&self, rows: Vec<history::Model>) -> Result<Vec<HistoryEntry>> {
        let ids: Vec<Uuid> = rows.iter().filter_map(|row| row.run_id).collect();
        let (mut runs, mut items) = (HashMap::new(), HashMap::new());
        if !ids.is_empty() {
            let found = run::Entity::find().filter(run::COLUMN.id.is_in(ids.clone())).all(&self.db).await?;
            runs.extend(found.into_iter().map(|run| (run.id, run)));
            let found = run_item::Entity::find().filter(run_item::COLUMN.run_id.is_in(ids)).all(&self.db).await?;
            items.extend(found.into_iter().map(|item| ((item.run_id, item.n), item.status)));
        }
        rows.into_iter()
            .map(|row| {
                let run = row.run_id.and_then(|id| runs.get(&id));
                let status = row.run_id.zip(row.item).and_then(|key| items.get(&key)).map(String::as_str);
                self.entry_wire(row, run, status)
            })
            .collect()
    }

    fn entry_wire(&self, row: history::Model, run: Option<&run::Model>, status: Option<&str>) -> Result<HistoryEntry> {
        let kind = row.kind.parse().map_err(Error::Internal)?;
        let item = row.item.and_then(|item| u32::try_from(item).ok());
        let log = |(run, item): (Uuid, u32)| format!("{}/runs/{run}/items/{item}/log", self.config.url);
        let source =
            if row.source == ChangeSource::Slipway.as_str() { ChangeSource::Slipway } else { ChangeSource::External };
        Ok(HistoryEntry {
            id: row.id,
            task: TaskId { kind, workload: row.workload, container: row.container },
            image: store::read(&row.image)?,
            digests: store::read(&row.digest_set)?,
            source,
            manager: row.manager,
            log_url: row.run_id.zip(item).map(log),
            run: row.run_id,
            item,
            kind: run.map(|run| store::read(&run.kind.as_str().into())).transpose()?,
            status: status.map(item_status).transpose()?,
            by: run.map(|run| run.requested_by.clone()),
            note: run.and_then(|run| run.note.clone()),
            proof: row.proof.as_ref().map(store::read).transpose()?,
            from: Time::from_millis(row.from_at),
            until: row.until_at.map(Time::from_millis),
            found: row.found,
        })
    }
}
