//! Whether this machine can have a playground at all, tried one by one and without leaving
//! anything. What fails later on a machine that passes here is a failure, not an obstacle.

use std::process::Command;

use anyhow::{Result, anyhow};

use super::cgroups::Cgroups;
use super::is_overlay;
use super::place::Place;
use super::up::is_up;
use crate::command;

/// Layers on layers on the disk of the playground, in a mount namespace that goes with the shell.
const TRY_LAYERS: &str = r#"
set -e
try=$(mktemp -d "$1/try-XXXXXX")
trap 'cd / && rm -rf "$try"' EXIT
cd "$try" && mkdir lower upper work merged
mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged
umount merged
"#;

/// A bridge in a network of its own, which goes with the command.
const TRY_BRIDGE: [&str; 7] = ["--net", "ip", "link", "add", "slw-try", "type", "bridge"];

/// What this machine lacks for a playground; none if it lacks nothing.
pub(crate) fn obstacle() -> Result<Option<anyhow::Error>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(Some(anyhow!("only root can have the playground, which has containers")));
    }
    if is_up()? {
        return Ok(None);
    }
    let place = Place::of_this_checkout()?;
    place.make()?;
    Ok([groups(&place), mounts(&place), devices()].into_iter().find_map(Result::err))
}

fn groups(place: &Place) -> Result<()> {
    let groups = Cgroups::of(place)?;
    let made = groups.make().and_then(|()| groups.remove());
    made.map_err(|error| error.context("this machine does not let the playground have control groups"))
}

fn mounts(place: &Place) -> Result<()> {
    tried(&["--mount", "true"], "mounts of its own")?;
    // Where layers cannot lie on layers, copies of them do.
    if is_overlay(place) {
        return Ok(());
    }
    let folder = place.data("").display().to_string();
    tried(&["--mount", "sh", "-c", TRY_LAYERS, "try", &folder], "layered mounts (overlay)")
}

fn devices() -> Result<()> {
    tried(&TRY_BRIDGE, "a bridge for its containers")
}

fn tried(words: &[&str], what: &str) -> Result<()> {
    let done = command::output(Command::new("unshare").args(words)).map(drop);
    done.map_err(|error| error.context(format!("this machine does not let the playground have {what}")))
}
