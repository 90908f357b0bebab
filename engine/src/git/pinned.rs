//! The ssh command that git uses: without anybody's configuration, to the address that was checked,
//! and only to a host whose key is the one it had at first use.

use super::GitError;
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

/// An ssh that takes no connection by then will not.
const CONNECT_LIMIT_S: u32 = 10;

/// What the command is made of.
pub(super) struct SshCommand<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) address: Option<IpAddr>,
    pub(super) known_hosts: &'a Path,
    pub(super) identity: Option<PathBuf>,
}

impl SshCommand<'_> {
    /// As a shell reads it, since git hands it to one.
    pub(super) fn text(&self) -> Result<String, GitError> {
        let Self { host, port, address, known_hosts, identity } = self;
        let alias = if *port == 22 { (*host).to_owned() } else { format!("[{host}]:{port}") };
        let mut options = vec![
            "BatchMode=yes".to_owned(),
            "StrictHostKeyChecking=accept-new".to_owned(),
            format!("UserKnownHostsFile=\"{}\"", plain(known_hosts)?),
            "GlobalKnownHostsFile=/dev/null".to_owned(),
            format!("HostKeyAlias={alias}"),
            "UpdateHostKeys=no".to_owned(),
            "ProxyCommand=none".to_owned(),
            "PermitLocalCommand=no".to_owned(),
            "ForwardAgent=no".to_owned(),
            "IdentitiesOnly=yes".to_owned(),
            "IdentityAgent=none".to_owned(),
            format!("IdentityFile={}", identity.as_deref().map_or(Ok("none".to_owned()), plain)?),
            format!("ConnectTimeout={CONNECT_LIMIT_S}"),
            "ServerAliveInterval=15".to_owned(),
        ];
        options.extend(address.map(|address| format!("HostName={address}")));
        let options: Vec<String> = options.iter().map(|option| format!("-o '{option}'")).collect();
        Ok(format!("ssh -F /dev/null {}", options.join(" ")))
    }
}

/// A path that a shell and ssh read as it is written.
fn plain(path: &Path) -> Result<String, GitError> {
    let text = path.to_str().filter(|text| !text.contains(['\'', '"', '\\', '\n', '%', '$']));
    text.map(str::to_owned).ok_or_else(|| GitError::Refused(format!("ssh cannot use the path {}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::SshCommand;
    use std::path::Path;

    #[test]
    fn connects_to_the_checked_address_under_the_name_of_the_host() {
        let known_hosts = Path::new("/data/known hosts");
        let address = Some([10, 0, 0, 1].into());
        let command = SshCommand { host: "git.example", port: 2222, address, known_hosts, identity: None };
        let text = command.text().expect("a command");
        for expected in [
            "-F /dev/null",
            "'HostName=10.0.0.1'",
            "'HostKeyAlias=[git.example]:2222'",
            "'IdentityFile=none'",
            "'UserKnownHostsFile=\"/data/known hosts\"'",
        ] {
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn a_path_that_a_shell_would_read_otherwise_is_refused() {
        let known_hosts = Path::new("/data/'; touch x; '");
        assert!(SshCommand { host: "h", port: 22, address: None, known_hosts, identity: None }.text().is_err());
    }
}
