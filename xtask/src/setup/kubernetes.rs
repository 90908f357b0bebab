//! The Kubernetes components, built from Go modules into one program. It is
//! kept outside `target`, since it takes minutes and changes with its sources
//! alone, which are part of the name of its folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::go::go;
use crate::{checkout, command, say};

const SOURCES: &str = "deploy/playground/kubernetes";

/// The program that is every component; built first where it is missing.
pub(crate) fn components() -> Result<PathBuf> {
    let sources = checkout::root()?.join(SOURCES);
    let program = components_path()?;
    if !program.exists() {
        build(&sources, &version(&sources)?, &program)?;
    }
    Ok(program)
}

/// Where it is once it has been built.
pub(crate) fn components_path() -> Result<PathBuf> {
    let sources = checkout::root()?.join(SOURCES);
    let folder = format!("kubernetes-{}-{}", version(&sources)?, hash(&sources)?);
    Ok(checkout::cache()?.join(folder).join("kube"))
}

fn build(sources: &Path, version: &str, program: &Path) -> Result<()> {
    fs::create_dir_all(program.parent().context("a program is in a folder")?)?;
    // Two checkouts may need it at the same time; the second finds it made.
    let lock = File::create(program.with_extension("lock"))?;
    lock.lock()?;
    if program.exists() {
        return Ok(());
    }
    let phase = say::phase(format_args!("building Kubernetes {version}"), "4 min, once per machine");
    let unfinished = program.with_extension("new");
    let mut build = Command::new(go()?);
    build
        .args(["build", "-trimpath", "-ldflags", &linker_flags(version), "-o"])
        .arg(&unfinished)
        .arg(".")
        .current_dir(sources)
        .env("CGO_ENABLED", "0");
    command::output(&mut build).context("Kubernetes cannot be built")?;
    fs::rename(&unfinished, program)?;
    phase.done();
    Ok(())
}

/// The version that the components say they have: without it they claim to be none.
fn linker_flags(version: &str) -> String {
    let mut numbers = version.split('.');
    let (major, minor) = (numbers.next().unwrap_or(""), numbers.next().unwrap_or(""));
    let package = "k8s.io/component-base/version";
    format!("-s -w -X {package}.gitVersion=v{version} -X {package}.gitMajor={major} -X {package}.gitMinor={minor}")
}

fn version(sources: &Path) -> Result<String> {
    fs::read_to_string(sources.join("go.mod"))?
        .lines()
        .find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes v"))
        .map(str::to_owned)
        .context("go.mod names no version of Kubernetes")
}

fn hash(sources: &Path) -> Result<String> {
    let mut hasher = Sha256::new();
    for name in ["go.mod", "go.sum", "main.go"] {
        hasher.update(fs::read(sources.join(name))?);
    }
    let hash = hasher.finalize();
    Ok(hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect())
}
