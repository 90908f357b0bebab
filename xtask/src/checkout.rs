//! Where things are: the checkout, and what outlives every checkout.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// The root of the checkout. `cargo run` names the package's folder when it
/// starts us; the one we were compiled in may belong to another clone, since
/// clones can share a target folder.
pub(crate) fn root() -> Result<PathBuf> {
    let package =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = package.parent().context("xtask is not inside a checkout")?;
    root.canonicalize().with_context(|| format!("the checkout {} is gone", root.display()))
}

/// What is costly to make and the same for every checkout of this machine.
pub(crate) fn cache() -> Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env::var_os("HOME").context("HOME is not set")?).join(".cache"),
    };
    Ok(base.join("slipway"))
}
