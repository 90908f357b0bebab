//! The compile target of the web part.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{command, say};

const WASM: &str = "wasm32-unknown-unknown";

pub(super) fn add_wasm_target() -> Result<()> {
    let root = command::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    if Path::new(root.trim()).join("lib/rustlib").join(WASM).exists() {
        return Ok(());
    }
    let phase = say::phase("adding the compile target of the web part", "a few seconds");
    command::output(Command::new("rustup").args(["target", "add", WASM]))
        .with_context(|| format!("the Rust in use has no target {WASM}: add it by hand"))?;
    phase.done();
    Ok(())
}
