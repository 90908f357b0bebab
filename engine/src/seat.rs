//! One process works on a data folder: it holds the lock of a file there as long as it lives.
//!
//! The file also says who holds the leases of its work, so that after a kill the next process takes them over at
//! once, instead of waiting until they run out.

use crate::Error;
use std::{
    fs::{File, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
    process,
    time::Duration,
};
use uuid::Uuid;

const FILE: &str = "instance";

/// How often one that waits looks whether the other has ended: no file tells it.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// A process at work; the lock goes with it.
pub(crate) struct Seat {
    /// Who holds the leases of what this process does.
    pub(crate) holder: Uuid,
    /// The holder in the process before, which has ended.
    pub(crate) before: Option<Uuid>,
    _lock: File,
}

impl Seat {
    /// Takes the folder, as soon as no other process works on it.
    pub(crate) async fn take(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(FILE);
        let broken = |why: std::io::Error| Error::Internal(format!("{}: {why}", path.display()));
        let mut file =
            File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(broken)?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(why)) => return Err(broken(why)),
            }
            if !told {
                told = true;
                let other = read(&mut file).map_err(broken)?;
                let process = other.split_whitespace().next().unwrap_or("of unknown number");
                tracing::warn!(
                    "another Slipway (process {process}) works on {}: this one waits until it has ended",
                    folder.display()
                );
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        let before = read(&mut file).map_err(broken)?.split_whitespace().nth(1).and_then(|id| id.parse().ok());
        let holder = Uuid::now_v7();
        write(&mut file, holder).map_err(broken)?;
        Ok(Self { holder, before, _lock: file })
    }
}

fn read(file: &mut File) -> std::io::Result<String> {
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(text)
}

fn write(file: &mut File, holder: Uuid) -> std::io::Result<()> {
    file.rewind()?;
    file.set_len(0)?;
    writeln!(file, "{} {holder}", process::id())
}

#[cfg(test)]
mod tests {
    use super::Seat;
    use futures::FutureExt;

    #[tokio::test]
    async fn the_second_waits_for_the_first_and_knows_who_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Seat::take(folder.path()).await.expect("a seat");
        assert_eq!(first.before, None);
        let mut second = Box::pin(Seat::take(folder.path()));
        assert!(second.as_mut().now_or_never().is_none(), "it waits");
        let holder = first.holder;
        drop(first);
        let second = second.await.expect("a seat");
        assert_eq!(second.before, Some(holder));
        assert_ne!(second.holder, holder);
    }
}
