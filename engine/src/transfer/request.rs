//! What is moved, as a flow says it and as it is done.

use super::{
    host_key::Pinned,
    path::{FilePath, check_local, check_remote_folder},
};
use secrecy::SecretString;
use types::FieldError;
pub use types::build::{TransferDirection as Direction, TransferProtocol as Protocol};

/// Characters of a host, as in DNS.
const HOST_MAX: usize = 253;

/// The port where none is said.
pub(super) fn default_port(protocol: Protocol) -> u16 {
    match protocol {
        Protocol::Sftp => 22,
        Protocol::Ftps | Protocol::Ftp => 21,
    }
}

/// How to sign in.
#[derive(Clone)]
pub struct TransferCredentials {
    pub username: String,
    pub password: SecretString,
}

/// A transfer as it is written in a flow, its values put in already.
#[derive(Clone)]
pub struct PlainTransfer {
    pub protocol: Protocol,
    pub host: String,
    pub port: Option<u16>,
    /// `ssh-ed25519 AAAA…` or `SHA256:…`; none: the first use is accepted and told.
    pub host_key: Option<String>,
    pub direction: Direction,
    /// Fetch: a file or a pattern. Send: a folder, which is made where it is missing.
    pub remote_path: String,
    /// Fetch: a folder, which is made where it is missing. Send: a file or a pattern.
    pub local_path: String,
    /// FTP is refused without it.
    pub insecure: bool,
    /// None: `anonymous`, where the protocol knows it.
    pub credentials: Option<TransferCredentials>,
    /// PEM of an authority of one's own, for FTPS.
    pub ca: Option<String>,
}

/// A transfer that can be done.
#[derive(Clone)]
pub struct Transfer {
    pub(super) protocol: Protocol,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) pinned: Option<Pinned>,
    pub(super) way: Way,
    pub(super) credentials: Option<TransferCredentials>,
    pub(super) ca: Option<String>,
}

/// From where to where.
#[derive(Clone)]
pub(super) enum Way {
    Fetch { files: FilePath, folder: String },
    Send { files: FilePath, folder: String },
}

impl PlainTransfer {
    /// Refuses what cannot be done, field by field; paths are those of the step.
    pub fn parse(self) -> Result<Transfer, Vec<FieldError>> {
        let mut fields = Vec::new();
        let mut wrong = |path: &str, message: String| fields.push(FieldError { path: path.to_owned(), message });
        if !is_host(&self.host) {
            wrong("host", "must be the name or the address of a host".to_owned());
        }
        if self.port == Some(0) {
            wrong("port", "must be 1 to 65535".to_owned());
        }
        if self.protocol == Protocol::Ftp && !self.insecure {
            let words = "must be true for ftp: everybody on the way can read the password and the files";
            wrong("insecure", words.to_owned());
        }
        let pinned = match &self.host_key {
            Some(_) if self.protocol != Protocol::Sftp => {
                wrong("host_key", "is for sftp alone".to_owned());
                None
            }
            Some(text) => Pinned::parse(text).map_err(|why| wrong("host_key", why)).ok(),
            None => None,
        };
        match &self.credentials {
            None if self.protocol == Protocol::Sftp => wrong("credentials", "are needed".to_owned()),
            None => {}
            Some(TransferCredentials { username, password }) => {
                if username.is_empty() || username.chars().any(char::is_control) {
                    wrong("credentials.username", "must be a name without control characters".to_owned());
                }
                if secrecy::ExposeSecret::expose_secret(password).contains(['\r', '\n', '\0']) {
                    wrong("credentials.password", "must be one line".to_owned());
                }
            }
        }
        let files_field = match self.direction {
            Direction::Fetch => "remote_path",
            Direction::Send => "local_path",
        };
        let (files, folder) = match self.direction {
            Direction::Fetch => (&self.remote_path, &self.local_path),
            Direction::Send => (&self.local_path, &self.remote_path),
        };
        if let Err(why) = check_local(&self.local_path) {
            wrong("local_path", why);
        }
        if self.direction == Direction::Send
            && let Err(why) = check_remote_folder(&self.remote_path)
        {
            wrong("remote_path", why);
        }
        let files = FilePath::parse(files).map_err(|why| wrong(files_field, why)).ok();
        match files {
            Some(files) if fields.is_empty() => {
                let folder = folder.clone();
                let way = match self.direction {
                    Direction::Fetch => Way::Fetch { files, folder },
                    Direction::Send => Way::Send { files, folder },
                };
                let port = self.port.unwrap_or_else(|| default_port(self.protocol));
                let Self { protocol, host, credentials, ca, .. } = self;
                Ok(Transfer { protocol, host, port, pinned, way, credentials, ca })
            }
            Some(_) | None => Err(fields),
        }
    }
}

fn is_host(text: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_name = !text.is_empty() && text.len() <= HOST_MAX && !text.starts_with('-') && text.chars().all(name);
    is_name || text.parse::<std::net::Ipv6Addr>().is_ok()
}
