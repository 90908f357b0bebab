//! Holds: marks on tasks that `latest` and automation respect, and that people pass with a reason.

use super::{Result, audit};
use crate::{
    Engine, Error, Principal,
    auth::{On, Verb},
    bus::Change,
    now,
    state::hold::{self as rules, AtTurn, Rule, Standing},
    store::{hold, run_item, service_map, write_tx},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict,
};
use std::collections::HashMap;
use types::{
    Name, TaskId, Time,
    task::{Hold, NewHold, Task},
};
use uuid::Uuid;

/// Characters of a reason.
const REASON_MAX: usize = 1000;

/// A hold that is set beside something else.
pub(crate) struct NewRow<'a> {
    pub(crate) map: &'a service_map::Model,
    pub(crate) task: &'a TaskId,
    pub(crate) reason: &'a str,
    pub(crate) until: Option<i64>,
    pub(crate) run_id: Option<Uuid>,
}

impl Engine {
    /// Marks a task. Replacing somebody else's mark is lifting it.
    pub async fn put_hold(&self, who: &Principal, map: &Name, task: &TaskId, new: NewHold) -> Result<Task> {
        let row = self.map_row(who, Verb::Deploy, map).await?;
        let NewHold { reason, until } = new;
        check_reason("reason", &reason)?;
        if until.is_some_and(|until| until <= now()) {
            return Err(Error::field("until", "must lie in the future"));
        }
        self.task(who, map, task).await?;
        self.may_lift(who, &row, task).await?;
        let tx = write_tx(&self.db).await?;
        let until = until.map(Time::as_millis);
        set(&tx, who, NewRow { map: &row, task, reason: &reason, until, run_id: None }).await?;
        let (thing, to) = (format!("maps/{map}/tasks/{task}"), Some(reason.into()));
        audit::record(&tx, who, audit::Entry { action: "hold.set", thing, from: None, to }).await?;
        tx.commit().await?;
        self.bus.tell(Change::Hold);
        self.task(who, map, task).await
    }

    /// Lifts a mark; one of somebody else needs `rollback`.
    pub async fn lift_hold(&self, who: &Principal, map: &Name, task: &TaskId) -> Result<Task> {
        let row = self.map_row(who, Verb::Deploy, map).await?;
        let known = self.may_lift(who, &row, task).await?;
        let tx = write_tx(&self.db).await?;
        hold::Entity::delete_many().filter(of_task(&row, task)).exec(&tx).await?;
        let (thing, from) = (format!("maps/{map}/tasks/{task}"), known.map(|known| known.reason.into()));
        audit::record(&tx, who, audit::Entry { action: "hold.lift", thing, from, to: None }).await?;
        tx.commit().await?;
        self.bus.tell(Change::Hold);
        self.task(who, map, task).await
    }

    async fn may_lift(&self, who: &Principal, map: &service_map::Model, task: &TaskId) -> Result<Option<hold::Model>> {
        let known = hold::Entity::find().filter(of_task(map, task)).one(&self.db).await?.filter(stands);
        if known.as_ref().is_some_and(|known| known.user_id != Some(who.user_id)) {
            who.need(Verb::Rollback, &On::Map(super::stored_name(&map.name)?), &format!("task {task}"))?;
        }
        Ok(known)
    }

    /// Holds in force in the namespace of a map, by task.
    pub(crate) async fn holds_of(&self, map: &service_map::Model) -> Result<HashMap<String, hold::Model>> {
        let rows = hold::Entity::find()
            .filter(hold::COLUMN.cluster_id.eq(map.cluster_id))
            .filter(hold::COLUMN.namespace.eq(map.namespace.as_str()))
            .all(&self.db)
            .await?;
        let task = |row: &hold::Model| format!("{}/{}/{}", row.kind, row.workload, row.container);
        Ok(rows.into_iter().filter(stands).map(|row| (task(&row), row)).collect())
    }
}

/// Sets a hold in the caller's transaction.
pub(crate) async fn set<C: ConnectionTrait>(tx: &C, who: &Principal, new: NewRow<'_>) -> Result<()> {
    let NewRow { map, task, reason, until, run_id } = new;
    let row = hold::ActiveModel {
        cluster_id: Set(map.cluster_id),
        namespace: Set(map.namespace.clone()),
        kind: Set(task.kind.as_str().to_owned()),
        workload: Set(task.workload.clone()),
        container: Set(task.container.clone()),
        reason: Set(reason.to_owned()),
        by: Set(who.actor().to_owned()),
        user_id: Set(Some(who.user_id)),
        at: Set(now().as_millis()),
        until: Set(until),
        run_id: Set(run_id),
    };
    let key = [
        hold::Column::ClusterId,
        hold::Column::Namespace,
        hold::Column::Kind,
        hold::Column::Workload,
        hold::Column::Container,
    ];
    let replace = OnConflict::columns(key)
        .update_columns([
            hold::Column::Reason,
            hold::Column::By,
            hold::Column::UserId,
            hold::Column::At,
            hold::Column::Until,
            hold::Column::RunId,
        ])
        .to_owned();
    hold::Entity::insert(row).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}

/// The hold on an item's task, while it is in force.
pub(crate) async fn in_force<C: ConnectionTrait>(db: &C, row: &run_item::Model) -> Result<Option<hold::Model>> {
    let key = (row.cluster_id, row.namespace.clone(), row.kind.clone(), row.workload.clone(), row.container.clone());
    Ok(hold::Entity::find_by_id(key).one(db).await?.filter(stands))
}

/// What an item does at a hold when its turn has come.
pub(crate) fn at_turn(row: &run_item::Model, hold: &hold::Model) -> Result<AtTurn> {
    let standing =
        Standing { by_way_back: hold.run_id.is_some(), since: hold.at > super::runs::created_ms(row.run_id) };
    if hold.run_id == Some(row.run_id) {
        return Ok(AtTurn::Goes);
    }
    Ok(rules::at_turn(Rule::stored(&row.hold_rule)?, standing))
}

pub(crate) fn wire(row: &hold::Model) -> Hold {
    Hold {
        reason: row.reason.clone(),
        by: row.by.clone(),
        at: Time::from_millis(row.at),
        until: row.until.map(Time::from_millis),
    }
}

/// Reasons are read by others.
pub(crate) fn check_reason(path: &str, reason: &str) -> Result<()> {
    if !reason.trim().is_empty() && reason.chars().count() <= REASON_MAX {
        return Ok(());
    }
    Err(Error::field(path, format!("must be 1 to {REASON_MAX} characters that say why")))
}

fn stands(row: &hold::Model) -> bool {
    row.until.is_none_or(|until| until > now().as_millis())
}

fn of_task(map: &service_map::Model, task: &TaskId) -> Condition {
    Condition::all()
        .add(hold::Column::ClusterId.eq(map.cluster_id))
        .add(hold::Column::Namespace.eq(map.namespace.as_str()))
        .add(hold::Column::Kind.eq(task.kind.as_str()))
        .add(hold::Column::Workload.eq(task.workload.as_str()))
        .add(hold::Column::Container.eq(task.container.as_str()))
}
