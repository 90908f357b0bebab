//! A server of files over SFTP, for the builds of the shop: Debian's own, in a mount namespace where the machine has
//! one user more. Nothing of the machine changes.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Playground;
use super::part::Part;
use super::place::write_secret;
use super::probe::Probe;
use crate::command;

pub(crate) const USERNAME: &str = "carrier";
/// No other user of the machine has it.
const ID: u32 = 54_322;
/// What it has to offer: the rates of the day, one file each.
const RATES: [(&str, &str); 2] = [("eur.csv", "EUR,USD,1.0842\n"), ("gbp.csv", "GBP,USD,1.2671\n")];

pub(crate) fn part(playground: &Playground) -> Part {
    let (port, folder) = (playground.state.ports.files(), folder(playground));
    let here = folder.display();
    let config = format!(
        "ListenAddress 127.0.0.1\nPort {port}\nHostKey {here}/host_key\nPidFile none\nStrictModes no\nUsePAM yes\n\
         PasswordAuthentication yes\nKbdInteractiveAuthentication no\nPubkeyAuthentication no\n\
         AllowUsers {USERNAME}\nSubsystem sftp internal-sftp\nForceCommand internal-sftp\n"
    );
    let script = format!(
        "mount --bind {here}/passwd /etc/passwd; mount --bind {here}/shadow /etc/shadow; \
         mount --bind {here}/pam /etc/pam.d/sshd; mount -t tmpfs none /run; mkdir /run/sshd; \
         exec /usr/sbin/sshd -D -e -f {here}/config"
    );
    Part {
        name: "files",
        address: format!("sftp://127.0.0.1:{port}"),
        ports: vec![port],
        program: PathBuf::from("/usr/bin/unshare"),
        arguments: ["--mount", "sh", "-ec", &script].map(str::to_owned).to_vec(),
        files: vec![(folder.join("config"), config)],
        leftovers: Vec::new(),
        probe: Probe::Port(port),
    }
}

fn folder(playground: &Playground) -> PathBuf {
    playground.place.data("files")
}

pub(crate) fn password(playground: &Playground) -> Result<String> {
    playground.place.password("files-password")
}

/// The user, its password, the host key, and the files.
pub(crate) fn prepare(playground: &Playground) -> Result<()> {
    let folder = folder(playground);
    if folder.join("pam").exists() {
        return Ok(());
    }
    let home = folder.join("home");
    fs::create_dir_all(home.join("rates"))?;
    for (name, text) in RATES {
        fs::write(home.join("rates").join(name), text)?;
    }
    chown(&home, Some(ID), Some(ID)).context("only root can give files to another user")?;
    let key = folder.join("host_key");
    if !key.exists() {
        command::output(Command::new("ssh-keygen").args(["-q", "-N", "", "-t", "ed25519", "-f"]).arg(&key))?;
    }
    let line = format!("{USERNAME}:x:{ID}:{ID}::{}:/bin/sh\n", home.display());
    fs::write(folder.join("passwd"), with_line("/etc/passwd", &line)?)?;
    let hashed = command::output(Command::new("htpasswd").args(["-nbB", USERNAME, &password(playground)?]))?;
    let hash = hashed.trim().split_once(':').context("htpasswd prints a name and a hash")?.1.to_owned();
    // What crypt(3) calls the same hash.
    let hash = hash.replacen("$2y$", "$2b$", 1);
    write_secret(
        &folder.join("shadow"),
        &with_line("/etc/shadow", &format!("{USERNAME}:{hash}:20000:0:99999:7:::\n"))?,
    )?;
    for path in [&folder, &home] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    let pam = "auth required pam_unix.so\naccount required pam_unix.so\nsession required pam_permit.so\n";
    Ok(fs::write(folder.join("pam"), pam)?)
}

fn with_line(file: &str, line: &str) -> Result<String> {
    let text = fs::read_to_string(Path::new(file)).with_context(|| format!("{file} cannot be read: become root"))?;
    Ok(text + line)
}
