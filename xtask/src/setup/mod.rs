//! `cargo xtask setup`: installs what is missing and skips in milliseconds what
//! is there. Nothing that it installs is started, and nothing is removed.

mod deny;
mod go;
mod kubernetes;
mod packages;
mod room;
mod rust;

use anyhow::Result;
use clap::ValueEnum;

pub(crate) use deny::cargo_deny;
pub(crate) use go::go;
pub(crate) use kubernetes::{components, components_path};

/// What the machine is set up for: the tests need a browser and a database more.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Purpose {
    Playground,
    Run,
    Test,
}

/// What to do on a machine that cannot have the playground.
pub(crate) const INSTEAD: &str = "have Docker and a cluster already? `cargo run --release -p server -- serve`";

pub(crate) fn setup(purpose: Purpose) -> Result<()> {
    room::check()?;
    packages::install(purpose)?;
    if purpose != Purpose::Playground {
        rust::add_wasm_target()?;
    }
    components()?;
    Ok(())
}
