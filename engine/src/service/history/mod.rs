//! What containers ran, who set it, and how two versions differ.

mod others;
pub(crate) mod record;
mod wire;

pub(crate) use others::{SetByOthers, set_by_others};

use super::{PageRequest, Result, page};
use crate::{
    Engine, Error, Principal,
    auth::Verb,
    store::{history, service_map},
};
use record::Place;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use types::{
    Name, Page, TaskId,
    history::{HistoryDiff, HistoryEntry},
    plan::PlanDiff,
};
use uuid::Uuid;

/// Entries of one container that are looked through: more than anybody goes back.
const ENTRIES_MAX: u64 = 500;

impl Engine {
    /// Every version that ran, newest first: of one task, or of all of a map.
    pub async fn history(
        &self,
        who: &Principal,
        map: &Name,
        task: Option<&TaskId>,
        page: PageRequest,
    ) -> Result<Page<HistoryEntry>> {
        let row = self.map_row(who, Verb::Read, map).await?;
        let limit = page::limit(&page)?;
        let mut query = history::Entity::find()
            .filter(of_map(&row, task))
            .order_by_desc(history::Column::Id)
            .limit(limit as u64 + 1);
        if let Some(cursor) = &page.cursor {
            let before = Uuid::parse_str(cursor).map_err(|_| page::wrong_cursor())?;
            query = query.filter(history::COLUMN.id.lt(before));
        }
        let mut rows = query.all(&self.db).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|row| row.id.to_string());
        Ok(Page { items: self.history_wire(rows).await?, next_cursor })
    }

    /// How two entries of one task differ.
    pub async fn history_diff(
        &self,
        who: &Principal,
        map: &Name,
        task: &TaskId,
        from: Uuid,
        to: Uuid,
    ) -> Result<HistoryDiff> {
        let row = self.map_row(who, Verb::Read, map).await?;
        let mut pair = Vec::with_capacity(2);
        for id in [from, to] {
            let found = history::Entity::find_by_id(id).filter(of_map(&row, Some(task))).one(&self.db).await?;
            pair.push(found.ok_or_else(|| Error::NotFound(format!("entry {id} in the history of {task}")))?);
        }
        let [from, to]: [HistoryEntry; 2] = self
            .history_wire(pair)
            .await?
            .try_into()
            .map_err(|_| Error::Internal("two entries are not two".to_owned()))?;
        let (diff, unknown) = match self.compare(&from.image, &to.image).await? {
            Ok(diff) => (diff, None),
            Err(why) => (PlanDiff::default(), Some(why)),
        };
        Ok(HistoryDiff { from, to, diff, unknown })
    }
}

fn of_map(map: &service_map::Model, task: Option<&TaskId>) -> Condition {
    let all = Condition::all()
        .add(history::Column::ClusterId.eq(map.cluster_id))
        .add(history::Column::Namespace.eq(map.namespace.as_str()));
    match task {
        None => all,
        Some(task) => all
            .add(history::Column::Kind.eq(task.kind.as_str()))
            .add(history::Column::Workload.eq(task.workload.as_str()))
            .add(history::Column::Container.eq(task.container.as_str())),
    }
}

/// The entries of one container, newest first.
pub(crate) async fn entries<C: ConnectionTrait>(db: &C, place: Place<'_>) -> Result<Vec<history::Model>> {
    let query = history::Entity::find().filter(place.entries()).order_by_desc(history::Column::Id).limit(ENTRIES_MAX);
    Ok(query.all(db).await?)
}
