//! Free space on disks.

use std::{io, path::PathBuf};

/// Whether less than this is free below a folder. A disk that cannot be looked at is not short.
pub(crate) async fn is_short(least: u64, folder: PathBuf) -> bool {
    match free_bytes(folder.clone()).await {
        Ok(free) => free < least,
        Err(why) => {
            tracing::debug!(%why, folder = %folder.display(), "its free space is not known");
            false
        }
    }
}

/// Bytes that may still be written below a folder by somebody without privileges.
async fn free_bytes(folder: PathBuf) -> io::Result<u64> {
    // A file system of another machine may not answer for long.
    let read = tokio::task::spawn_blocking(move || rustix::fs::statvfs(&folder)).await.map_err(io::Error::other)??;
    Ok(read.f_bavail.saturating_mul(read.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::free_bytes;

    #[tokio::test]
    async fn is_told_by_the_file_system_of_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(free_bytes(folder.path().to_owned()).await.expect("a size") > 0);
        // One that holds no bytes.
        assert_eq!(free_bytes("/proc".into()).await.expect("a size"), 0);
        assert!(free_bytes(folder.path().join("missing")).await.is_err());
    }
}
