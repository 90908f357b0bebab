use super::{
    Answer, Problem,
    extract::{Format, Json, Path, Query, Start, located, paged},
    wait::{Settles, WaitQuery, Waiting},
};
use crate::{auth::Who, state::AppState, telemetry};
use axum::extract::State;
use engine::{Principal, RunFilter, Started};
use http::StatusCode;
use serde::Deserialize;
use std::time::Duration;
use types::{
    Name, Page, TaskId, Time,
    run::{CancelRun, NewRun, Run, RunKind, RunStatus},
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(start)).routes(routes!(list)).routes(routes!(show)).routes(routes!(cancel))
}

/// Which runs.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RunsQuery {
    map: Option<Name>,
    status: Option<RunStatus>,
    kind: Option<RunKind>,
    task: Option<TaskId>,
    /// Who asked for it.
    by: Option<String>,
    since: Option<Time>,
    until: Option<Time>,
    /// Most items of the answer.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Runs tasks, one or many: all or nothing.
#[utoipa::path(
    post,
    path = "/maps/{map}/runs",
    tag = "runs",
    params(WaitQuery, Start<NewRun>),
    request_body = NewRun,
    responses(
        (status = 200, description = "Settled, with `wait`", body = Run),
        (
            status = 202,
            description = "Accepted",
            body = Run,
            headers(("Location" = String), ("Idempotent-Replayed" = String)),
        ),
        (status = 409, description = "`plan_stale`: `plan` is the new one; `in_progress`"),
        (status = 424, description = "With `expect`: `run_failed`, `not_settled`; `run` is the run"),
    ),
)]
async fn start(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(map): Path<Name>,
    Query(wait): Query<WaitQuery>,
    new: Start<NewRun>,
) -> Answer {
    let waiting = wait.checked()?;
    let started = app.engine.start_run(&who, &map, new.body, new.idempotency).await?;
    let started = wait_for_start(&app, &who, started, waiting).await?;
    Ok(waiting.started(&app, format, &started))
}

/// Runs, newest first.
#[utoipa::path(get, path = "/runs", tag = "runs", params(RunsQuery), responses((status = 200, body = Page<Run>)))]
async fn list(State(app): State<AppState>, Who(who): Who, format: Format, Query(query): Query<RunsQuery>) -> Answer {
    let RunsQuery { map, status, kind, task, by, since, until, limit, cursor } = query;
    let filter = RunFilter { map, status, kind, task, by, since, until };
    Ok(format.list(&app.engine.runs(&who, filter, paged(limit, cursor)?).await?))
}

/// One run.
#[utoipa::path(
    get,
    path = "/runs/{run}",
    tag = "runs",
    params(WaitQuery),
    responses(
        (status = 200, body = Run),
        (status = 202, description = "The time is up; it goes on", body = Run, headers(("Location" = String))),
        (status = 424, description = "With `expect`: `run_failed`, `not_settled`; `run` is the run"),
    ),
)]
async fn show(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(id): Path<Uuid>,
    Query(wait): Query<WaitQuery>,
) -> Answer {
    let waiting = wait.checked()?;
    let run = match waiting.timeout {
        Some(timeout) => wait_for(&app, &who, id, timeout).await?,
        None => app.engine.run(&who, id).await?,
    };
    Ok(waiting.read(&app, format, &run))
}

/// Cancels a run: what is queued stops, what rolls on is left or, with `rollback`, undone.
#[utoipa::path(
    post,
    path = "/runs/{run}/cancel",
    tag = "runs",
    request_body = CancelRun,
    responses(
        (status = 202, body = Run, headers(("Location" = String))),
        (status = 409, description = "`settled`"),
    ),
)]
async fn cancel(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(id): Path<Uuid>,
    Json(cancel): Json<CancelRun>,
) -> Answer {
    let run = app.engine.cancel_run(&who, id, cancel).await?;
    Ok(located(format.with(StatusCode::ACCEPTED, &run, || run.text()), &app.web.api_path(&run.path())))
}

/// Counts a run that has begun, and waits for it where that was asked for.
pub(super) async fn wait_for_start(
    app: &AppState,
    who: &Principal,
    mut started: Started<Run>,
    waiting: Waiting,
) -> Result<Started<Run>, Problem> {
    if !started.replayed {
        telemetry::count_start("run");
    }
    if let Some(timeout) = waiting.timeout {
        started.value = wait_for(app, who, started.value.id, timeout).await?;
    }
    Ok(started)
}

/// When Slipway stops, the waiting ends as if its time were up; the sender asks again.
async fn wait_for(app: &AppState, who: &Principal, id: Uuid, timeout: Duration) -> Result<Run, Problem> {
    tokio::select! {
        run = app.engine.wait_for_run(who, id, timeout) => Ok(run?),
        () = app.web.stopping.cancelled() => Ok(app.engine.run(who, id).await?),
    }
}
