use super::{
    Answer,
    extract::{Format, Path, Query, Start, paged},
    runs::wait_for_start,
    tasks::TaskPath,
    wait::WaitQuery,
};
use crate::{auth::Who, state::AppState};
use axum::extract::State;
use serde::Deserialize;
use types::{
    Page,
    history::{Candidate, NewRollback},
    run::Run,
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(candidates, roll_back))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CandidatesQuery {
    /// Most items of the answer.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
}

/// The versions that the task could go back to, newest first; each is checked now, and one that is gone says so.
#[utoipa::path(
    get,
    path = "/maps/{map}/tasks/{kind}/{workload}/{container}/rollback",
    tag = "history",
    params(CandidatesQuery),
    responses((status = 200, body = Page<Candidate>)),
)]
async fn candidates(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(path): Path<TaskPath>,
    Query(query): Query<CandidatesQuery>,
) -> Answer {
    let (map, task) = path.parts();
    let page = paged(query.limit, None)?;
    Ok(format.list(&app.engine.rollback_candidates(&who, &map, &task, page).await?))
}

/// Takes the task back to a version that its history has, past everything that waits.
#[utoipa::path(
    post,
    path = "/maps/{map}/tasks/{kind}/{workload}/{container}/rollback",
    tag = "history",
    params(WaitQuery, Start<NewRollback>),
    request_body = NewRollback,
    responses(
        (status = 200, description = "Settled, with `wait`", body = Run),
        (
            status = 202,
            description = "Accepted",
            body = Run,
            headers(("Location" = String), ("Idempotent-Replayed" = String)),
        ),
        (status = 424, description = "With `expect`: `run_failed`, `not_settled`; `run` is the run"),
    ),
)]
async fn roll_back(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(path): Path<TaskPath>,
    Query(wait): Query<WaitQuery>,
    new: Start<NewRollback>,
) -> Answer {
    let waiting = wait.checked()?;
    let (map, task) = path.parts();
    let started = app.engine.roll_back(&who, &map, &task, new.body, new.idempotency).await?;
    let started = wait_for_start(&app, &who, started, waiting).await?;
    Ok(waiting.started(&app, format, &started))
}
