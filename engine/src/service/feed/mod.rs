//! What pages and CI follow: frames of a map, of a run, of a log.

mod log;
mod map;
mod run;

pub use log::LogFeed;
pub use map::MapFeed;
pub use run::RunFeed;

use crate::bus::Change;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// Waits for a change of ours; false when the time is up or Slipway stops. A listener that fell
/// behind takes all as changed.
pub(crate) async fn changed_before(
    changes: &mut Receiver<Change>,
    deadline: Instant,
    stop: &CancellationToken,
    ours: impl Fn(Change) -> bool,
) -> bool {
    loop {
        tokio::select! {
            change = changes.recv() => match change {
                Ok(change) if ours(change) => return true,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return true,
                Err(RecvError::Closed) => return false,
            },
            () = tokio::time::sleep_until(deadline) => return false,
            () = stop.cancelled() => return false,
        }
    }
}
