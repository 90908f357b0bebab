//! Slipway's own program: how it is built, found and started here.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::{checkout, command, say, web};

pub(crate) fn build() -> Result<()> {
    web::build(true)?;
    let phase = say::phase("building Slipway", "12 min; a second if nothing changed");
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--package", "server"]).current_dir(checkout::root()?);
    command::run(&mut build)?;
    phase.done();
    Ok(())
}

/// Slipway with these settings and no others of the user's.
pub(crate) fn command(settings: &[(&'static str, String)]) -> Result<Command> {
    let mut command = Command::new(program()?);
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("SLIPWAY_") {
            command.env_remove(name);
        }
    }
    // A server or a command on the host has no use for a token.
    let settings = settings.iter().filter(|(name, _)| *name != "SLIPWAY_TOKEN");
    command.envs(settings.map(|(name, value)| (name, value)));
    Ok(command)
}

fn program() -> Result<PathBuf> {
    let target = match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => checkout::root()?.join("target"),
    };
    let program = target.join("release/slipway");
    if !program.exists() {
        bail!("{} is missing: `make run` builds it", program.display());
    }
    Ok(program)
}
