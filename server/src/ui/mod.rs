//! The pages: rendered by the app's crate; this side gives it the engine, who asks, and the files.

mod assets;
mod guard;
mod policy;

pub(crate) use assets::routes as asset_routes;
pub(crate) use guard::sign_in_path;

use crate::{auth::Visitor, http::not_found, state::AppState};
use axum::{
    Router,
    extract::{Request, State},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
};
use engine::Principal;
use http::{Method, StatusCode, header::ACCEPT, request::Parts};
use leptos::prelude::{LeptosOptions, provide_context, use_context};
use leptos_axum::{LeptosRoutes, generate_route_list, render_app_to_stream_with_context};

/// The options that leptos asks for; addresses of files come from the manifest instead.
pub(crate) fn leptos_options() -> LeptosOptions {
    LeptosOptions::builder().output_name("slipway").build()
}

/// All pages and the server functions that they call.
pub(crate) fn routes(app: &AppState) -> Router<AppState> {
    let options = app.web.leptos.clone();
    Router::new()
        .leptos_routes_with_context(app, generate_route_list(app::App), context(app), move || {
            app::shell(options.clone())
        })
        .layer(from_fn_with_state(app.clone(), guard::know_visitor))
}

/// What the pages and server functions find in their context.
fn context(app: &AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let engine = app.engine.clone();
    move || {
        let visitor = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Visitor>().cloned());
        let who: Option<Principal> = visitor.and_then(|it| it.0).map(|caller| caller.who);
        provide_context(engine.clone());
        provide_context(who);
        provide_context(assets::addresses());
        policy::set();
    }
}

/// What nothing else answers: a page that says so to a reader, a problem to a program.
pub(crate) async fn fallback(State(app): State<AppState>, request: Request) -> Response {
    if !wants_page(&request) {
        return not_found().await.into_response();
    }
    match guard::visit(&app, request).await {
        Ok(request) => {
            let options = app.web.leptos.clone();
            let render = render_app_to_stream_with_context(context(&app), move || app::shell(options.clone()));
            let mut response = render(request).await;
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
        Err(response) => response,
    }
}

fn wants_page(request: &Request) -> bool {
    let path = request.uri().path();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let html = request.headers().get(ACCEPT).and_then(|it| it.to_str().ok()).is_some_and(|it| it.contains("text/html"));
    reads && html && !path.starts_with("/api/") && !path.starts_with("/pkg/")
}
