//! Slipway's own program: how it is built, found and started here.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::{checkout, command, say, web};

/// How the program is compiled. The web part that it embeds is the same either way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As it ships.
    Release,
    /// What the tests of a machine with nothing compiled wait for: most of it is there from the
    /// tests before, where a release takes twelve minutes more.
    Dev,
}

impl Profile {
    /// That of the program that is there, the one that ships first.
    pub(crate) fn of_what_is_built() -> Result<Self> {
        let built = |profile: &Profile| profile.program().is_ok_and(|program| program.exists());
        match [Profile::Release, Profile::Dev].into_iter().find(built) {
            Some(profile) => Ok(profile),
            None => bail!("{} is missing: `make run` builds it", Profile::Release.program()?.display()),
        }
    }

    pub(crate) fn program(self) -> Result<PathBuf> {
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => checkout::root()?.join("target"),
        };
        Ok(target.join(match self {
            Profile::Release => "release/slipway",
            Profile::Dev => "debug/slipway",
        }))
    }
}

/// Makes the program too. `cargo build` would compile most of it once more: without what is for
/// tests alone, some crates have fewer features.
const WITH_ITS_TESTS: &[&str] = &["test", "--no-run", "--package", "server", "--test", "playground"];

pub(crate) fn build(profile: Profile) -> Result<()> {
    web::build(true)?;
    let (words, usually): (&[&str], _) = match profile {
        Profile::Release => (&["build", "--release", "--package", "server"], "12 min; a second if nothing changed"),
        Profile::Dev => (WITH_ITS_TESTS, "5 min; a second if nothing changed"),
    };
    let phase = say::phase("building Slipway", usually);
    command::run(Command::new("cargo").args(words).current_dir(checkout::root()?))?;
    phase.done();
    Ok(())
}

/// Slipway with these settings and no others of the user's.
pub(crate) fn command(profile: Profile, settings: &[(&'static str, String)]) -> Result<Command> {
    let program = profile.program()?;
    if !program.exists() {
        bail!("{} is missing: `make run` builds it", program.display());
    }
    let mut command = Command::new(program);
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
