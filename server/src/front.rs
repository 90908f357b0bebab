//! What answers from the first moment on: until the engine is up, `/healthz` and nothing else.

use crate::{
    http::{Problem, healthz},
    middleware::{finish, secure_headers},
};
use axum::{Router, extract::Request, middleware::from_fn, response::Response, routing::get};
use std::{
    convert::Infallible,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};
use tower::Service;
use types::ErrorCode;

/// A service that hands over to the real router once there is one.
#[derive(Clone)]
pub struct Front {
    starting: Router,
    ready: Arc<OnceLock<Router>>,
}

impl Front {
    pub fn new() -> Self {
        let starting = Router::new()
            .route("/healthz", get(healthz))
            .fallback(starting)
            .layer(from_fn(secure_headers))
            .layer(from_fn(finish));
        Self { starting, ready: Arc::default() }
    }

    /// From now on `router` answers; a second call changes nothing.
    pub fn hand_over(&self, router: Router) {
        self.ready.get_or_init(|| router);
    }
}

impl Default for Front {
    fn default() -> Self {
        Self::new()
    }
}

async fn starting() -> Problem {
    Problem::new(ErrorCode::Stopping, "Slipway is starting. Try again in a moment.").with("retry_after_s", 1)
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = <Router as Service<Request>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let router = self.ready.get().unwrap_or(&self.starting);
        router.clone().call(request)
    }
}
