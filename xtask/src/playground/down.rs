//! Taking the playground down: pods first, then the parts in the reverse of the
//! order in which they need each other, then whatever is left of them.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use rustix::process::Signal;

use super::cgroups::Cgroups;
use super::enclosure::Enclosure;
use super::place::Place;
use super::process::Process;
use super::{network, records, wait};
use crate::say;

/// Programs of the shop end at once when asked; others have this long.
const PATIENCE_WITH_PODS: Duration = Duration::from_millis(1500);
const PATIENCE: Duration = Duration::from_secs(5);

/// Those of one line end together.
const ORDER: [&[&str]; 4] = [
    &["kubelet"],
    &["controllers", "scheduler", "containerd"],
    &["apiserver", "engine"],
    &["etcd", "registry", "registry-auth"],
];

pub(crate) fn down() -> Result<()> {
    let place = Place::of_this_checkout()?;
    let enclosure = Enclosure::of(&place)?;
    let cgroups = enclosure.cgroups();
    // Somebody may have deleted the folder of a playground that runs.
    if !place.exists() && cgroups.processes().is_empty() {
        say::line("there is no playground");
        return Ok(());
    }
    place.make()?;
    let _lock = place.lock()?;
    let phase = say::phase("stopping the playground", "3 s");
    let all = cgroups.processes();
    let [kubelet, others @ ..] = ORDER;
    end(&place, kubelet)?;
    end_pods(cgroups);
    for names in others {
        end(&place, names)?;
    }
    // Shims, containers of builds, and the holder with all mounts.
    cgroups.end_all()?;
    cgroups.remove()?;
    // For those who look at the list of processes; not all machines collect at once.
    wait::until(PATIENCE, || all.iter().all(Process::is_collected)).ok();
    network::remove(&place)?;
    if place.run("").exists() {
        fs::remove_dir_all(place.run(""))?;
    }
    phase.done();
    Ok(())
}

fn end(place: &Place, names: &[&str]) -> Result<()> {
    let processes: Vec<_> =
        names.iter().filter_map(|name| records::read(place, name)).map(|record| record.process).collect();
    processes.iter().for_each(|process| process.signal(Signal::TERM));
    processes.iter().try_for_each(|process| process.end(PATIENCE))
}

fn end_pods(cgroups: &Cgroups) {
    cgroups.pods().iter().for_each(|process| process.signal(Signal::TERM));
    let until = Instant::now() + PATIENCE_WITH_PODS;
    while !cgroups.pods().is_empty() && Instant::now() < until {
        thread::sleep(wait::INTERVAL);
    }
}
