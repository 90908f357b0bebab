//! The step that fetches or sends files.

use super::{execute::Work, http_step::words, space::uses_containers, step_end::StepEnd};
use crate::{
    Error,
    line::Lines,
    transfer::{
        Direction, HostKey, KnownHosts, PlainTransfer, TransferCredentials, TransferError, TransferLimits, transfer,
    },
};
use secrecy::SecretString;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use types::{
    build::{Credentials, TransferStep},
    build_run::BuildCause,
};

/// Host keys that were seen first, in the data folder.
const KNOWN_HOSTS: &str = "known_hosts_sftp";

/// Moves the files; a host key that was seen for the first time is expected from then on.
pub(super) async fn run(work: &Work, step: &TransferStep, lines: &Lines) -> Result<(), StepEnd> {
    let failed = |why: String| StepEnd::failed(BuildCause::StepFailed, why);
    let known = KnownHosts::new(work.engine.config.data_dir.join(KNOWN_HOSTS));
    let password = password(work, step).map_err(failed)?;
    let mut plain = plain(step, password);
    if plain.host_key.is_none() {
        plain.host_key = known.key_of(&plain).map_err(failed)?;
    }
    let planned = plain.clone().parse().map_err(|fields| failed(words(&fields)))?;
    let root = match step.direction {
        Direction::Fetch => work.tree(),
        Direction::Send => outgoing(work, &step.local_path).await?,
    };
    let broken = |why: std::io::Error| StepEnd::Broken(Error::Internal(format!("{}: {why}", root.display())));
    tokio::fs::create_dir_all(&root).await.map_err(broken)?;
    let limits = TransferLimits { time: Duration::from_millis(step.time_limit_ms), ..TransferLimits::default() };
    let moved = transfer(&planned, &root, &work.engine.egress, limits, lines, &work.cancel).await.map_err(ended)?;
    if let Some(HostKey { line, first_use: true, .. }) = &moved.host_key {
        known.learn(&plain, line).map_err(failed)?;
    }
    Ok(())
}

/// The transfer as it is written.
pub(super) fn plain(step: &TransferStep, password: Option<SecretString>) -> PlainTransfer {
    let TransferStep {
        name: _,
        enabled: _,
        time_limit_ms: _,
        protocol,
        host,
        port,
        host_key,
        direction,
        remote_path,
        local_path,
        insecure,
        credentials,
    } = step;
    let credentials = credentials.as_ref().zip(password);
    PlainTransfer {
        protocol: *protocol,
        host: host.clone(),
        port: *port,
        host_key: host_key.clone(),
        direction: *direction,
        remote_path: remote_path.clone(),
        local_path: local_path.clone(),
        insecure: *insecure,
        credentials: credentials
            .map(|(known, password)| TransferCredentials { username: known.username.clone(), password }),
        ca: None,
    }
}

fn password(work: &Work, step: &TransferStep) -> Result<Option<SecretString>, String> {
    let Some(Credentials { password, .. }) = &step.credentials else { return Ok(None) };
    match work.passwords.iter().find(|(name, _)| *name == step.name) {
        Some((_, password)) => Ok(Some(password.clone())),
        None => Ok(Some(work.values.expand(password)?.into())),
    }
}

/// Where files that are sent lie: in the private folder, or copied there out of the volume.
async fn outgoing(work: &Work, path: &str) -> Result<PathBuf, StepEnd> {
    if !uses_containers(&work.flow) {
        return Ok(work.tree());
    }
    let docker = work.docker().await?;
    let Some(last) = docker.containers_of(&work.label()).await?.into_iter().rfind(|container| container.begun) else {
        return Ok(work.tree());
    };
    work.send_tree(&docker, &last.id).await?;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let root = work.folder.join("outgoing");
    super::git_step::clear(&root).await?;
    docker.copy_folder(&last.id, folder, &root.join(Path::new(folder))).await?;
    Ok(root)
}

fn ended(error: TransferError) -> StepEnd {
    let message = error.to_string();
    match error {
        TransferError::Cancelled => StepEnd::Cancelled,
        TransferError::TimedOut(_) => StepEnd::failed(BuildCause::Timeout, message),
        TransferError::LogClosed => StepEnd::failed(BuildCause::LogTooLarge, message),
        TransferError::Refused(_)
        | TransferError::Unreachable { .. }
        | TransferError::HostKey { .. }
        | TransferError::Tls(_)
        | TransferError::Unauthorized
        | TransferError::NothingMatches(_)
        | TransferError::NoFile(_)
        | TransferError::UnsafeName(_)
        | TransferError::TooManyFiles(_)
        | TransferError::TooLarge(_)
        | TransferError::ListTooLong
        | TransferError::Stalled(_)
        | TransferError::Server(_)
        | TransferError::Broke(_)
        | TransferError::Local(_) => StepEnd::failed(BuildCause::StepFailed, message),
    }
}
