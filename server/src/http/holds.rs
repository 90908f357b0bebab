use super::{
    Answer,
    extract::{Format, Json, Path},
    tasks::TaskPath,
};
use crate::{auth::Who, state::AppState};
use axum::extract::State;
use types::task::{NewHold, Task};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(put, lift))
}

/// Holds the task: `latest` and automation respect it, people pass it with a reason.
#[utoipa::path(
    put,
    path = "/maps/{map}/tasks/{kind}/{workload}/{container}/hold",
    tag = "tasks",
    request_body = NewHold,
    responses((status = 200, body = Task)),
)]
async fn put(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(path): Path<TaskPath>,
    Json(new): Json<NewHold>,
) -> Answer {
    let (map, task) = path.parts();
    Ok(format.one(&app.engine.put_hold(&who, &map, &task, new).await?))
}

/// Lifts the hold; one of somebody else needs the scope `rollback`.
#[utoipa::path(
    delete,
    path = "/maps/{map}/tasks/{kind}/{workload}/{container}/hold",
    tag = "tasks",
    responses((status = 200, body = Task)),
)]
async fn lift(State(app): State<AppState>, Who(who): Who, format: Format, Path(path): Path<TaskPath>) -> Answer {
    let (map, task) = path.parts();
    Ok(format.one(&app.engine.lift_hold(&who, &map, &task).await?))
}
