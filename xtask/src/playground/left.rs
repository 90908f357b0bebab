//! What builds have left behind: containers, volumes or folders of runs that have ended are a failure.

use std::fs;
use std::time::Duration;

use anyhow::{Result, bail};

use super::{Playground, engine, wait};
use crate::command;

/// What ends badly is removed every minute, once it is two minutes old.
const REMOVED_WITHIN: Duration = Duration::from_secs(200);

/// Waits until nothing is left; must be called while nothing is built.
pub(crate) fn nothing_is_left(playground: &Playground) -> Result<()> {
    let mut left = Vec::new();
    let cleared = wait::until(REMOVED_WITHIN, || match found(playground) {
        Ok(found) => {
            left = found;
            left.is_empty()
        }
        Err(why) => {
            left = vec![format!("{why:#}")];
            false
        }
    });
    match cleared {
        Ok(()) => Ok(()),
        Err(_) => bail!("builds have left behind: {}", left.join(", ")),
    }
}

fn found(playground: &Playground) -> Result<Vec<String>> {
    let label = "label=slipway.run";
    let ask = |words: &[&str]| command::output(engine::docker(playground).args(words).args(["--filter", label]));
    let containers = ask(&["ps", "--all", "--format", "container {{.Names}}"])?;
    let volumes = ask(&["volume", "ls", "--format", "volume {{.Name}}"])?;
    let mut found: Vec<String> = containers.lines().chain(volumes.lines()).map(str::to_owned).collect();
    // There is none before the first build.
    for entry in fs::read_dir(playground.place.data("slipway/work")).into_iter().flatten() {
        found.push(format!("folder {}", entry?.path().display()));
    }
    Ok(found)
}
