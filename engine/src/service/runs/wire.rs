//! Runs as REST and the page show them.

use super::super::Result;
use crate::{
    Engine, Error,
    store::{self, build_run, run, run_item},
};
use sea_orm::{EntityTrait, JsonValue, QueryFilter, QueryOrder};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use types::{
    Name, TaskId, Time,
    run::{BuildRunRef, Item, ItemStatus, Run, RunStatus},
};
use uuid::Uuid;

impl Engine {
    pub(crate) async fn run_by_id(&self, id: Uuid) -> Result<Run> {
        let row = run::Entity::find_by_id(id).one(&self.db).await?;
        let row = row.ok_or_else(|| Error::NotFound(format!("run {id}")))?;
        let mut runs = self.runs_wire(vec![row]).await?;
        runs.pop().ok_or_else(|| Error::NotFound(format!("run {id}")))
    }

    pub(crate) async fn runs_wire(&self, rows: Vec<run::Model>) -> Result<Vec<Run>> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let items = run_item::Entity::find()
            .filter(run_item::COLUMN.run_id.is_in(ids))
            .order_by_asc(run_item::Column::N)
            .all(&self.db)
            .await?;
        let build_ids: Vec<Uuid> = items.iter().filter_map(|item| item.build_run_id).collect();
        let builds = if build_ids.is_empty() {
            Vec::new()
        } else {
            build_run::Entity::find().filter(build_run::COLUMN.id.is_in(build_ids)).all(&self.db).await?
        };
        let builds: HashMap<Uuid, build_run::Model> = builds.into_iter().map(|build| (build.id, build)).collect();
        let mut of: HashMap<Uuid, Vec<Item>> = HashMap::new();
        for item in items {
            let run = item.run_id;
            of.entry(run).or_default().push(self.item_wire(item, &builds)?);
        }
        rows.into_iter()
            .map(|row| {
                let items = of.remove(&row.id).unwrap_or_default();
                self.run_wire(row, items)
            })
            .collect()
    }

    fn run_wire(&self, row: run::Model, items: Vec<Item>) -> Result<Run> {
        Ok(Run {
            url: format!("{}/runs/{}", self.config.url, row.id),
            id: row.id,
            map: Name::parse(&row.map_name).map_err(Error::Internal)?,
            kind: word(&row.kind)?,
            trigger: word(&row.trigger)?,
            of: row.of,
            status: run_status(&row.status)?,
            requested_by: row.requested_by,
            note: row.note,
            on_failure: word(&row.on_failure)?,
            plan_hash: row.plan_hash,
            created_at: Time::from_millis(row.created_at),
            started_at: row.started_at.map(Time::from_millis),
            ended_at: row.ended_at.map(Time::from_millis),
            retried_by: row.retried_by,
            undone_by: row.undone_by,
            reverted_by: row.reverted_by,
            items,
        })
    }

    fn item_wire(&self, row: run_item::Model, builds: &HashMap<Uuid, build_run::Model>) -> Result<Item> {
        let build_run = row.build_run_id.and_then(|id| builds.get(&id)).and_then(|build| {
            let number = u32::try_from(build.number).ok()?;
            Some(BuildRunRef { build: Name::parse(&build.build_name).ok()?, number })
        });
        let count = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok());
        let n = u32::try_from(row.n).unwrap_or_default();
        Ok(Item {
            n,
            task: task_of(&row)?,
            wave: u32::try_from(row.wave).unwrap_or(1),
            status: item_status(&row.status)?,
            log_url: format!("{}/runs/{}/items/{n}/log", self.config.url, row.run_id),
            reason: row.reason,
            changed: row.changed,
            version: store::read(&row.version)?,
            from: optional(row.from_image.as_ref())?,
            to: optional(row.to_image.as_ref())?,
            build_run,
            ready: count(row.ready),
            replicas: count(row.replicas),
            generation: row.generation,
            proof: optional(row.proof.as_ref())?,
            phases: store::read(&row.phases)?,
            waiting_for: optional(row.waiting_for.as_ref())?,
            trouble: optional(row.trouble.as_ref())?,
            failure: optional(row.failure.as_ref())?,
        })
    }
}

/// The task of an item.
pub(crate) fn task_of(row: &run_item::Model) -> Result<TaskId> {
    let kind = row.kind.parse().map_err(Error::Internal)?;
    Ok(TaskId { kind, workload: row.workload.clone(), container: row.container.clone() })
}

fn optional<T: DeserializeOwned>(value: Option<&JsonValue>) -> Result<Option<T>> {
    value.map(store::read).transpose()
}

fn word<T: DeserializeOwned>(word: &str) -> Result<T> {
    store::read(&word.into())
}

/// A stored word of state of an item.
pub(crate) fn item_status(text: &str) -> Result<ItemStatus> {
    word(text)
}

/// A stored word of state of a run.
pub(crate) fn run_status(text: &str) -> Result<RunStatus> {
    word(text)
}

/// When a run was asked for: its id carries it.
pub(crate) fn created_ms(id: Uuid) -> i64 {
    let Some(timestamp) = id.get_timestamp() else { return 0 };
    let (seconds, nanos) = timestamp.to_unix();
    i64::try_from(seconds).unwrap_or_default() * 1000 + i64::from(nanos / 1_000_000)
}
