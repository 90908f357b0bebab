use super::{
    Answer, Problem,
    extract::{Format, Path, Query, lines},
    log_path::{BuildLog, ItemLog},
    log_text::{TextQuery, text},
};
use crate::{auth::Caller, state::AppState};
use axum::{extract::State, http::HeaderMap};
use engine::LogName;
use http::StatusCode;
use serde::Deserialize;
use types::log::LogWindow;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Lines of a window where no limit is said.
const LIMIT_DEFAULT: u32 = 1_000;
/// Most lines of a window: of the longest lines some 80 MB, which one answer still bears.
const LIMIT_MAX: u32 = 5_000;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(build_window))
        .routes(routes!(build_text))
        .routes(routes!(item_window))
        .routes(routes!(item_text))
}

/// Which lines.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WindowQuery {
    /// Number of the first line; negative counts from the end.
    #[param(default = 1)]
    from: Option<i64>,
    /// Most lines of the answer.
    #[param(minimum = 1, maximum = 5000, default = 1000)]
    limit: Option<u32>,
}

impl WindowQuery {
    fn checked(&self) -> Result<(i64, u32), Problem> {
        match (self.from.unwrap_or(1), self.limit.unwrap_or(LIMIT_DEFAULT)) {
            (0, _) => Err(Problem::field("from", "must be 1 or more, or negative to count from the end")),
            (from, limit @ 1..=LIMIT_MAX) => Ok((from, limit)),
            (_, limit) => Err(Problem::field("limit", format!("must be 1 to {LIMIT_MAX}; it is {limit}"))),
        }
    }
}

/// A window of lines of the log of a build run.
#[utoipa::path(
    get,
    path = "/builds/{build}/runs/{number}/log",
    tag = "logs",
    params(WindowQuery),
    responses((status = 200, body = LogWindow), (status = 410, description = "`log_expired`")),
)]
async fn build_window(
    State(app): State<AppState>,
    caller: Caller,
    format: Format,
    Path(log): Path<BuildLog>,
    Query(query): Query<WindowQuery>,
) -> Answer {
    window(&app, &caller, format, log.into(), &query).await
}

/// A window of lines of the log of an item.
#[utoipa::path(
    get,
    path = "/runs/{run}/items/{n}/log",
    tag = "logs",
    params(WindowQuery),
    responses((status = 200, body = LogWindow), (status = 410, description = "`log_expired`")),
)]
async fn item_window(
    State(app): State<AppState>,
    caller: Caller,
    format: Format,
    Path(log): Path<ItemLog>,
    Query(query): Query<WindowQuery>,
) -> Answer {
    window(&app, &caller, format, log.into(), &query).await
}

/// The log of a build run as raw text.
#[utoipa::path(
    get,
    path = "/builds/{build}/runs/{number}/log.txt",
    tag = "logs",
    params(TextQuery, ("Range" = Option<String>, Header, description = "Some of its bytes, as in `bytes=0-999`")),
    responses(
        (status = 200, content_type = "text/plain; charset=utf-8", body = String),
        (
            status = 206,
            description = "Some of its bytes",
            content_type = "text/plain; charset=utf-8",
            body = String,
            headers(("Content-Range" = String)),
        ),
        (status = 410, description = "`log_expired`"),
        (status = 416, description = "`range_not_satisfiable`"),
    ),
)]
async fn build_text(
    State(app): State<AppState>,
    caller: Caller,
    Path(log): Path<BuildLog>,
    Query(query): Query<TextQuery>,
    headers: HeaderMap,
) -> Answer {
    text(app, caller, log.into(), query, &headers).await
}

/// The log of an item as raw text.
#[utoipa::path(
    get,
    path = "/runs/{run}/items/{n}/log.txt",
    tag = "logs",
    params(TextQuery, ("Range" = Option<String>, Header, description = "Some of its bytes, as in `bytes=0-999`")),
    responses(
        (status = 200, content_type = "text/plain; charset=utf-8", body = String),
        (
            status = 206,
            description = "Some of its bytes",
            content_type = "text/plain; charset=utf-8",
            body = String,
            headers(("Content-Range" = String)),
        ),
        (status = 410, description = "`log_expired`"),
        (status = 416, description = "`range_not_satisfiable`"),
    ),
)]
async fn item_text(
    State(app): State<AppState>,
    caller: Caller,
    Path(log): Path<ItemLog>,
    Query(query): Query<TextQuery>,
    headers: HeaderMap,
) -> Answer {
    text(app, caller, log.into(), query, &headers).await
}

async fn window(app: &AppState, caller: &Caller, format: Format, log: LogName, query: &WindowQuery) -> Answer {
    let (from, limit) = query.checked()?;
    let window = app.engine.log_window(&caller.who, &log, from, limit).await?;
    Ok(format.with(StatusCode::OK, &window, || lines(&window.lines)))
}
