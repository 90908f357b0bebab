//! How a repository is reached: its address checked, resolved and pinned; credentials at hand.

use super::{GitCredentials, GitError, GitSettings, GitUrl, pinned::SshCommand, url::Place};
use secrecy::{ExposeSecret, SecretString};
use std::{
    ffi::OsString,
    fs,
    io::Write,
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Gives git the credentials from the environment, where no other user's process list shows them.
const HELPER: &str = "credential.helper=!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' \
    \"$SLIPWAY_GIT_USERNAME\" \"$SLIPWAY_GIT_PASSWORD\"; }; f";

/// A way to a repository that was checked.
pub(super) struct Access {
    /// What git is given.
    pub(super) url: String,
    /// The only protocol that is allowed on it.
    pub(super) protocol: &'static str,
    /// Settings for `-c`.
    pub(super) config: Vec<String>,
    pub(super) environment: Vec<(&'static str, OsString)>,
    /// Git's own home, with nothing of anybody in it.
    pub(super) home: TempDir,
}

impl Access {
    /// Checks where the address leads before git runs at all.
    pub(super) async fn prepare(
        settings: &GitSettings,
        url: &GitUrl,
        credentials: Option<&GitCredentials>,
    ) -> Result<Self, GitError> {
        let home =
            tempfile::Builder::new().prefix("slipway-git-").tempdir().map_err(|error| GitError::local(&error))?;
        let text = url.as_str().to_owned();
        let mut access = Self { url: text, protocol: "https", config: Vec::new(), environment: Vec::new(), home };
        match url.place() {
            Place::Http { host, port } => {
                if url.as_str().starts_with("http:") {
                    access.protocol = "http";
                }
                let addresses = resolve(settings, host, *port).await?;
                access.config.extend(curl_resolve(host, *port, &addresses));
                access.sign_in_by_http(credentials)?;
            }
            Place::Ssh { host, port } => {
                access.protocol = "ssh";
                let addresses = resolve(settings, host, *port).await?;
                access.sign_in_by_ssh(settings, host, *port, &addresses, credentials)?;
            }
            Place::File(path) => access.open_file(settings, path)?,
        }
        Ok(access)
    }

    fn sign_in_by_http(&mut self, credentials: Option<&GitCredentials>) -> Result<(), GitError> {
        match credentials {
            None => Ok(()),
            Some(GitCredentials::Key { .. }) => {
                Err(GitError::Refused("https takes a user name and a password, not a key".to_owned()))
            }
            Some(GitCredentials::Password { username, password }) => {
                let has_control = |text: &str| text.chars().any(char::is_control);
                if has_control(username) || has_control(password.expose_secret()) {
                    return Err(GitError::Refused("credentials must not hold control characters".to_owned()));
                }
                self.config.push(HELPER.to_owned());
                self.environment.push(("SLIPWAY_GIT_USERNAME", username.into()));
                self.environment.push(("SLIPWAY_GIT_PASSWORD", password.expose_secret().into()));
                Ok(())
            }
        }
    }

    fn sign_in_by_ssh(
        &mut self,
        settings: &GitSettings,
        host: &str,
        port: u16,
        addresses: &[SocketAddr],
        credentials: Option<&GitCredentials>,
    ) -> Result<(), GitError> {
        let identity = match credentials {
            None => None,
            Some(GitCredentials::Key { private_key }) => Some(self.write_key(private_key)?),
            Some(GitCredentials::Password { .. }) => {
                return Err(GitError::Refused("ssh takes a private key, not a password".to_owned()));
            }
        };
        let address = addresses.first().map(SocketAddr::ip);
        let command = SshCommand { host, port, address, known_hosts: &settings.known_hosts, identity };
        self.environment.push(("GIT_SSH_COMMAND", command.text()?.into()));
        self.environment.push(("GIT_SSH_VARIANT", "ssh".into()));
        Ok(())
    }

    /// ssh reads keys from files only; this one lives as long as the call, for nobody else to read.
    fn write_key(&self, key: &SecretString) -> Result<PathBuf, GitError> {
        let path = self.home.path().join("identity");
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let written = file.and_then(|mut file| {
            file.write_all(key.expose_secret().trim_end().as_bytes())?;
            // ssh refuses a key whose last line does not end.
            file.write_all(b"\n")
        });
        written.map(|()| path).map_err(|error| GitError::local(&error))
    }

    fn open_file(&mut self, settings: &GitSettings, path: &str) -> Result<(), GitError> {
        let real = contained(settings.file_root.as_deref(), Path::new(path))?;
        let real = real.to_str().ok_or_else(|| GitError::Refused("its path is not UTF-8".to_owned()))?;
        self.protocol = "file";
        self.url = format!("file://{real}");
        // Git distrusts repositories of other users; an administrator has allowed these by their folder.
        let config = self.home.path().join("gitconfig");
        let quoted = real.replace('\\', "\\\\").replace('"', "\\\"");
        fs::write(&config, format!("[safe]\n\tdirectory = \"{quoted}\"\n\tdirectory = \"{quoted}/.git\"\n"))
            .map_err(|error| GitError::local(&error))?;
        self.environment.push(("GIT_CONFIG_GLOBAL", config.into()));
        Ok(())
    }
}

async fn resolve(settings: &GitSettings, host: &str, port: u16) -> Result<Vec<SocketAddr>, GitError> {
    settings.egress.resolve(host, port).await.map_err(|error| match error {
        crate::egress::EgressError::Refused { .. } => GitError::Refused(error.to_string()),
        crate::egress::EgressError::Unresolved { .. } => GitError::Unreachable(error.to_string()),
    })
}

/// Makes curl connect to the addresses that were checked; an address needs no resolving.
fn curl_resolve(host: &str, port: u16, addresses: &[SocketAddr]) -> Option<String> {
    if host.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    let bracketed = |address: &SocketAddr| match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    };
    let list: Vec<String> = addresses.iter().map(bracketed).collect();
    Some(format!("http.curloptResolve={host}:{port}:{}", list.join(",")))
}

/// The real path, which must lie under the root; links that lead out are seen through.
fn contained(root: Option<&Path>, path: &Path) -> Result<PathBuf, GitError> {
    let root =
        root.ok_or_else(|| GitError::Refused("file addresses are not allowed (SLIPWAY_GIT_FILE_ROOT)".to_owned()))?;
    let root = root.canonicalize().map_err(|error| GitError::Refused(format!("SLIPWAY_GIT_FILE_ROOT: {error}")))?;
    // Whether something outside exists is not told: what is asked for must look to be inside first.
    let outside = || GitError::Refused(format!("file addresses must be under {}", root.display()));
    if !path.starts_with(&root) && !path.canonicalize().is_ok_and(|real| real.starts_with(&root)) {
        return Err(outside());
    }
    let real = path.canonicalize().map_err(|_| GitError::RepositoryNotFound)?;
    if real.starts_with(&root) { Ok(real) } else { Err(outside()) }
}
