//! SFTP: the host key, the password, and files.

use super::{
    HostKey, Transfer, TransferCredentials, TransferError,
    budget::Budget,
    connect::within,
    host_key::{Pinned, fingerprint},
    path::{FilePath, Last, is_file_name, join, prefixes},
};
use russh::{
    Preferred,
    client::{self, AuthResult, Handle, KeyboardInteractiveAuthResponse},
    keys::{PublicKey, PublicKeyOrCertificate},
};
use russh_sftp::{
    client::{Config as SftpConfig, RawSftpSession, SftpSession, error::Error as SftpError},
    protocol::StatusCode,
};
use secrecy::ExposeSecret;
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{fs::File, io::AsyncWriteExt, net::TcpStream};

/// Entries that are read of a folder.
const LISTED_MAX: usize = 100_000;
/// Questions of a server that asks for the password in its own words.
const ROUNDS_MAX: usize = 4;

/// A session that has signed in.
pub(super) struct Sftp {
    handle: Handle<Server>,
    files: SftpSession,
    folder: String,
    idle: Duration,
}

/// What is known of the server's key.
struct Server {
    pinned: Option<Pinned>,
    seen: Arc<OnceLock<PublicKey>>,
}

impl client::Handler for Server {
    type Error = russh::Error;

    /// The key must be the expected one, and the same one when keys are exchanged again.
    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = key else { return Ok(false) };
        let same = self.seen.get_or_init(|| key.clone()).key_data() == key.key_data();
        Ok(same && self.pinned.as_ref().is_none_or(|pinned| pinned.is(key)))
    }
}

impl Sftp {
    pub(super) async fn open(
        transfer: &Transfer,
        stream: TcpStream,
        idle: Duration,
    ) -> Result<(Self, HostKey), TransferError> {
        let seen = Arc::new(OnceLock::new());
        let server = Server { pinned: transfer.pinned.clone(), seen: seen.clone() };
        let preferred = Preferred { key: Pinned::algorithms(transfer.pinned.as_ref()), ..Preferred::DEFAULT };
        let config = client::Config { preferred, inactivity_timeout: Some(idle), nodelay: true, ..Default::default() };
        let connecting = client::connect_stream(Arc::new(config), stream, server);
        let connected = within(idle, connecting).await?;
        let mut handle = connected.map_err(|error| match (&transfer.pinned, seen.get()) {
            (Some(pinned), Some(key)) if !pinned.is(key) => {
                TransferError::HostKey { expected: pinned.shown(), found: fingerprint(key) }
            }
            (Some(_) | None, _) => TransferError::Broke(error.to_string()),
        })?;
        let key = seen.get().ok_or_else(|| TransferError::Broke("the server has shown no host key".to_owned()))?;
        let host_key = HostKey::of(key, transfer.pinned.is_none());
        let credentials = transfer.credentials.as_ref().ok_or(TransferError::Unauthorized)?;
        within(idle, sign_in(&mut handle, credentials)).await??;
        let channel = within(idle, subsystem(&handle)).await??;
        let files = within(idle, SftpSession::new_with_config(channel, config_of(idle))).await?;
        let files = files.map_err(|error| of_sftp("", idle, error))?;
        Ok((Self { handle, files, folder: String::new(), idle }, host_key))
    }

    /// Where files are from now on; made where it is missing, if it may be.
    pub(super) async fn enter(&mut self, folder: &str, make: bool) -> Result<(), TransferError> {
        if make {
            for prefix in prefixes(folder) {
                // It is there already, or the next step says what is wrong.
                if let Err(error) = self.files.create_dir(prefix).await {
                    tracing::debug!(%error, prefix, "a folder was not made");
                }
            }
        }
        folder.clone_into(&mut self.folder);
        Ok(())
    }

    /// Names of the regular files that are meant, in order. A single file may be a link: that is the server's business.
    pub(super) async fn files(&self, path: &FilePath, most: usize) -> Result<Vec<String>, TransferError> {
        match &path.last {
            Last::Pattern(_) => self.listed(&path.last, most).await,
            Last::Name(name) => {
                let path = join(&self.folder, name);
                let found = self.files.metadata(&path).await.map_err(|error| of_sftp(&path, self.idle, error))?;
                if found.file_type().is_file() { Ok(vec![name.clone()]) } else { Err(TransferError::NoFile(path)) }
            }
        }
    }

    pub(super) async fn fetch(&self, name: &str, to: &mut File, budget: &mut Budget) -> Result<u64, TransferError> {
        let path = join(&self.folder, name);
        let mut from = self.files.open(&path).await.map_err(|error| of_sftp(&path, self.idle, error))?;
        budget.copy(&mut from, to).await.map_err(|broken| broken.of_fetching(self.idle))
    }

    pub(super) async fn send(&self, name: &str, from: &mut File, budget: &mut Budget) -> Result<u64, TransferError> {
        let path = join(&self.folder, name);
        let mut to = self.files.create(&path).await.map_err(|error| of_sftp(&path, self.idle, error))?;
        let sent = budget.copy(from, &mut to).await.map_err(|broken| broken.of_sending(self.idle))?;
        within(self.idle, to.shutdown()).await?.map_err(|error| TransferError::broke(&error, self.idle))?;
        Ok(sent)
    }

    /// Says good-bye; who does not hear it finds the connection closed.
    pub(super) async fn close(self) {
        let bye = self.handle.disconnect(russh::Disconnect::ByApplication, "", "");
        if let Ok(Err(error)) = within(self.idle, bye).await {
            tracing::debug!(%error, "the session was not closed in order");
        }
    }

    /// Entry by entry, in a session of its own: a list that never ends is not kept.
    async fn listed(&self, last: &Last, most: usize) -> Result<Vec<String>, TransferError> {
        let wrong = |error| of_sftp(&self.folder, self.idle, error);
        let session =
            RawSftpSession::new_with_config(within(self.idle, subsystem(&self.handle)).await??, config_of(self.idle));
        session.init().await.map_err(wrong)?;
        let folder = if self.folder.is_empty() { "." } else { &self.folder };
        let handle = session.opendir(folder).await.map_err(wrong)?.handle;
        let (mut names, mut seen) = (Vec::new(), 0);
        loop {
            let entries = match session.readdir(handle.as_str()).await {
                Ok(entries) => entries.files,
                Err(SftpError::Status(status)) if status.status_code == StatusCode::Eof => break,
                Err(error) => return Err(wrong(error)),
            };
            seen += entries.len().max(1);
            if seen > LISTED_MAX {
                return Err(TransferError::ListTooLong);
            }
            for entry in entries {
                if !matches!(entry.filename.as_str(), "." | "..") && !is_file_name(&entry.filename) {
                    return Err(TransferError::UnsafeName(entry.filename));
                }
                // A link has the bits of a regular file, and one more.
                if entry.attrs.file_type().is_file() && last.matches(&entry.filename) {
                    names.push(entry.filename);
                }
            }
            if names.len() > most {
                return Err(TransferError::TooManyFiles(most));
            }
        }
        session.close(handle).await.map_err(wrong)?;
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }
}

fn config_of(idle: Duration) -> SftpConfig {
    SftpConfig { request_timeout_secs: idle.as_secs().max(1), ..SftpConfig::default() }
}

async fn subsystem(handle: &Handle<Server>) -> Result<russh::ChannelStream<client::Msg>, TransferError> {
    let broke = |error: russh::Error| TransferError::Broke(error.to_string());
    let channel = handle.channel_open_session().await.map_err(broke)?;
    channel.request_subsystem(true, "sftp").await.map_err(broke)?;
    Ok(channel.into_stream())
}

/// By the password, or by the same as an answer to questions: some servers take it only so.
async fn sign_in(handle: &mut Handle<Server>, credentials: &TransferCredentials) -> Result<(), TransferError> {
    let broke = |error: russh::Error| TransferError::Broke(error.to_string());
    let TransferCredentials { username, password } = credentials;
    let password = password.expose_secret();
    match handle.authenticate_password(username, password).await.map_err(broke)? {
        AuthResult::Success => return Ok(()),
        AuthResult::Failure { remaining_methods, .. } => {
            if !remaining_methods.contains(&russh::MethodKind::KeyboardInteractive) {
                return Err(TransferError::Unauthorized);
            }
        }
    }
    let mut asked = handle.authenticate_keyboard_interactive_start(username, None).await.map_err(broke)?;
    for _ in 0..ROUNDS_MAX {
        let prompts = match asked {
            KeyboardInteractiveAuthResponse::Success => return Ok(()),
            KeyboardInteractiveAuthResponse::Failure { .. } => return Err(TransferError::Unauthorized),
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => prompts,
        };
        let answers = prompts.iter().map(|prompt| if prompt.echo { String::new() } else { password.to_owned() });
        asked = handle.authenticate_keyboard_interactive_respond(answers.collect()).await.map_err(broke)?;
    }
    Err(TransferError::Unauthorized)
}

fn of_sftp(path: &str, idle: Duration, error: SftpError) -> TransferError {
    match error {
        SftpError::Status(status) => {
            let what = if path.is_empty() { String::new() } else { format!("{path}: ") };
            TransferError::Server(format!("{what}{}", status.error_message))
        }
        SftpError::Timeout => TransferError::Stalled(idle),
        SftpError::IO(_) | SftpError::Limited(_) | SftpError::UnexpectedPacket | SftpError::UnexpectedBehavior(_) => {
            TransferError::Broke(error.to_string())
        }
    }
}
