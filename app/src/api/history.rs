//! What ran before, the way back to it, and the marks that keep it.

use super::*;
use leptos::prelude::*;
use types::{
    Name, Page, TaskId,
    history::{self as types_of, Candidate, HistoryEntry, NewRollback},
    run::Run,
    task::{NewHold, Task},
};
use uuid::Uuid;

#[server(prefix = "/api/ui", endpoint = "history", protocol = Ask)]
pub(crate) async fn history(map: Name, task: Option<TaskId>, cursor: Option<String>) -> Answer<Page<HistoryEntry>> {
    let page = engine::PageRequest { limit: PAGE, cursor };
    answer(engine()?.history(&principal()?, &map, task.as_ref(), page).await)
}

#[server(prefix = "/api/ui", endpoint = "history_diff", protocol = Ask)]
pub(crate) async fn history_diff(map: Name, task: TaskId, from: Uuid, to: Uuid) -> Answer<types_of::HistoryDiff> {
    answer(engine()?.history_diff(&principal()?, &map, &task, from, to).await)
}

#[server(prefix = "/api/ui", endpoint = "rollback_candidates", protocol = Ask)]
pub(crate) async fn rollback_candidates(map: Name, task: TaskId) -> Answer<Page<Candidate>> {
    let page = engine::PageRequest { limit: CANDIDATES, cursor: None };
    answer(engine()?.rollback_candidates(&principal()?, &map, &task, page).await)
}

#[server(prefix = "/api/ui", endpoint = "roll_back", protocol = Ask)]
pub(crate) async fn roll_back(map: Name, task: TaskId, new: NewRollback, key: String) -> Answer<Run> {
    let press = pressed(key, format!("/maps/{map}/tasks/{task}/rollback"), &new);
    answer(engine()?.roll_back(&principal()?, &map, &task, new, press).await.map(|started| started.value))
}

#[server(prefix = "/api/ui", endpoint = "put_hold", protocol = Ask)]
pub(crate) async fn put_hold(map: Name, task: TaskId, new: NewHold) -> Answer<Task> {
    answer(engine()?.put_hold(&principal()?, &map, &task, new).await)
}

#[server(prefix = "/api/ui", endpoint = "lift_hold", protocol = Ask)]
pub(crate) async fn lift_hold(map: Name, task: TaskId) -> Answer<Task> {
    answer(engine()?.lift_hold(&principal()?, &map, &task).await)
}
