//! Host keys that were seen first, in a file like that of OpenSSH.

use super::{HostKey, PlainTransfer, Protocol};
use russh::keys::{
    PublicKey,
    known_hosts::{known_host_keys_path, learn_known_hosts_path},
};
use std::path::PathBuf;

/// The file of known hosts.
pub struct KnownHosts(PathBuf);

impl KnownHosts {
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The key that the server of a transfer has shown before.
    pub fn key_of(&self, transfer: &PlainTransfer) -> Result<Option<String>, String> {
        if transfer.protocol != Protocol::Sftp || !self.0.exists() {
            return Ok(None);
        }
        let keys = known_host_keys_path(&transfer.host, port(transfer), &self.0).map_err(|why| self.broken(why))?;
        Ok(keys.first().map(|(_, key)| HostKey::of(key, false).line))
    }

    /// Expects a key from the server of a transfer from now on.
    pub fn learn(&self, transfer: &PlainTransfer, line: &str) -> Result<(), String> {
        let key = PublicKey::from_openssh(line).map_err(|why| self.broken(why))?;
        learn_known_hosts_path(&transfer.host, port(transfer), &key, &self.0).map_err(|why| self.broken(why))
    }

    fn broken(&self, why: impl std::fmt::Display) -> String {
        format!("{}: {why}", self.0.display())
    }
}

fn port(transfer: &PlainTransfer) -> u16 {
    transfer.port.unwrap_or_else(|| super::request::default_port(transfer.protocol))
}

#[cfg(test)]
mod tests {
    use super::{KnownHosts, PlainTransfer};
    use crate::transfer::{Direction, Protocol};

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    fn transfer(protocol: Protocol, host: &str, port: Option<u16>) -> PlainTransfer {
        PlainTransfer {
            protocol,
            host: host.to_owned(),
            port,
            host_key: None,
            direction: Direction::Fetch,
            remote_path: "a".to_owned(),
            local_path: "b".to_owned(),
            insecure: false,
            credentials: None,
            ca: None,
        }
    }

    #[test]
    fn a_key_is_known_for_its_host_and_port_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let known = KnownHosts::new(folder.path().join("known_hosts"));
        let files = transfer(Protocol::Sftp, "files.example", Some(2222));
        assert_eq!(known.key_of(&files), Ok(None));
        known.learn(&files, KEY).expect("learnt");
        assert_eq!(known.key_of(&files), Ok(Some(KEY.to_owned())));
        for other in [
            transfer(Protocol::Sftp, "files.example", None),
            transfer(Protocol::Sftp, "other.example", Some(2222)),
            transfer(Protocol::Ftps, "files.example", Some(2222)),
        ] {
            assert_eq!(known.key_of(&other), Ok(None));
        }
    }
}
