//! How much may still be moved, and moving it.

use super::{TransferError, TransferLimits, connect::within};
use std::{io, time::Duration};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Bytes that are read at once: as many as an SFTP server sends in some of its pieces.
const PIECE: usize = 256 * 1024;

pub(super) struct Budget {
    limits: TransferLimits,
    bytes: u64,
}

/// Which side broke; who copies knows which of them is the server.
pub(super) enum Broken {
    Reading(io::Error),
    Writing(io::Error),
    Limit(TransferError),
}

impl Budget {
    pub(super) fn new(limits: TransferLimits) -> Self {
        Self { limits, bytes: 0 }
    }

    pub(super) fn files(&self) -> usize {
        self.limits.files
    }

    /// Copies to the end; neither side may be silent for long.
    pub(super) async fn copy(
        &mut self,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
    ) -> Result<u64, Broken> {
        let idle = self.limits.idle;
        let mut piece = vec![0; PIECE];
        let mut copied = 0;
        loop {
            let read = within(idle, from.read(&mut piece)).await.map_err(Broken::Limit)?.map_err(Broken::Reading)?;
            if read == 0 {
                within(idle, to.flush()).await.map_err(Broken::Limit)?.map_err(Broken::Writing)?;
                return Ok(copied);
            }
            copied += read as u64;
            self.bytes += read as u64;
            if self.bytes > self.limits.bytes {
                return Err(Broken::Limit(TransferError::TooLarge(self.limits.bytes)));
            }
            within(idle, to.write_all(&piece[..read])).await.map_err(Broken::Limit)?.map_err(Broken::Writing)?;
        }
    }
}

impl Broken {
    /// Where the server is read.
    pub(super) fn of_fetching(self, idle: Duration) -> TransferError {
        match self {
            Broken::Reading(error) => TransferError::broke(&error, idle),
            Broken::Writing(error) => TransferError::Local(error.to_string()),
            Broken::Limit(error) => error,
        }
    }

    /// Where the server is written to.
    pub(super) fn of_sending(self, idle: Duration) -> TransferError {
        match self {
            Broken::Reading(error) => TransferError::Local(error.to_string()),
            Broken::Writing(error) => TransferError::broke(&error, idle),
            Broken::Limit(error) => error,
        }
    }
}
