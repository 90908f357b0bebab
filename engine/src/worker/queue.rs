//! Who else has, or waits for, the workload of an item.

use crate::{
    Engine, Error,
    service::{runs::item_status, tasks::OPEN},
    state::queue::{Place, Relation, relation},
    store::{self, run, run_item},
};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use types::run::{RunKind, WaitKind, WaitingFor};
use uuid::Uuid;

/// Items of other runs on the same workload, as they stand to `row`.
pub(super) async fn relations(
    engine: &Engine,
    row: &run_item::Model,
) -> Result<Vec<(run_item::Model, Relation)>, Error> {
    let open = OPEN.iter().map(|status| status.as_str());
    let others = run_item::Entity::find()
        .filter(run_item::COLUMN.cluster_id.eq(row.cluster_id))
        .filter(run_item::COLUMN.namespace.eq(row.namespace.as_str()))
        .filter(run_item::COLUMN.kind.eq(row.kind.as_str()))
        .filter(run_item::COLUMN.workload.eq(row.workload.as_str()))
        .filter(run_item::COLUMN.status.is_in(open))
        .filter(run_item::COLUMN.run_id.ne(row.run_id))
        .order_by_asc(run_item::Column::RunId)
        .all(&engine.db)
        .await?;
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = others.iter().map(|other| other.run_id).chain([row.run_id]).collect();
    let runs = run::Entity::find().filter(run::COLUMN.id.is_in(ids)).all(&engine.db).await?;
    let kinds: HashMap<Uuid, String> = runs.into_iter().map(|run| (run.id, run.kind)).collect();
    let me = place(row, &kinds)?;
    let with_relation = |other: run_item::Model| {
        let relation = relation(me, place(&other, &kinds)?);
        Ok((other, relation))
    };
    others.into_iter().map(with_relation).collect()
}

fn place(row: &run_item::Model, kinds: &HashMap<Uuid, String>) -> Result<Place, Error> {
    let waiting: Option<WaitingFor> = row.waiting_for.as_ref().map(store::read).transpose()?;
    Ok(Place {
        rollback: kinds.get(&row.run_id).is_some_and(|kind| kind == RunKind::Rollback.as_str()),
        run: row.run_id,
        status: item_status(&row.status)?,
        back_patched: row.undo_generation.is_some(),
        held: waiting.is_some_and(|waiting| waiting.kind == WaitKind::Hold),
    })
}
