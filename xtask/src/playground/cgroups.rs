//! The control group of the playground. Everything that it starts, and all that
//! those start in turn, is below this group, containers too: so `down` finds
//! them all, whoever their parents are, and nobody else's.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::Signal;

use super::place::Place;
use super::process::Process;
use super::wait;

/// What containers are limited by, of what version 2 has.
const CONTROLLERS: &str = "+cpu +cpuset +memory +pids";
const DAEMONS: &str = "daemons";

pub(crate) struct Cgroups {
    /// Our group in each hierarchy: several under version 1, one under version 2.
    groups: Vec<PathBuf>,
    version: Version,
    name: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

impl Cgroups {
    pub(crate) fn of(place: &Place) -> Result<Self> {
        let name = format!("slipway-{}", place.id());
        let mounts = fs::read_to_string("/proc/self/mountinfo")?;
        let (version, found) = match (mounted(&mounts, "cgroup"), mounted(&mounts, "cgroup2")) {
            // Beside version 1 there may be a version 2 without controllers, which
            // the engine uses all the same.
            (one, two) if !one.is_empty() => (Version::One, one.into_iter().chain(two).collect()),
            (_, two) if !two.is_empty() => (Version::Two, Vec::from_iter(two)),
            _ => bail!("no control groups are mounted on this machine: {}", crate::setup::INSTEAD),
        };
        let groups = found.iter().map(|mount| mount.join(&name)).collect();
        Ok(Self { groups, version, name })
    }

    /// Our group as kubelet and dockerd write it: from the root of a hierarchy.
    pub(crate) fn path(&self) -> String {
        format!("/{}", self.name)
    }

    pub(crate) fn make(&self) -> Result<()> {
        for group in &self.groups {
            let above = group.parent().context("a group is below its hierarchy")?;
            let daemons = group.join(DAEMONS);
            fs::create_dir_all(&daemons)
                .with_context(|| format!("cannot make the control group {}", group.display()))?;
            match self.version {
                Version::One => inherit_processors(above, group, &daemons)?,
                Version::Two => pass_on_controllers(above, group)?,
            }
        }
        Ok(())
    }

    /// Where a daemon writes its id to belong to the playground.
    pub(crate) fn doors(&self) -> Vec<PathBuf> {
        self.groups.iter().map(|group| group.join(DAEMONS).join("cgroup.procs")).collect()
    }

    /// All processes of the playground.
    pub(crate) fn processes(&self) -> Vec<Process> {
        self.below("")
    }

    /// Those of Kubernetes' pods.
    pub(crate) fn pods(&self) -> Vec<Process> {
        self.below("kubepods")
    }

    fn below(&self, part: &str) -> Vec<Process> {
        let mut pids = BTreeSet::new();
        for group in &self.groups {
            collect(&group.join(part), &mut pids);
        }
        pids.into_iter().filter_map(Process::of).filter(|process| self.holds(process)).collect()
    }

    /// Asked after the identity is known: an id read before may have a new owner.
    fn holds(&self, process: &Process) -> bool {
        fs::read_to_string(format!("/proc/{}/cgroup", process.pid()))
            .is_ok_and(|groups| groups.contains(&format!("/{}/", self.name)))
    }

    /// Ends all that is left. Some may start others meanwhile, so it is repeated.
    pub(crate) fn end_all(&self) -> Result<()> {
        wait::until(Duration::from_secs(20), || {
            let left = self.processes();
            left.iter().for_each(|process| process.signal(Signal::KILL));
            left.is_empty()
        })
        .context("some processes of the playground cannot be ended")
    }

    /// The groups themselves; the kernel may need a moment after the last process.
    pub(crate) fn remove(&self) -> Result<()> {
        for group in &self.groups {
            wait::until(Duration::from_secs(5), || remove_tree(group).is_ok())
                .with_context(|| format!("cannot remove the control group {}", group.display()))?;
        }
        Ok(())
    }
}

fn mounted(mountinfo: &str, kind: &str) -> BTreeSet<PathBuf> {
    mountinfo
        .lines()
        .filter_map(|line| {
            let (mount, source) = line.split_once(" - ")?;
            let is_kind = source.split(' ').next() == Some(kind);
            is_kind.then(|| mount.split(' ').nth(4).map(PathBuf::from)).flatten()
        })
        .collect()
}

/// A new group of `cpuset` may use no processor until it is told which.
fn inherit_processors(above: &Path, group: &Path, daemons: &Path) -> Result<()> {
    for file in ["cpuset.cpus", "cpuset.mems"] {
        let Ok(all) = fs::read_to_string(above.join(file)) else { continue };
        fs::write(group.join(file), &all)?;
        fs::write(daemons.join(file), &all)?;
    }
    Ok(())
}

fn pass_on_controllers(above: &Path, group: &Path) -> Result<()> {
    for folder in [above, group] {
        fs::write(folder.join("cgroup.subtree_control"), CONTROLLERS)
            .with_context(|| format!("{} does not let the playground limit its containers", folder.display()))?;
    }
    Ok(())
}

fn collect(group: &Path, pids: &mut BTreeSet<i32>) {
    if let Ok(text) = fs::read_to_string(group.join("cgroup.procs")) {
        pids.extend(text.lines().filter_map(|line| line.parse::<i32>().ok()));
    }
    for child in children(group) {
        collect(&child, pids);
    }
}

fn remove_tree(group: &Path) -> std::io::Result<()> {
    for child in children(group) {
        remove_tree(&child)?;
    }
    match fs::remove_dir(group) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn children(group: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(group) else { return Vec::new() };
    entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

#[cfg(test)]
mod tests {
    use super::mounted;
    use std::path::PathBuf;

    #[test]
    fn hierarchies_are_found_by_their_kind() {
        let text = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
                    35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n\
                    41 31 0:38 / /sys/fs/cgroup/unified rw shared:4 - cgroup2 cgroup2 rw\n";
        let memory = PathBuf::from("/sys/fs/cgroup/memory");
        let unified = PathBuf::from("/sys/fs/cgroup/unified");
        assert_eq!(Vec::from_iter(mounted(text, "cgroup")), [memory]);
        assert_eq!(Vec::from_iter(mounted(text, "cgroup2")), [unified]);
    }
}
