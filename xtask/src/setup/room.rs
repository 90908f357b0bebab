//! Whether the disk has room, asked before the long steps and not found out in them.

use std::fs;

use anyhow::{Context, Result, bail};
use rustix::fs::statvfs;

use crate::checkout;

/// Images, containers and the database of the playground, with a margin for builds.
const NEEDED_BYTES: u64 = 4 << 30;

pub(crate) fn check() -> Result<()> {
    let cache = checkout::cache()?;
    fs::create_dir_all(&cache).with_context(|| format!("cannot make {}", cache.display()))?;
    for folder in [checkout::root()?, cache] {
        let disk = statvfs(&folder)?;
        let free = disk.f_bavail * disk.f_frsize;
        if free < NEEDED_BYTES {
            bail!(
                "{} has {} MiB free and {} MiB are needed: make room, or move the checkout \
                 or XDG_CACHE_HOME to a larger disk",
                folder.display(),
                free >> 20,
                NEEDED_BYTES >> 20,
            );
        }
    }
    Ok(())
}
