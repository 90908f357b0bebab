//! All routes, and what stands before them.

use crate::{
    auth::refuse_cross_site,
    explorer, http,
    middleware::{compress, finish, know_client, limit_body, refuse_work_while_stopping, secure_headers},
    openapi,
    state::AppState,
    ui,
};
use axum::{Router, middleware::from_fn, middleware::from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;

/// The whole of Slipway over HTTP. Layers run from the last to the first.
pub fn router(app: AppState) -> Router {
    let (api, _) = openapi::api().split_for_parts();
    Router::new()
        .merge(api)
        .merge(explorer::routes())
        .merge(ui::asset_routes())
        .merge(ui::routes(&app))
        .fallback(ui::fallback)
        .method_not_allowed_fallback(http::method_not_allowed)
        .layer(from_fn_with_state(app.clone(), refuse_work_while_stopping))
        .layer(from_fn_with_state(app.clone(), refuse_cross_site))
        .layer(from_fn(limit_body))
        .layer(from_fn_with_state(app.clone(), know_client))
        .layer(CatchPanicLayer::custom(http::after_panic))
        .layer(compress())
        .layer(from_fn(secure_headers))
        .layer(from_fn(finish))
        .with_state(app)
}
