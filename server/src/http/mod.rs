//! The REST side: one file per noun, each handler extracts, calls and wraps.

mod again;
mod build_runs;
mod builds;
mod clusters;
mod digests;
mod engines;
mod error;
mod extract;
mod freezes;
mod health;
mod history;
mod holds;
mod lines;
mod log_path;
mod log_text;
mod logs;
mod maps;
mod metrics;
mod plan;
mod plans;
mod range;
mod registries;
mod rollback;
mod run_changes;
mod run_events;
mod runs;
mod secrets;
mod session;
mod task_settings;
mod tasks;
mod tokens;
mod version;
mod wait;

use axum::response::Response;

pub(crate) use error::{Problem, after_panic, method_not_allowed, not_found};
pub(crate) use extract::{Path, Query};
pub(crate) use health::healthz;
pub(crate) use log_path::{BuildLog, ItemLog};
pub(crate) use metrics::exposition;
pub use version::product_version;

use crate::state::AppState;
use utoipa_axum::router::OpenApiRouter;

/// What every handler answers with.
type Answer = Result<Response, Problem>;

/// All routes under `/api/v1`.
pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(session::routes())
        .merge(clusters::routes())
        .merge(registries::routes())
        .merge(engines::routes())
        .merge(maps::routes())
        .merge(tasks::routes())
        .merge(task_settings::routes())
        .merge(holds::routes())
        .merge(freezes::routes())
        .merge(history::routes())
        .merge(rollback::routes())
        .merge(plan::routes())
        .merge(plans::routes())
        .merge(runs::routes())
        .merge(again::routes())
        .merge(run_events::routes())
        .merge(builds::routes())
        .merge(build_runs::routes())
        .merge(logs::routes())
        .merge(secrets::routes())
        .merge(tokens::routes())
        .merge(digests::routes())
        .merge(version::routes())
        .merge(crate::ws::routes())
        .merge(crate::explorer::api_routes())
}

/// Routes at the root.
pub(crate) fn root_routes() -> OpenApiRouter<AppState> {
    health::routes().merge(metrics::routes())
}
