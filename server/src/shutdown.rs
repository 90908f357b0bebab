//! Stopping: not ready at once, no new work, streams told to come back, done within 30 s. A second
//! signal ends the process at once; nothing that was acknowledged is lost by it.

use crate::state::AppState;
use std::time::Duration;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{Instant, timeout},
};

/// For all of it; the engine gives running steps 25 s of this.
const STOP_WITHIN: Duration = Duration::from_secs(29);

/// For clients to take the goodbye of their sockets.
const GOODBYE_WITHIN: Duration = Duration::from_secs(3);

/// SIGTERM and Ctrl-C, listened for from the start on.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// A further signal ends the process, whatever it waits for.
    pub fn end_at_the_next(mut self) {
        tokio::spawn(async move {
            self.next().await;
            tracing::warn!("ended by a second signal");
            std::process::exit(1);
        });
    }
}

/// Stops everything but the listener, which answers "not ready" meanwhile.
pub async fn stop(app: &AppState) {
    tracing::info!("stopping");
    app.web.stopping.cancel();
    app.web.sockets.close();
    let all = async {
        let goodbye = timeout(GOODBYE_WITHIN, app.web.sockets.wait());
        let (goodbye, ()) = tokio::join!(goodbye, app.engine.shutdown());
        if goodbye.is_err() {
            tracing::info!("some sockets did not take their goodbye");
        }
    };
    let began = Instant::now();
    match timeout(STOP_WITHIN, all).await {
        Ok(()) => tracing::info!(took = ?began.elapsed(), "stopped"),
        Err(_) => tracing::warn!("not everything stopped in time; the next start finds it again"),
    }
}
