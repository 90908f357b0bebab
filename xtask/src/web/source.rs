//! What the web part is made of, as one hash.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Files and folders that a change of the web part can come from.
const SOURCES: [&str; 9] = [
    "Cargo.lock",
    "Cargo.toml",
    "package-lock.json",
    "app",
    "frontend",
    "types",
    "style",
    "xtask/src/web.rs",
    "xtask/src/web",
];

/// A word that changes when any source, the compiler or the kind of build does.
pub(super) fn stamp(root: &Path, release: bool) -> Result<String> {
    let mut files = Vec::new();
    for source in SOURCES {
        collect(&root.join(source), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().into_owned();
        let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        hash.update(format!("{name}\0{}\0", text.len()));
        hash.update(&text);
    }
    let compiler = option_env!("RUSTUP_TOOLCHAIN").unwrap_or_default();
    Ok(format!("{} {compiler} {}", if release { "release" } else { "dev" }, super::pack::hex(&hash.finalize())))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
    } else if path.is_dir() {
        for entry in fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))? {
            collect(&entry?.path(), files)?;
        }
    }
    Ok(())
}
