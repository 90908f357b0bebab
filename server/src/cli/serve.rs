use super::{Failure, say};
use crate::{
    AppState, Front, Web, WithoutPrefix,
    config::{PublicUrl, SettingError, SettingFlags, Settings, Values},
    http::exposition,
    product_version, router,
    shutdown::{Signals, stop},
    telemetry,
};
use axum::{Router, ServiceExt, extract::Request, routing::get, serve::ListenerExt};
use clap::Args;
use engine::Engine;
use metrics_exporter_prometheus::PrometheusHandle;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, time::timeout};
use tokio_util::sync::CancellationToken;

/// For requests that are being answered when everything else has stopped.
const LAST_ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// See `slipway serve --help`.
#[derive(Args)]
pub struct Serve {
    /// Print the settings in force and where each came from, and end
    #[arg(long)]
    print_settings: bool,
    #[command(flatten)]
    settings: SettingFlags,
}

impl Serve {
    pub async fn run(self) -> Result<(), Failure> {
        let values = Values::gather(&self.settings)?;
        let settings = Settings::read(&values)?;
        if self.print_settings {
            let url = settings.public_url(settings.listen)?.to_string();
            let data_dir = settings.data_dir.display().to_string();
            return say(values.or_derived("url", url).or_derived("data_dir", data_dir).print().trim_end());
        }
        telemetry::start_log(&settings.log, settings.log_format);
        serve(settings).await
    }
}

async fn serve(settings: Settings) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let listener = bind("SLIPWAY_LISTEN", settings.listen).await?;
    let url = settings.public_url(listener.local_addr()?)?;
    let metrics = telemetry::start_metrics().map_err(|why| Failure::Failed(why.to_string()))?;
    let over = CancellationToken::new();
    let front = Front::new();
    let listening = tokio::spawn(answer(listener, WithoutPrefix::new(front.clone(), url.prefix()), over.clone()));
    if let Some(address) = settings.metrics_listen {
        let listener = bind("SLIPWAY_METRICS_LISTEN", address).await?;
        tokio::spawn(answer(listener, metrics_alone(metrics.clone()), over.clone()));
    }
    let engine = tokio::select! {
        engine = Engine::start(settings.for_engine(&url)) => engine?,
        () = signals.next() => return Ok(()),
    };
    let web = Arc::new(Web::new(url.clone(), settings.trusted_proxies, Some(metrics)));
    let app = AppState { engine, web };
    front.hand_over(router(app.clone()));
    announce(&app, &url).await?;
    signals.next().await;
    signals.end_at_the_next();
    stop(&app).await;
    over.cancel();
    if timeout(LAST_ANSWERS_WITHIN, listening).await.is_err() {
        tracing::debug!("some connections did not end by themselves");
    }
    Ok(())
}

async fn bind(setting: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    let told = |why| SettingError::new(setting, format!("cannot listen on {address}: {why}"));
    Ok(TcpListener::bind(address).await.map_err(told)?)
}

/// Answers requests until `over`. A frame of a log must not wait for the next one, so the network
/// does not collect small packets.
async fn answer<S>(listener: TcpListener, service: S, over: CancellationToken)
where
    S: tower::Service<Request, Response = axum::response::Response, Error = std::convert::Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    let listener = listener.tap_io(|connection| {
        if let Err(why) = connection.set_nodelay(true) {
            tracing::debug!(%why, "a connection collects small packets");
        }
    });
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service);
    if let Err(why) = axum::serve(listener, service).with_graceful_shutdown(over.cancelled_owned()).await {
        tracing::error!(%why, "the listener ended");
    }
}

fn metrics_alone(handle: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(move || std::future::ready(exposition(&handle))))
}

/// Says where to go, and while there is no user, how to become the first.
async fn announce(app: &AppState, url: &PublicUrl) -> Result<(), Failure> {
    say(&format!("Slipway {} listens on {url}", product_version().version))?;
    match app.engine.new_set_up_secret().await? {
        Some(secret) => {
            say(&format!("Make the first administrator, once and within an hour: {url}/setup?secret={secret}"))
        }
        None => Ok(()),
    }
}
