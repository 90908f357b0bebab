//! The playground: a real container engine, registry and Kubernetes, all on the
//! loopback and all in `.playground`, started, mended and stopped as one. It
//! never touches another engine or cluster of the machine.

mod address;
mod cause;
mod cgroups;
mod down;
mod enclosure;
mod engine;
mod env;
mod files;
mod first_run;
mod images;
mod kubernetes;
mod left;
mod network;
mod obstacle;
mod part;
mod place;
mod probe;
pub(crate) mod process;
mod records;
mod registry;
mod repositories;
mod seed;
mod state;
mod status;
mod up;
mod wait;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Subcommand;

use crate::setup;
use crate::slipway::Profile;
use cgroups::Cgroups;
use part::Part;
use place::Place;
use state::State;

pub(crate) use address::{
    answers as slipway_answers, port, record as record_slipway, refuse_a_second as refuse_a_second_slipway, url,
};
pub(crate) use down::down;
pub(crate) use engine::docker;
pub(crate) use env::variables as settings;
pub(crate) use first_run::{first_run, note as note_first_run};
pub(crate) use images::base as base_image;
pub(crate) use kubernetes::{admin_kubeconfig as kubeconfig, kubectl};
pub(crate) use left::nothing_is_left;
pub(crate) use obstacle::obstacle;
pub(crate) use repositories::folder as repositories;
pub(crate) use seed::{ensure_credentials, seed, sign_in_link};
pub(crate) use up::{is_up, up};

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Start it, or mend what died
    Up,
    /// Stop it; what it holds stays in .playground
    Down,
    /// List its parts and whether they work
    Status,
    /// Fill the Slipway that runs on it with the shop
    Seed,
    /// Have a rollout fail of a cause, to see it on the page; without one, list them
    Cause { code: Option<String> },
}

pub(crate) fn run(task: &Task) -> Result<()> {
    match task {
        Task::Up => up().map(drop),
        Task::Down => down(),
        Task::Status => status::status(),
        Task::Seed => seed::seed(Profile::of_what_is_built()?),
        Task::Cause { code } => cause::run(code.as_deref()),
    }
}

/// A playground that has been made, running or not.
pub(crate) struct Playground {
    pub(crate) place: Place,
    pub(crate) state: State,
    /// The control group that all of it is in, from the root of the hierarchy.
    pub(crate) cgroup: String,
    /// The program that is every component of Kubernetes.
    pub(crate) components: PathBuf,
}

impl Playground {
    fn make(components: PathBuf) -> Result<Self> {
        let place = Place::of_this_checkout()?;
        place.make()?;
        let state = State::read_or_choose(&place)?;
        Self::of(place, state, components)
    }

    /// The one of this checkout; none if it was never made.
    pub(crate) fn existing() -> Result<Self> {
        let place = Place::of_this_checkout()?;
        let state = State::read(&place)?;
        let state = state.context("there is no playground yet: `make playground` makes one")?;
        Self::of(place, state, setup::components_path()?)
    }

    fn of(place: Place, state: State, components: PathBuf) -> Result<Self> {
        let cgroup = Cgroups::of(&place)?.path();
        Ok(Self { place, state, cgroup, components })
    }

    /// In the order in which they need each other.
    fn parts(&self) -> [Part; 10] {
        [
            engine::part(self),
            registry::open(self),
            registry::closed(self),
            files::part(self),
            kubernetes::control::etcd(self),
            kubernetes::node::containerd(self),
            kubernetes::control::apiserver(self),
            kubernetes::control::controllers(self),
            kubernetes::control::scheduler(self),
            kubernetes::node::kubelet(self),
        ]
    }
}

impl Playground {
    fn snapshotter(&self) -> &'static str {
        if is_overlay(&self.place) { "native" } else { "overlayfs" }
    }
}

/// Layers on layers need a file system that can carry them, which the one of a
/// container is not.
fn is_overlay(place: &Place) -> bool {
    const OVERLAY: i64 = 0x794c_7630;
    let kind = rustix::fs::statfs(place.data("")).map(|disk| disk.f_type);
    kind == Ok(OVERLAY)
}
