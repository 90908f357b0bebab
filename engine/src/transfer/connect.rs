//! The connection to a server, at an address that was checked, and how long it may be silent.

use super::TransferError;
use crate::egress::{Egress, EgressError};
use std::{future::Future, time::Duration};
use tokio::{net::TcpStream, time::timeout};

/// A server that takes no connection by then is down.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Connects to one of the host's addresses after all of them were checked.
pub(super) async fn connect(host: &str, port: u16, egress: &Egress) -> Result<TcpStream, TransferError> {
    let unreachable = |reason: String| TransferError::Unreachable { host: host.to_owned(), reason };
    let addresses = egress.resolve(host, port).await.map_err(|error| match error {
        EgressError::Refused { .. } => TransferError::Refused(error),
        EgressError::Unresolved { reason, .. } => unreachable(reason),
    })?;
    let mut reason = String::new();
    for address in addresses {
        match timeout(CONNECT_LIMIT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => reason = error.to_string(),
            Err(_) => reason = format!("no answer in {} s", CONNECT_LIMIT.as_secs()),
        }
    }
    Err(unreachable(reason))
}

/// Waits for a server, but not longer than it may be silent.
pub(super) async fn within<T>(idle: Duration, answer: impl Future<Output = T>) -> Result<T, TransferError> {
    timeout(idle, answer).await.map_err(|_| TransferError::Stalled(idle))
}
