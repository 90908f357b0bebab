//! What a task does otherwise than its map says: how images are written, the deadline of a rollout, and whether one
//! that passes it goes back by itself.

use super::{
    Result, audit,
    maps::{check_deadline, form_of, form_word},
};
use crate::{
    Engine, Principal,
    auth::Verb,
    bus::Change,
    store::{self, service_map, task_setting, write_tx},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use std::collections::HashMap;
use types::{
    Name, TaskId,
    map::WrittenForm,
    task::{Task, TaskSettings},
};

impl Engine {
    /// Replaces what the task does otherwise; nothing given: it does as the map says.
    pub async fn put_task_settings(
        &self,
        who: &Principal,
        map: &Name,
        task: &TaskId,
        new: TaskSettings,
    ) -> Result<Task> {
        let row = self.map_row(who, Verb::Manage, map).await?;
        check_deadline(new.deadline_ms)?;
        let before = self.task(who, map, task).await?.settings;
        let tx = write_tx(&self.db).await?;
        let key = (row.id, task.to_string());
        if new == TaskSettings::default() {
            task_setting::Entity::delete_by_id(key).exec(&tx).await?;
        } else {
            put(&tx, key, &new).await?;
        }
        let from = before.map(|before| store::write(&before)).transpose()?;
        let (thing, to) = (format!("maps/{map}/tasks/{task}"), Some(store::write(&new)?));
        audit::record(&tx, who, audit::Entry { action: "task.settings", thing, from, to }).await?;
        tx.commit().await?;
        self.bus.tell(Change::Map { id: row.id });
        self.task(who, map, task).await
    }
}

async fn put<C: ConnectionTrait>(tx: &C, (map_id, task): (i64, String), new: &TaskSettings) -> Result<()> {
    let TaskSettings { written_form, deadline_ms, undo_on_deadline } = new;
    let row = task_setting::ActiveModel {
        map_id: Set(map_id),
        task: Set(task),
        written_form: Set(written_form.map(|form| form_word(form).to_owned())),
        deadline_ms: Set(deadline_ms.and_then(|ms| i64::try_from(ms).ok())),
        undo_on_deadline: Set(*undo_on_deadline),
    };
    let replace = OnConflict::columns([task_setting::Column::MapId, task_setting::Column::Task])
        .update_columns([
            task_setting::Column::WrittenForm,
            task_setting::Column::DeadlineMs,
            task_setting::Column::UndoOnDeadline,
        ])
        .to_owned();
    task_setting::Entity::insert(row).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}

/// Of all tasks of a map that do anything otherwise.
pub(crate) async fn of_map<C: ConnectionTrait>(db: &C, map_id: i64) -> Result<HashMap<String, TaskSettings>> {
    let rows = task_setting::Entity::find().filter(task_setting::COLUMN.map_id.eq(map_id)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.task.clone(), wire(&row))).collect())
}

/// How the image of one task is written.
pub(crate) async fn form<C: ConnectionTrait>(db: &C, map: &service_map::Model, task: &TaskId) -> Result<WrittenForm> {
    let own = task_setting::Entity::find_by_id((map.id, task.to_string())).one(db).await?;
    let own = own.and_then(|row| wire(&row).written_form);
    Ok(own.unwrap_or_else(|| form_of(&map.written_form)))
}

fn wire(row: &task_setting::Model) -> TaskSettings {
    TaskSettings {
        written_form: row.written_form.as_deref().map(form_of),
        deadline_ms: row.deadline_ms.and_then(|ms| u64::try_from(ms).ok()),
        undo_on_deadline: row.undo_on_deadline,
    }
}
