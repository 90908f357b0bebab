//! What is measured and logged about the server itself.

use crate::config::LogFormat;
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// How often old samples of the histograms are let go.
const UPKEEP_EVERY: Duration = Duration::from_secs(30);

/// Bounds of the duration of requests, in seconds: from a cached page to the longest wait.
const REQUEST_SECONDS: [f64; 10] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 600.0];

/// What others log at every start and nobody asked for; a filter that names it goes before.
const QUIET: &str = "sea_orm_migration=warn";

/// What goes behind any filter: below this, the libraries of transfers write out what they send, passwords among it.
const SECRETIVE: &str = "suppaftp=info,russh=info,russh_sftp=info";

/// Logs go to standard error, so that what a command prints can be piped.
pub fn start_log(filter: &str, format: LogFormat) {
    let filter = quiet(filter);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if let Err(why) = started {
        tracing::debug!(%why, "the log was started before");
    }
}

fn quiet(filter: &str) -> EnvFilter {
    EnvFilter::try_new(format!("{QUIET},{filter},{SECRETIVE}")).unwrap_or_else(|_| EnvFilter::new("info"))
}

/// Installs the recorder of figures; once in a process.
pub fn start_metrics() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new().set_buckets(&REQUEST_SECONDS)?.install_recorder()?;
    metrics::describe_counter!("slipway_http_requests_total", "Requests, by method, route and status.");
    metrics::describe_histogram!("slipway_http_request_seconds", "How long requests took, by method and route.");
    metrics::describe_counter!("slipway_starts_total", "Runs and build runs that were started over REST, by kind.");
    metrics::describe_gauge!("slipway_sockets", "Open WebSockets.");
    let upkeep = handle.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(UPKEEP_EVERY);
        loop {
            ticks.tick().await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}

/// A request was answered; `route` is the pattern, so that addresses make no series of their own.
pub(crate) fn count_request(method: &str, route: &str, status: u16, took: Duration) {
    let labels = [("method", method.to_owned()), ("route", route.to_owned())];
    metrics::histogram!("slipway_http_request_seconds", &labels).record(took);
    let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
    metrics::counter!("slipway_http_requests_total", &labels).increment(1);
}

/// A `run` or a `build` was started.
pub(crate) fn count_start(kind: &'static str) {
    metrics::counter!("slipway_starts_total", "kind" => kind).increment(1);
}

#[cfg(test)]
mod tests {
    use super::quiet;

    #[test]
    fn no_filter_brings_passwords_out() {
        let filter = quiet("trace,suppaftp=trace,russh=debug").to_string();
        let directives: Vec<&str> = filter.split(',').collect();
        for kept in ["trace", "suppaftp=info", "russh=info", "russh_sftp=info"] {
            assert!(directives.contains(&kept), "{filter}");
        }
        assert!(!directives.contains(&"suppaftp=trace") && !directives.contains(&"russh=debug"), "{filter}");
    }
}
