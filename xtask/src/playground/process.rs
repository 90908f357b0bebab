//! Processes by their id, without ever taking a stranger for one of ours: the
//! kernel gives ids out again, but no two processes share id and start time.

use std::fs;
use std::os::fd::OwnedFd;
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

use super::wait;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Process {
    pid: i32,
    /// In the kernel's ticks since the machine started.
    started: u64,
}

impl Process {
    /// The process that has this id now.
    pub(crate) fn of(pid: i32) -> Option<Self> {
        Some(Self { pid, started: start_time(pid)? })
    }

    pub(crate) fn of_child(child: &Child) -> Result<Self> {
        i32::try_from(child.id()).ok().and_then(Self::of).context("it ended at once")
    }

    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    pub(crate) fn is_alive(&self) -> bool {
        start_time(self.pid) == Some(self.started)
    }

    /// Whether not even its entry is left: an ended process keeps that until its
    /// parent, or who takes its place, asks how it ended.
    pub(crate) fn is_collected(&self) -> bool {
        stat(self.pid).is_none_or(|(_, started)| started != self.started)
    }

    /// The name of the program that it runs, without its folder.
    pub(crate) fn program(&self) -> Option<String> {
        let name = fs::read_to_string(format!("/proc/{}/comm", self.pid)).ok()?;
        Some(name.trim_end().to_owned())
    }

    /// Since it was started.
    pub(crate) fn age(&self) -> Option<Duration> {
        let uptime = fs::read_to_string("/proc/uptime").ok()?;
        let uptime: f64 = uptime.split_ascii_whitespace().next()?.parse().ok()?;
        let started = Duration::from_millis(self.started * 1000 / rustix::param::clock_ticks_per_second());
        Some(Duration::try_from_secs_f64(uptime).ok()?.saturating_sub(started))
    }

    /// Nothing happens if it has ended: the handle is taken first and the
    /// identity asked then, so that the signal cannot reach a successor.
    pub(crate) fn signal(&self, signal: Signal) {
        let Some(handle) = self.handle() else { return };
        if self.is_alive() {
            // The only failure left is that it ended in this moment.
            pidfd_send_signal(&handle, signal).ok();
        }
    }

    /// Asks it to end and ends it when it has not after `patience`.
    pub(crate) fn end(&self, patience: Duration) -> Result<()> {
        self.signal(Signal::TERM);
        let until = Instant::now() + patience;
        while self.is_alive() && Instant::now() < until {
            std::thread::sleep(wait::INTERVAL);
        }
        self.signal(Signal::KILL);
        wait::until(Duration::from_secs(10), || !self.is_alive())
    }

    fn handle(&self) -> Option<OwnedFd> {
        pidfd_open(Pid::from_raw(self.pid)?, PidfdFlags::empty()).ok()
    }
}

/// None where there is no such process, or only what its parent has yet to collect.
fn start_time(pid: i32) -> Option<u64> {
    let (state, started) = stat(pid)?;
    (state != 'Z' && state != 'X').then_some(started)
}

/// State and start time of a process.
fn stat(pid: i32) -> Option<(char, u64)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the name, which may hold blanks and brackets.
    let mut fields = stat[stat.rfind(')')? + 1..].split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    // Field 22 of the line, and the state is the third.
    Some((state, fields.nth(18)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::Process;
    use std::time::Duration;

    #[test]
    fn another_process_of_the_same_id_is_not_ours() {
        let own = i32::try_from(std::process::id()).expect("ids are small");
        let ours = Process::of(own).expect("this process runs");
        assert!(ours.is_alive());
        assert!(ours.age().is_some_and(|age| age < Duration::from_secs(3600)));
        let earlier = Process { started: ours.started - 1, ..ours };
        assert!(!earlier.is_alive());
    }
}
