//! New runs made of old ones: retry and undo.

use super::{
    Answer,
    extract::{Format, Path, Query, Start},
    runs::wait_for_start,
    wait::WaitQuery,
};
use crate::{auth::Who, state::AppState};
use axum::extract::State;
use types::{
    history::{RetryRun, UndoRun},
    run::Run,
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(retry)).routes(routes!(undo))
}

/// Runs again what did not succeed, to the same digests. The old run gets `retried_by`.
#[utoipa::path(
    post,
    path = "/runs/{run}/retry",
    tag = "runs",
    params(WaitQuery, Start<RetryRun>),
    request_body = RetryRun,
    responses(
        (status = 200, description = "Settled, with `wait`", body = Run),
        (
            status = 202,
            description = "Accepted: a new run",
            body = Run,
            headers(("Location" = String), ("Idempotent-Replayed" = String)),
        ),
        (status = 409, description = "`nothing_to_do`; `in_progress`: it is not settled"),
        (status = 424, description = "With `expect`: `run_failed`, `not_settled`; `run` is the run"),
    ),
)]
async fn retry(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(id): Path<Uuid>,
    Query(wait): Query<WaitQuery>,
    new: Start<RetryRun>,
) -> Answer {
    let waiting = wait.checked()?;
    let started = app.engine.retry_run(&who, id, new.body, new.idempotency).await?;
    let started = wait_for_start(&app, &who, started, waiting).await?;
    Ok(waiting.started(&app, format, &started))
}

/// Takes what the run has changed back to its sources, the last wave first. The old run gets `undone_by`.
#[utoipa::path(
    post,
    path = "/runs/{run}/undo",
    tag = "runs",
    params(WaitQuery, Start<UndoRun>),
    request_body = UndoRun,
    responses(
        (status = 200, description = "Settled, with `wait`", body = Run),
        (
            status = 202,
            description = "Accepted: a new run",
            body = Run,
            headers(("Location" = String), ("Idempotent-Replayed" = String)),
        ),
        (status = 409, description = "`nothing_to_do`; `in_progress`: it is not settled"),
        (status = 424, description = "With `expect`: `run_failed`, `not_settled`; `run` is the run"),
    ),
)]
async fn undo(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(id): Path<Uuid>,
    Query(wait): Query<WaitQuery>,
    new: Start<UndoRun>,
) -> Answer {
    let waiting = wait.checked()?;
    let started = app.engine.undo_run(&who, id, new.body, new.idempotency).await?;
    let started = wait_for_start(&app, &who, started, waiting).await?;
    Ok(waiting.started(&app, format, &started))
}
