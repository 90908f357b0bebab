//! Service maps, their tasks, and the versions chosen for them.

use super::*;
use leptos::prelude::*;
use types::{
    Name, TaskId,
    map::{MapSummary, NewMap, ServiceMap},
    plan,
    run::{NewRun, Run},
    task::{self, NewSelection, Task, TaskSettings},
};
use uuid::Uuid;

#[server(prefix = "/api/ui", endpoint = "maps", protocol = Ask)]
pub(crate) async fn maps() -> Answer<Vec<MapSummary>> {
    answer(engine()?.maps(&principal()?).await)
}

#[server(prefix = "/api/ui", endpoint = "map", protocol = Ask)]
pub(crate) async fn map(map: Name) -> Answer<ServiceMap> {
    answer(engine()?.map(&principal()?, &map).await.map(|map| map.value))
}

#[server(prefix = "/api/ui", endpoint = "create_map", protocol = Tell)]
pub(crate) async fn create_map(new: NewMap) -> Answer<ServiceMap> {
    answer(engine()?.create_map(&principal()?, new).await.map(|map| map.value))
}

#[server(prefix = "/api/ui", endpoint = "map_tasks", protocol = Ask)]
pub(crate) async fn map_tasks(map: Name) -> Answer<task::MapTasks> {
    answer(engine()?.map_tasks(&principal()?, &map).await.map(std::sync::Arc::unwrap_or_clone))
}

#[server(prefix = "/api/ui", endpoint = "select", protocol = Ask)]
pub(crate) async fn select(map: Name, task: TaskId, new: NewSelection) -> Answer<Task> {
    answer(engine()?.select(&principal()?, &map, &task, new).await)
}

#[server(prefix = "/api/ui", endpoint = "clear_selection", protocol = Ask)]
pub(crate) async fn clear_selection(map: Name, task: TaskId) -> Answer<Task> {
    answer(engine()?.clear_selection(&principal()?, &map, &task).await)
}

#[server(prefix = "/api/ui", endpoint = "put_task_settings", protocol = Ask)]
pub(crate) async fn put_task_settings(map: Name, task: TaskId, new: TaskSettings) -> Answer<Task> {
    answer(engine()?.put_task_settings(&principal()?, &map, &task, new).await)
}

#[server(prefix = "/api/ui", endpoint = "plan", protocol = Ask)]
pub(crate) async fn plan(map: Name, new: NewRun) -> Answer<plan::Plan> {
    answer(engine()?.plan(&principal()?, &map, new).await)
}

#[server(prefix = "/api/ui", endpoint = "store_plan", protocol = Tell)]
pub(crate) async fn store_plan(map: Name, new: NewRun) -> Answer<plan::StoredPlan> {
    answer(engine()?.store_plan(&principal()?, &map, new).await)
}

#[server(prefix = "/api/ui", endpoint = "stored_plan", protocol = Ask)]
pub(crate) async fn stored_plan(map: Name, id: Uuid) -> Answer<plan::StoredPlan> {
    answer(engine()?.stored_plan(&principal()?, &map, id).await)
}

#[server(prefix = "/api/ui", endpoint = "start_run", protocol = Ask)]
pub(crate) async fn start_run(map: Name, new: NewRun, key: String) -> Answer<Run> {
    let press = pressed(key, format!("/maps/{map}/runs"), &new);
    answer(engine()?.start_run(&principal()?, &map, new, press).await.map(|started| started.value))
}
