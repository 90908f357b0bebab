//! The local folder: no link is followed on the way to it or in it, and only regular files are in it.

use super::{TransferError, path::Last};
use crate::beneath;
use rustix::fs::OFlags;
use std::{
    fs::{self, OpenOptions, Permissions},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};
use tempfile::{Builder, TempPath};
use tokio::fs::File;

/// As files are that everybody may read and their owner may write.
const MODE: u32 = 0o644;

/// A folder under a root that is trusted.
pub(super) struct LocalFolder(PathBuf);

/// A file that appears under its name when it is whole.
pub(super) struct Incoming {
    pub(super) file: File,
    unfinished: TempPath,
    target: PathBuf,
}

impl LocalFolder {
    /// The folder at a path that `check_local` has passed; made where it is missing, if it may be.
    pub(super) fn open(root: &Path, path: &str, make: bool) -> Result<Self, TransferError> {
        beneath::folder(root, path, make).map(Self).map_err(|why| local(path, &why))
    }

    /// Names of the regular files that are meant, in order.
    pub(super) fn files(&self, last: &Last, most: usize) -> Result<Vec<String>, TransferError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(|why| local("", &why))? {
            let entry = entry.map_err(|why| local("", &why))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if last.matches(&name) && entry.file_type().map_err(|why| local(&name, &why))?.is_file() {
                names.push(name);
            }
            if names.len() > most {
                return Err(TransferError::TooManyFiles(most));
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    pub(super) fn read(&self, name: &str) -> Result<File, TransferError> {
        let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default();
        let file = OpenOptions::new().read(true).custom_flags(flags).open(self.0.join(name));
        let file = file.map_err(|why| local(name, &why))?;
        if !file.metadata().map_err(|why| local(name, &why))?.is_file() {
            return Err(TransferError::NoFile(name.to_owned()));
        }
        Ok(File::from_std(file))
    }

    pub(super) fn write(&self, name: &str) -> Result<Incoming, TransferError> {
        let mut unfinished = Builder::new();
        unfinished.prefix(".incoming-").permissions(Permissions::from_mode(MODE));
        let (file, path) = unfinished.tempfile_in(&self.0).map_err(|why| local(name, &why))?.into_parts();
        Ok(Incoming { file: File::from_std(file), unfinished: path, target: self.0.join(name) })
    }
}

impl Incoming {
    /// Takes its name, also from a file or a link that has it already.
    pub(super) fn finish(self) -> Result<(), TransferError> {
        let shown = self.target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.unfinished.persist(&self.target).map_err(|why| local(&shown, &why.error))
    }
}

fn local(what: &str, why: &io::Error) -> TransferError {
    TransferError::Local(if what.is_empty() { why.to_string() } else { format!("{what}: {why}") })
}
