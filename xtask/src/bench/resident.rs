//! Memory of a process that is in the machine, as the kernel counts it.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use super::interrupt;
use crate::playground::process::Process;

/// It is at rest when so many looks in a row differ by no more than `CALM`.
const LOOKS: usize = 5;
const EVERY: Duration = Duration::from_secs(1);
const CALM: f64 = 0.01;
/// Between looks at what grows and shrinks in an instant.
const OFTEN: Duration = Duration::from_millis(20);
/// One that never comes to rest is taken as it is after this time.
const PATIENCE: Duration = Duration::from_secs(60);

/// In millions of bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Resident {
    /// Its own: what a limit of a container counts for sure.
    anonymous: f64,
    /// Pages of files, above all the program's, which the kernel can take back at any time.
    files: f64,
    shared: f64,
}

impl Resident {
    pub(super) fn at_rest(process: &Process) -> Result<Self> {
        let end = Instant::now() + PATIENCE;
        let mut looks = vec![Self::of(process)?];
        loop {
            interrupt::pause(EVERY)?;
            looks.push(Self::of(process)?);
            let last = &looks[looks.len().saturating_sub(LOOKS)..];
            let (low, high) =
                last.iter().map(Self::all).fold((f64::MAX, 0.0_f64), |(low, high), all| (low.min(all), high.max(all)));
            if (last.len() == LOOKS && high - low <= high * CALM) || Instant::now() > end {
                return last.last().copied().context("there was a look");
            }
        }
    }

    /// The most while something is done, looked at often; and what came of it.
    pub(super) fn most_during<T>(process: &Process, work: impl FnOnce() -> T) -> Result<(Self, T)> {
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let looking = scope.spawn(|| {
                let mut most = Self::of(process)?;
                while !done.load(Ordering::Relaxed) {
                    thread::sleep(OFTEN);
                    let look = Self::of(process)?;
                    if look.all() > most.all() {
                        most = look;
                    }
                }
                anyhow::Ok(most)
            });
            let came = work();
            done.store(true, Ordering::Relaxed);
            let most = looking.join().map_err(|_| anyhow!("the looks at its memory ended"))??;
            Ok((most, came))
        })
    }

    fn of(process: &Process) -> Result<Self> {
        let status = fs::read_to_string(format!("/proc/{}/status", process.pid()))?;
        parse(&status).context("the kernel does not say how much memory Slipway has")
    }

    pub(super) fn all(&self) -> f64 {
        self.anonymous + self.files + self.shared
    }

    pub(super) fn parts(&self) -> String {
        format!("{:.1} MB of it are its own, {:.1} MB are pages of mapped files", self.anonymous, self.files)
    }
}

fn parse(status: &str) -> Option<Resident> {
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kib * 1024.0 / 1e6)
    };
    Some(Resident { anonymous: field("RssAnon")?, files: field("RssFile")?, shared: field("RssShmem")? })
}

#[cfg(test)]
mod tests {
    use super::{Resident, parse};

    #[test]
    fn the_kernel_counts_in_units_of_1024() {
        let status = "VmRSS:\t    3000 kB\nRssAnon:\t    1000 kB\nRssFile:\t    2000 kB\nRssShmem:\t       0 kB\n";
        let resident = parse(status);
        assert_eq!(resident, Some(Resident { anonymous: 1.024, files: 2.048, shared: 0.0 }));
        assert_eq!(parse("VmRSS:\t 1 kB\n"), None);
    }
}
