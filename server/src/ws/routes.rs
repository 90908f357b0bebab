use super::{subject::Subject, upgrade::Upgrade};
use crate::{
    http::{BuildLog, ItemLog, Path, Query},
    state::AppState,
};
use axum::response::Response;
use serde::Deserialize;
use types::{
    Name,
    event::{LogFrame, MapFrame},
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(build_log)).routes(routes!(item_log)).routes(routes!(map_events))
}

/// Where the reader stands.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LogAfter {
    /// Number of the last line that the reader has; 0: none.
    #[serde(default)]
    after: u64,
}

/// Where the reader stands.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MapAfter {
    /// The last `seq` that the reader has, also from `GET …/tasks`.
    after: Option<String>,
}

/// WebSocket: the log of a build run, from a line on, live. Close codes: 1000 after `end`, 1001
/// restart (reconnect), 4401 session over, 4403 right lost, 4404, 4429 too many.
#[utoipa::path(
    get,
    path = "/builds/{build}/runs/{number}/log/ws",
    tag = "logs",
    params(LogAfter),
    responses((status = 101, description = "Frames of text, each one JSON object with one key", body = LogFrame)),
)]
async fn build_log(
    Path(log): Path<BuildLog>,
    Query(LogAfter { after }): Query<LogAfter>,
    upgrade: Upgrade,
) -> Response {
    upgrade.about(Subject::Log { log: log.into(), after })
}

/// WebSocket: the log of an item of a run, from a line on, live. Close codes as for build runs.
#[utoipa::path(
    get,
    path = "/runs/{run}/items/{n}/log/ws",
    tag = "logs",
    params(LogAfter),
    responses((status = 101, description = "Frames of text, each one JSON object with one key", body = LogFrame)),
)]
async fn item_log(Path(log): Path<ItemLog>, Query(LogAfter { after }): Query<LogAfter>, upgrade: Upgrade) -> Response {
    upgrade.about(Subject::Log { log: log.into(), after })
}

/// WebSocket: what changes in a map, each object whole. Close codes as for logs.
#[utoipa::path(
    get,
    path = "/maps/{map}/events",
    tag = "maps",
    params(MapAfter),
    responses(
        (
            status = 101,
            description = "Frames of text, each one JSON object with `seq` and one other key",
            body = MapFrame,
        ),
    ),
)]
async fn map_events(Path(map): Path<Name>, Query(MapAfter { after }): Query<MapAfter>, upgrade: Upgrade) -> Response {
    upgrade.about(Subject::Map { map, after })
}
