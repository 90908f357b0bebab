//! `cargo-deny`, which checks licences and sources of what we depend on. Nobody
//! packages it, so it is compiled once per machine.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{checkout, command, say};

const VERSION: &str = "0.20.2";

/// The folder of the program, for the PATH; made where it is missing.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    let root = checkout::cache()?.join(format!("cargo-deny-{VERSION}"));
    let folder = root.join("bin");
    if folder.join("cargo-deny").exists() {
        return Ok(folder);
    }
    let phase = say::phase("building cargo-deny", "1 min, once per machine");
    let built = root.join("target");
    let mut install = Command::new("cargo");
    // Its own speed is of no matter, that of the compiler is.
    install.args(["install", "cargo-deny", "--version", VERSION, "--locked", "--debug", "--root"]);
    install.arg(&root).arg("--target-dir").arg(&built);
    command::output(&mut install)?;
    fs::remove_dir_all(built)?;
    phase.done();
    Ok(folder)
}
