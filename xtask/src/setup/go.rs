//! A Go that can build Kubernetes. Debian's own is too old for that, but it can
//! fetch a newer one as a module, with its checksum verified.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::packages;
use crate::{command, say};

/// From this one on Go fetches by itself the version that a module asks for.
const FETCHES_ITSELF: (u32, u32) = (1, 21);
/// What is fetched by a Go that does not: what Kubernetes asks for.
const NEWER: &str = "golang.org/toolchain@v0.0.1-go1.24.9.linux-amd64";

/// The program `go`; installed first where there is none.
pub(crate) fn go() -> Result<PathBuf> {
    if command::on_path("go").is_none() {
        packages::fetch(&["golang-go"])?;
    }
    let go = command::on_path("go").context("there is no Go on the PATH")?;
    if version(&go)? >= FETCHES_ITSELF {
        return Ok(go);
    }
    newer(&go)
}

fn version(go: &Path) -> Result<(u32, u32)> {
    let text = command::output(Command::new(go).args(["env", "GOVERSION"]))?;
    parse(&text).with_context(|| format!("`{}` is no version of Go", text.trim()))
}

fn parse(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix("go")?.split(['.', '-', ' ']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn newer(go: &Path) -> Result<PathBuf> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Module {
        dir: PathBuf,
    }
    let phase = say::phase("fetching a newer Go", "10 s");
    let mut download = Command::new(go);
    download.args(["mod", "download", "-json", NEWER]).env("GOFLAGS", "-modcacherw");
    let Module { dir } = serde_json::from_str(&command::output(&mut download)?)?;
    // Modules hold no programs, so what is one has lost its mark.
    for folder in ["bin", "pkg/tool/linux_amd64"] {
        for entry in fs::read_dir(dir.join(folder))? {
            fs::set_permissions(entry?.path(), Permissions::from_mode(0o755))?;
        }
    }
    phase.done();
    Ok(dir.join("bin/go"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn versions_of_go_compare_as_numbers() {
        assert_eq!(parse("go1.19.8\n"), Some((1, 19)));
        assert_eq!(parse("go1.26.8"), Some((1, 26)));
        assert_eq!(parse("go1.24-custom"), Some((1, 24)));
        assert_eq!(parse("devel"), None);
    }
}
