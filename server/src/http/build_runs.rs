use super::{
    Answer, Problem,
    extract::{Format, MergePatch, PageQuery, Path, Query, Start, located},
    wait::{Settles, WaitQuery, Waiting},
};
use crate::{auth::Who, state::AppState, telemetry};
use axum::{extract::State, response::IntoResponse};
use engine::{Principal, Started};
use http::StatusCode;
use serde::Deserialize;
use std::time::Duration;
use types::{
    Name, Page,
    build::Build,
    build_run::{BuildRun, BuildRunPatch, NewBuildRun, TryStep},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(start, list))
        .routes(routes!(try_step))
        .routes(routes!(show, change, remove))
        .routes(routes!(show_flow))
        .routes(routes!(cancel))
}

/// A build run in an address.
#[derive(Deserialize)]
struct BuildRunPath {
    build: Name,
    number: u32,
}

/// Runs a build.
#[utoipa::path(
    post,
    path = "/builds/{build}/runs",
    tag = "builds",
    params(WaitQuery, Start<NewBuildRun>),
    request_body = NewBuildRun,
    responses(
        (status = 200, description = "Settled, with `wait`", body = BuildRun),
        (
            status = 202,
            description = "Accepted",
            body = BuildRun,
            headers(("Location" = String), ("Idempotent-Replayed" = String)),
        ),
        (status = 409, description = "`in_progress`"),
        (status = 424, description = "With `expect`: `run_failed`, `not_settled`; `run` is the build run"),
        (status = 429, description = "`queue_full`, `too_many`"),
    ),
)]
async fn start(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(build): Path<Name>,
    Query(wait): Query<WaitQuery>,
    new: Start<NewBuildRun>,
) -> Answer {
    let waiting = wait.checked()?;
    let started = app.engine.start_build_run(&who, &build, new.body, new.idempotency).await?;
    if !started.replayed {
        telemetry::count_start("build");
    }
    answer_started(&app, &who, format, &build, &waiting, started).await
}

/// The run as it is when the waiting ends.
async fn answer_started(
    app: &AppState,
    who: &Principal,
    format: Format,
    build: &Name,
    waiting: &Waiting,
    mut started: Started<BuildRun>,
) -> Answer {
    if let Some(timeout) = waiting.timeout {
        let path = BuildRunPath { build: build.clone(), number: started.value.number };
        started.value = wait_for(app, who, &path, timeout).await?;
    }
    Ok(waiting.started(app, format, &started))
}

/// Tries one step, stored or not, in a work space that is thrown away. Nothing is pushed.
#[utoipa::path(
    post,
    path = "/builds/{build}/try",
    tag = "builds",
    params(WaitQuery, Start<TryStep>),
    request_body = TryStep,
    responses(
        (status = 200, description = "Settled, with `wait`", body = BuildRun),
        (
            status = 202,
            description = "Accepted",
            body = BuildRun,
            headers(("Location" = String), ("Idempotent-Replayed" = String)),
        ),
        (status = 409, description = "`in_progress`"),
        (status = 424, description = "With `expect`: `run_failed`, `not_settled`; `run` is the build run"),
        (status = 429, description = "`queue_full`, `too_many`"),
    ),
)]
async fn try_step(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(build): Path<Name>,
    Query(wait): Query<WaitQuery>,
    new: Start<TryStep>,
) -> Answer {
    let waiting = wait.checked()?;
    let started = app.engine.try_step(&who, &build, new.body, new.idempotency).await?;
    answer_started(&app, &who, format, &build, &waiting, started).await
}

/// Runs of a build, newest first.
#[utoipa::path(
    get,
    path = "/builds/{build}/runs",
    tag = "builds",
    params(PageQuery),
    responses((status = 200, body = Page<BuildRun>)),
)]
async fn list(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(build): Path<Name>,
    page: PageQuery,
) -> Answer {
    Ok(format.list(&app.engine.build_runs(&who, &build, page.checked()?).await?))
}

/// The flow that a run ran, as it was then.
#[utoipa::path(
    get,
    path = "/builds/{build}/runs/{number}/flow",
    tag = "builds",
    responses((status = 200, body = Build)),
)]
async fn show_flow(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(path): Path<BuildRunPath>,
) -> Answer {
    Ok(format.one(&app.engine.build_run_flow(&who, &path.build, path.number).await?))
}

/// One run of a build.
#[utoipa::path(
    get,
    path = "/builds/{build}/runs/{number}",
    tag = "builds",
    params(WaitQuery),
    responses(
        (status = 200, body = BuildRun),
        (status = 202, description = "The time is up; it goes on", body = BuildRun, headers(("Location" = String))),
        (status = 424, description = "With `expect`: `run_failed`, `not_settled`; `run` is the build run"),
    ),
)]
async fn show(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(path): Path<BuildRunPath>,
    Query(wait): Query<WaitQuery>,
) -> Answer {
    let waiting = wait.checked()?;
    let run = match waiting.timeout {
        Some(timeout) => wait_for(&app, &who, &path, timeout).await?,
        None => app.engine.build_run(&who, &path.build, path.number).await?,
    };
    Ok(waiting.read(&app, format, &run))
}

/// Changes the note, or whether the run is rejected.
#[utoipa::path(
    patch,
    path = "/builds/{build}/runs/{number}",
    tag = "builds",
    request_body(content = BuildRunPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, body = BuildRun)),
)]
async fn change(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(path): Path<BuildRunPath>,
    MergePatch(patch): MergePatch<BuildRunPatch>,
) -> Answer {
    Ok(format.one(&app.engine.patch_build_run(&who, &path.build, path.number, patch).await?))
}

/// Removes a run that is settled, with its log.
#[utoipa::path(
    delete,
    path = "/builds/{build}/runs/{number}",
    tag = "builds",
    responses((status = 204), (status = 409, description = "`in_use`, `in_progress`")),
)]
async fn remove(State(app): State<AppState>, Who(who): Who, Path(path): Path<BuildRunPath>) -> Answer {
    app.engine.delete_build_run(&who, &path.build, path.number).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Cancels a run of a build.
#[utoipa::path(
    post,
    path = "/builds/{build}/runs/{number}/cancel",
    tag = "builds",
    responses(
        (status = 202, body = BuildRun, headers(("Location" = String))),
        (status = 409, description = "`settled`"),
    ),
)]
async fn cancel(State(app): State<AppState>, Who(who): Who, format: Format, Path(path): Path<BuildRunPath>) -> Answer {
    let run = app.engine.cancel_build_run(&who, &path.build, path.number).await?;
    Ok(located(format.with(StatusCode::ACCEPTED, &run, || run.text()), &app.web.api_path(&run.path())))
}

/// When Slipway stops, the waiting ends as if its time were up; the sender asks again.
async fn wait_for(
    app: &AppState,
    who: &Principal,
    path: &BuildRunPath,
    timeout: Duration,
) -> Result<BuildRun, Problem> {
    tokio::select! {
        run = app.engine.wait_for_build_run(who, &path.build, path.number, timeout) => Ok(run?),
        () = app.web.stopping.cancelled() => Ok(app.engine.build_run(who, &path.build, path.number).await?),
    }
}
