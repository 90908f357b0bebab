use super::{
    Answer,
    extract::{Format, Path, Query, paged},
    tasks::TaskPath,
};
use crate::{auth::Who, state::AppState};
use axum::extract::State;
use serde::Deserialize;
use types::{
    Name, Page,
    history::{HistoryDiff, HistoryEntry},
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(of_map)).routes(routes!(of_task)).routes(routes!(diff))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HistoryQuery {
    /// Most items of the answer.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Two entries of the history of one task.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DiffQuery {
    /// `id` of the entry that is compared with.
    from: Uuid,
    /// `id` of the other.
    to: Uuid,
}

/// Every version that ran, of every task of a map, newest first.
#[utoipa::path(
    get,
    path = "/maps/{map}/history",
    tag = "history",
    params(HistoryQuery),
    responses((status = 200, body = Page<HistoryEntry>)),
)]
async fn of_map(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(map): Path<Name>,
    Query(query): Query<HistoryQuery>,
) -> Answer {
    let page = paged(query.limit, query.cursor)?;
    Ok(format.list(&app.engine.history(&who, &map, None, page).await?))
}

/// Every version that ran, newest first.
#[utoipa::path(
    get,
    path = "/maps/{map}/tasks/{kind}/{workload}/{container}/history",
    tag = "history",
    params(HistoryQuery),
    responses((status = 200, body = Page<HistoryEntry>)),
)]
async fn of_task(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(path): Path<TaskPath>,
    Query(query): Query<HistoryQuery>,
) -> Answer {
    let (map, task) = path.parts();
    let page = paged(query.limit, query.cursor)?;
    Ok(format.list(&app.engine.history(&who, &map, Some(&task), page).await?))
}

/// How two versions that ran differ: size, configuration, and commits where labels tell them.
#[utoipa::path(
    get,
    path = "/maps/{map}/tasks/{kind}/{workload}/{container}/history/diff",
    tag = "history",
    params(DiffQuery),
    responses((status = 200, body = HistoryDiff)),
)]
async fn diff(
    State(app): State<AppState>,
    Who(who): Who,
    format: Format,
    Path(path): Path<TaskPath>,
    Query(query): Query<DiffQuery>,
) -> Answer {
    let (map, task) = path.parts();
    Ok(format.one(&app.engine.history_diff(&who, &map, &task, query.from, query.to).await?))
}
