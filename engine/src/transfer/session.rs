//! A session of either kind.

use super::{
    HostKey, Protocol, Transfer, TransferError, budget::Budget, connect::connect, ftp::Ftp, path::FilePath, sftp::Sftp,
};
use crate::egress::Egress;
use std::time::Duration;
use tokio::fs::File;

pub(super) enum Session {
    Sftp(Box<Sftp>),
    Ftp(Box<Ftp>),
}

impl Session {
    /// Connects, proves the server, and signs in.
    pub(super) async fn open(
        transfer: &Transfer,
        egress: &Egress,
        idle: Duration,
    ) -> Result<(Self, Option<HostKey>), TransferError> {
        let stream = connect(&transfer.host, transfer.port, egress).await?;
        match transfer.protocol {
            Protocol::Sftp => {
                let (sftp, key) = Sftp::open(transfer, stream, idle).await?;
                Ok((Self::Sftp(Box::new(sftp)), Some(key)))
            }
            Protocol::Ftps | Protocol::Ftp => Ok((Self::Ftp(Box::new(Ftp::open(transfer, stream, idle).await?)), None)),
        }
    }

    pub(super) async fn enter(&mut self, folder: &str, make: bool) -> Result<(), TransferError> {
        match self {
            Self::Sftp(sftp) => sftp.enter(folder, make).await,
            Self::Ftp(ftp) => ftp.enter(folder, make).await,
        }
    }

    pub(super) async fn files(&mut self, path: &FilePath, most: usize) -> Result<Vec<String>, TransferError> {
        match self {
            Self::Sftp(sftp) => sftp.files(path, most).await,
            Self::Ftp(ftp) => ftp.files(path, most).await,
        }
    }

    pub(super) async fn fetch(&mut self, name: &str, to: &mut File, budget: &mut Budget) -> Result<u64, TransferError> {
        match self {
            Self::Sftp(sftp) => sftp.fetch(name, to, budget).await,
            Self::Ftp(ftp) => ftp.fetch(name, to, budget).await,
        }
    }

    pub(super) async fn send(
        &mut self,
        name: &str,
        from: &mut File,
        budget: &mut Budget,
    ) -> Result<u64, TransferError> {
        match self {
            Self::Sftp(sftp) => sftp.send(name, from, budget).await,
            Self::Ftp(ftp) => ftp.send(name, from, budget).await,
        }
    }

    pub(super) async fn close(self) {
        match self {
            Self::Sftp(sftp) => sftp.close().await,
            Self::Ftp(ftp) => ftp.close().await,
        }
    }
}
