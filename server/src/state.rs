//! What every handler can reach.

use crate::{auth::SessionCookie, config::PublicUrl, ws::Seats};
use axum::extract::FromRef;
use engine::Engine;
use ipnet::IpNet;
use leptos::config::LeptosOptions;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub engine: Engine,
    pub web: Arc<Web>,
}

/// What the HTTP side itself needs to know.
pub struct Web {
    pub url: PublicUrl,
    pub cookie: SessionCookie,
    /// Whose forwarding headers count.
    pub trusted_proxies: Vec<IpNet>,
    pub leptos: LeptosOptions,
    /// `None` where no recorder is installed, as in tests.
    pub metrics: Option<PrometheusHandle>,
    /// Cancelled as soon as Slipway stops: no new work, streams end.
    pub stopping: CancellationToken,
    pub(crate) seats: Seats,
    /// Open sockets, to be waited for when Slipway stops.
    pub(crate) sockets: TaskTracker,
}

impl Web {
    pub fn new(url: PublicUrl, trusted_proxies: Vec<IpNet>, metrics: Option<PrometheusHandle>) -> Self {
        Self {
            cookie: SessionCookie::new(&url),
            leptos: crate::ui::leptos_options(),
            stopping: CancellationToken::new(),
            seats: Seats::default(),
            sockets: TaskTracker::new(),
            url,
            trusted_proxies,
            metrics,
        }
    }

    /// The address of a thing of the API, for `Location`.
    pub(crate) fn api_path(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.url.prefix())
    }
}

impl FromRef<AppState> for Engine {
    fn from_ref(app: &AppState) -> Self {
        app.engine.clone()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(app: &AppState) -> Self {
        app.web.leptos.clone()
    }
}
