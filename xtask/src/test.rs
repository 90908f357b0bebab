//! `cargo xtask test`: every test, in the order in which a failure is cheapest
//! to find, and one line per part at the end.

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use crate::playground::{self, Playground};
use crate::serving::Server;
use crate::setup::{self, Purpose};
use crate::{checkout, command, say, slipway};

#[derive(Args)]
pub(crate) struct Options {
    /// Only these parts, by name; all of them if none is named
    parts: Vec<String>,
}

/// A part of the tests: programs that must all succeed, one after the other.
struct Part {
    name: &'static str,
    /// A file or folder of the checkout without which there is nothing to test.
    needs: &'static str,
    /// Where the programs run, from the root of the checkout.
    folder: &'static str,
    stage: Stage,
    commands: &'static [&'static [&'static str]],
}

/// What has to be there while the programs of a part run.
#[derive(PartialEq, Eq)]
enum Stage {
    Nothing,
    /// The playground with the shop, Slipway on it, and their environment.
    Playground,
}

const PARTS: &[Part] = &[
    Part {
        name: "fmt",
        needs: "Cargo.toml",
        folder: "",
        stage: Stage::Nothing,
        commands: &[&["cargo", "fmt", "--all", "--check"]],
    },
    Part {
        name: "clippy",
        needs: "Cargo.toml",
        folder: "",
        stage: Stage::Nothing,
        // Per crate set that ships: `--workspace` would unify features that never meet.
        commands: &[
            &["cargo", "clippy", "--all-targets", "--", "-D", "warnings"],
            &["cargo", "clippy", "-p", "xtask", "--all-targets", "--", "-D", "warnings"],
            &["cargo", "clippy", "-p", "frontend", "--target", "wasm32-unknown-unknown", "--", "-D", "warnings"],
        ],
    },
    Part {
        name: "deny",
        needs: "deny.toml",
        folder: "",
        stage: Stage::Nothing,
        // Advisories need a list from outside, which a test must not depend on.
        commands: &[&["cargo", "deny", "--offline", "check", "bans", "licenses", "sources"]],
    },
    Part {
        name: "rust",
        needs: "Cargo.toml",
        folder: "",
        stage: Stage::Nothing,
        commands: &[&["cargo", "test"], &["cargo", "test", "-p", "xtask"]],
    },
    Part {
        name: "playground",
        needs: "server/tests/playground",
        folder: "",
        stage: Stage::Playground,
        commands: &[&["cargo", "test", "-p", "server", "--test", "playground"]],
    },
    Part {
        name: "browser",
        needs: "end2end/package.json",
        folder: "end2end",
        stage: Stage::Playground,
        commands: &[&["npm", "ci", "--no-audit", "--no-fund"], &["npx", "playwright", "test"]],
    },
];

struct Verdict {
    name: &'static str,
    took: Duration,
    error: Option<anyhow::Error>,
}

/// Whether all passed.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let root = checkout::root()?;
    let chosen = choose(&options.parts, &root)?;
    setup::setup(Purpose::Test)?;
    let verdicts: Vec<Verdict> = chosen.into_iter().map(|part| part.run(&root)).collect();
    Ok(report(&verdicts))
}

fn choose(names: &[String], root: &Path) -> Result<Vec<&'static Part>> {
    if names.is_empty() {
        return Ok(PARTS.iter().filter(|part| root.join(part.needs).exists()).collect());
    }
    names.iter().map(|name| named(name)).collect()
}

fn named(name: &str) -> Result<&'static Part> {
    let Some(part) = PARTS.iter().find(|part| part.name == name) else {
        let names: Vec<_> = PARTS.iter().map(|part| part.name).collect();
        bail!("there is no part `{name}`; there are {}", names.join(", "));
    };
    Ok(part)
}

impl Part {
    fn run(&self, root: &Path) -> Verdict {
        say::plain(format_args!("── {} ──", self.name));
        let began = Instant::now();
        let done = match self.stage {
            Stage::Nothing => self.run_commands(root, &[]),
            Stage::Playground => on_playground(|environment| self.run_commands(root, environment)),
        };
        Verdict { name: self.name, took: began.elapsed(), error: done.err() }
    }

    fn run_commands(&self, root: &Path, environment: &[(&'static str, String)]) -> Result<()> {
        self.commands.iter().try_for_each(|words| {
            let mut command = Command::new(words[0]);
            command.args(&words[1..]).current_dir(root.join(self.folder));
            command.envs(environment.iter().map(|(name, value)| (name, value)));
            command::run(&mut command)
        })
    }
}

/// Runs tests while Slipway serves the shop, and leaves the playground as it was.
fn on_playground(tests: impl FnOnce(&[(&'static str, String)]) -> Result<()>) -> Result<()> {
    playground::refuse_a_second_slipway()?;
    slipway::build()?;
    let was_up = playground::is_up()?;
    let playground = playground::up()?;
    playground::ensure_credentials(&playground)?;
    let log = File::create(playground.place.log("slipway"))?;
    let mut server = Server::start(&playground, Some(log))?;
    let done = seeded(&mut server, &playground).and_then(|()| tests(&playground::settings(&playground)?));
    server.end()?;
    if !was_up {
        playground::down()?;
    }
    done
}

fn seeded(server: &mut Server, playground: &Playground) -> Result<()> {
    server.ready(playground)?;
    playground::seed()
}

/// The last line is plain and counts, for those who only read that one.
fn report(verdicts: &[Verdict]) -> bool {
    say::plain("");
    for Verdict { name, took, error } in verdicts {
        let seconds = took.as_secs();
        match error {
            None => say::plain(format_args!("passed  {name} ({seconds} s)")),
            Some(error) => say::plain(format_args!("FAILED  {name} ({seconds} s): {error:#}")),
        }
    }
    let failed = verdicts.iter().filter(|verdict| verdict.error.is_some()).count();
    say::plain(format_args!("{} passed, {failed} failed", verdicts.len() - failed));
    failed == 0
}
