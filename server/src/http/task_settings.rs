use super::{
    Answer,
    extract::{Format, Json, Path},
    tasks::TaskPath,
};
use crate::{auth::Who, state::AppState};
use axum::extract::State;
use types::task::{Task, TaskSettings};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(put, clear))
}

/// Sets what the task does otherwise than its map says: how images are written, the deadline of a rollout, and whether
/// one that passes it goes back by itself. Runs that were accepted before keep to what held then.
#[utoipa::path(
    put,
    path = "/maps/{map}/tasks/{kind}/{workload}/{container}/settings",
    tag = "tasks",
    request_body = TaskSettings,
    responses((status = 200, body = Task)),
)]
async fn put(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(path): Path<TaskPath>,
    Json(new): Json<TaskSettings>,
) -> Answer {
    let (map, task) = path.parts();
    Ok(format.one(&app.engine.put_task_settings(&who, &map, &task, new).await?))
}

/// Lets the task do all as its map says.
#[utoipa::path(
    delete,
    path = "/maps/{map}/tasks/{kind}/{workload}/{container}/settings",
    tag = "tasks",
    responses((status = 200, body = Task)),
)]
async fn clear(State(app): State<AppState>, Who(who): Who, format: Format, Path(path): Path<TaskPath>) -> Answer {
    let (map, task) = path.parts();
    Ok(format.one(&app.engine.put_task_settings(&who, &map, &task, TaskSettings::default()).await?))
}
