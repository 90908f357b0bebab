//! A run as it stands in the database.

use crate::{
    Engine, Error,
    service::runs::item_status,
    state::{run::is_settled, undo},
    store::{self, run, run_item},
    worker::item::{item_facts, undo_facts},
};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};
use types::run::{ItemStatus, OnFailure};
use uuid::Uuid;

/// A run with its items.
pub(super) struct View {
    pub(super) run: run::Model,
    pub(super) on_failure: OnFailure,
    pub(super) items: Vec<(run_item::Model, ItemStatus)>,
    /// What decides which of them go back, in the same order.
    pub(super) back: Vec<undo::Facts>,
}

impl View {
    pub(super) async fn read(engine: &Engine, id: Uuid) -> Result<Self, Error> {
        let items = run_item::Entity::find()
            .filter(run_item::COLUMN.run_id.eq(id))
            .order_by_asc(run_item::Column::N)
            .all(&engine.db);
        let (run, rows) = futures::try_join!(run::Entity::find_by_id(id).one(&engine.db), items)?;
        let run = run.ok_or_else(|| Error::NotFound(format!("run {id}")))?;
        let back = rows.iter().map(undo_facts).collect::<Result<_, Error>>()?;
        let with_status = |row: run_item::Model| {
            let status = item_status(&row.status)?;
            Ok((row, status))
        };
        let items = rows.into_iter().map(with_status).collect::<Result<_, Error>>()?;
        Ok(Self { on_failure: store::read(&run.on_failure.as_str().into())?, run, items, back })
    }

    pub(super) fn settled(&self) -> bool {
        let facts: Vec<_> = self
            .items
            .iter()
            .zip(&self.back)
            .map(|((row, _), back)| item_facts(row, back, self.run.undo_triggered))
            .collect();
        is_settled(&facts)
    }
}
