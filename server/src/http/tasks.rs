use super::{
    Answer,
    extract::{Format, Json, Path, lines},
};
use crate::{auth::Who, state::AppState};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use types::{
    Name, TaskId, WorkloadKind,
    task::{MapTasks, NewSelection, Task},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(select, clear))
}

/// A task in an address.
#[derive(Deserialize)]
pub(super) struct TaskPath {
    map: Name,
    kind: WorkloadKind,
    workload: String,
    container: String,
}

impl TaskPath {
    pub(super) fn parts(self) -> (Name, TaskId) {
        let Self { map, kind, workload, container } = self;
        (map, TaskId { kind, workload, container })
    }
}

/// The pipeline page as data.
#[utoipa::path(get, path = "/maps/{map}/tasks", tag = "tasks", responses((status = 200, body = MapTasks)))]
async fn list(State(app): State<AppState>, Who(who): Who, format: Format, Path(map): Path<Name>) -> Answer {
    let tasks = app.engine.map_tasks(&who, &map).await?;
    let text = || tasks.workloads.iter().map(|workload| lines(&workload.tasks)).collect::<Vec<_>>().join("\n");
    Ok(format.with(StatusCode::OK, &tasks, text))
}

/// One task.
#[utoipa::path(
    get,
    path = "/maps/{map}/tasks/{kind}/{workload}/{container}",
    tag = "tasks",
    responses((status = 200, body = Task)),
)]
async fn show(State(app): State<AppState>, Who(who): Who, format: Format, Path(path): Path<TaskPath>) -> Answer {
    let (map, task) = path.parts();
    Ok(format.one(&app.engine.task(&who, &map, &task).await?))
}

/// Chooses the next version, without touching the cluster.
#[utoipa::path(
    put,
    path = "/maps/{map}/tasks/{kind}/{workload}/{container}/selection",
    tag = "tasks",
    request_body = NewSelection,
    responses((status = 200, body = Task)),
)]
async fn select(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(path): Path<TaskPath>,
    Json(new): Json<NewSelection>,
) -> Answer {
    let (map, task) = path.parts();
    Ok(format.one(&app.engine.select(&who, &map, &task, new).await?))
}

/// Goes back to what is chosen by default.
#[utoipa::path(
    delete,
    path = "/maps/{map}/tasks/{kind}/{workload}/{container}/selection",
    tag = "tasks",
    responses((status = 200, body = Task)),
)]
async fn clear(State(app): State<AppState>, Who(who): Who, format: Format, Path(path): Path<TaskPath>) -> Answer {
    let (map, task) = path.parts();
    Ok(format.one(&app.engine.clear_selection(&who, &map, &task).await?))
}
