//! Where one playground keeps its things: all in `.playground` of its checkout,
//! so that two checkouts have two playgrounds.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rustix::rand::{GetRandomFlags, getrandom};
use sha2::{Digest, Sha256};

use crate::checkout;

/// The kernel takes 107 bytes for the path of a socket; the longest of ours,
/// `docker/containerd/containerd-debug.sock`, needs this many behind the folder.
const ROOM_FOR_SOCKETS: usize = 107 - 45;

pub(crate) struct Place {
    folder: PathBuf,
    run: PathBuf,
    id: String,
}

impl Place {
    pub(crate) fn of_this_checkout() -> Result<Self> {
        let root = checkout::root()?;
        let hash = Sha256::digest(root.as_os_str().as_encoded_bytes());
        let id = hex(&hash[..4]);
        let folder = root.join(".playground");
        let near = folder.join("run");
        let run =
            if near.as_os_str().len() <= ROOM_FOR_SOCKETS { near } else { PathBuf::from(format!("/run/slipway-{id}")) };
        Ok(Self { folder, run, id })
    }

    pub(crate) fn make(&self) -> Result<()> {
        for folder in [self.data(""), self.data("logs"), self.data("secrets"), self.run("")] {
            fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        fs::set_permissions(self.data("secrets"), Permissions::from_mode(0o700))?;
        Ok(())
    }

    /// Tells this playground's groups, devices and rules from those of others.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn exists(&self) -> bool {
        self.folder.exists()
    }

    /// What is kept when the playground is down.
    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Sockets and what else has no meaning without its process.
    pub(crate) fn run(&self, name: &str) -> PathBuf {
        self.run.join(name)
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.folder.join("logs").join(format!("{name}.log"))
    }

    /// One `up`, `down` or `seed` at a time; the lock goes with the file.
    pub(crate) fn lock(&self) -> Result<File> {
        let file = File::create(self.data("lock"))?;
        file.lock()?;
        Ok(file)
    }

    /// A password made on the first call and kept for the owner's eyes alone.
    pub(crate) fn password(&self, name: &str) -> Result<String> {
        let path = self.data("secrets").join(name);
        if path.exists() {
            return Ok(fs::read_to_string(&path)?.trim_end().to_owned());
        }
        let mut bytes = [0_u8; 16];
        getrandom(&mut bytes, GetRandomFlags::empty())?;
        let password = hex(&bytes);
        write_secret(&path, &password)?;
        Ok(password)
    }
}

pub(crate) fn write_secret(path: &Path, text: &str) -> Result<()> {
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
