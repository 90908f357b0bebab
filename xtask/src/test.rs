//! `cargo xtask test`: every test, in the order in which a failure is cheapest
//! to find, and one line per part at the end.

use std::env;
use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use crate::playground::{self, Playground};
use crate::serving::Server;
use crate::setup::{self, Purpose};
use crate::slipway::{self, Profile};
use crate::{checkout, command, say};

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
enum Stage {
    Nothing,
    CargoDeny,
    /// The playground with the shop, Slipway on it, and their environment.
    Playground,
}

const PLAIN: Part = Part { name: "", needs: "Cargo.toml", folder: "", stage: Stage::Nothing, commands: &[] };

const PARTS: &[Part] = &[
    Part { name: "fmt", commands: &[&["cargo", "fmt", "--all", "--", "--check", "--files-with-diff"]], ..PLAIN },
    Part {
        name: "clippy",
        // Per crate set that ships: `--workspace` would unify features that never meet.
        commands: &[
            &["cargo", "clippy", "--all-targets", "--", "-D", "warnings"],
            &["cargo", "clippy", "-p", "xtask", "--all-targets", "--", "-D", "warnings"],
            &["cargo", "clippy", "-p", "frontend", "--target", "wasm32-unknown-unknown", "--", "-D", "warnings"],
        ],
        ..PLAIN
    },
    Part {
        name: "deny",
        needs: "deny.toml",
        stage: Stage::CargoDeny,
        // Advisories need a list from outside, which a test must not depend on.
        commands: &[&["cargo", "deny", "check", "bans", "licenses", "sources"]],
        ..PLAIN
    },
    Part { name: "rust", commands: &[&["cargo", "test"], &["cargo", "test", "-p", "xtask"]], ..PLAIN },
    Part {
        name: "postgres",
        // The same tests once more, on the database that scales.
        commands: &[&["env", "SLIPWAY_TEST_POSTGRES=1", "cargo", "test", "-p", "server", "--test", "it"]],
        ..PLAIN
    },
    Part {
        name: "playground",
        needs: "server/tests/playground",
        stage: Stage::Playground,
        commands: &[
            &["cargo", "test", "--lib", "--", "--ignored"],
            // They wait more than they work, so there may be more of them than processors.
            &["cargo", "test", "-p", "server", "--test", "playground", "--", "--ignored", "--test-threads=4"],
        ],
        ..PLAIN
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
    outcome: Outcome,
}

enum Outcome {
    Passed,
    /// The machine cannot have what the part is tested with.
    Skipped(anyhow::Error),
    Failed(anyhow::Error),
}

impl From<Result<()>> for Outcome {
    fn from(done: Result<()>) -> Self {
        done.map_or_else(Outcome::Failed, |()| Outcome::Passed)
    }
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
        let outcome = match self.stage {
            Stage::Nothing => self.run_commands(root, &[]).into(),
            Stage::CargoDeny => match setup::cargo_deny() {
                Ok(folder) => self.run_commands(root, &[("PATH", before_path(&folder))]).into(),
                Err(error) => Outcome::Skipped(error),
            },
            Stage::Playground => match playground::obstacle() {
                Ok(Some(obstacle)) => Outcome::Skipped(obstacle),
                Ok(None) => on_playground(|environment| self.run_commands(root, environment)).into(),
                Err(error) => Outcome::Failed(error),
            },
        };
        Verdict { name: self.name, took: began.elapsed(), outcome }
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

fn before_path(folder: &Path) -> String {
    format!("{}:{}", folder.display(), env::var("PATH").unwrap_or_default())
}

/// Runs tests while Slipway serves the shop, and leaves the playground as it was.
fn on_playground(tests: impl FnOnce(&[(&'static str, String)]) -> Result<()>) -> Result<()> {
    playground::refuse_a_second_slipway()?;
    slipway::build(Profile::Dev)?;
    let was_up = playground::is_up()?;
    let playground = playground::up()?;
    playground::ensure_credentials(Profile::Dev, &playground)?;
    let log = File::create(playground.place.log("slipway"))?;
    let mut server = Server::start(Profile::Dev, &playground, Some(log))?;
    let done = seeded(&mut server, &playground)
        .and_then(|()| tests(&playground::settings(&playground)?))
        .and_then(|()| playground::nothing_is_left(&playground));
    let ended = server.end();
    let stopped = if was_up { Ok(()) } else { playground::down() };
    done.and(ended).and(stopped)
}

fn seeded(server: &mut Server, playground: &Playground) -> Result<()> {
    server.ready(playground)?;
    playground::seed(Profile::Dev)
}

/// Whether nothing failed. The last line is plain and counts, for those who only
/// read that one.
fn report(verdicts: &[Verdict]) -> bool {
    let (mut passed, mut failed) = (0, 0);
    say::plain("");
    for Verdict { name, took, outcome } in verdicts {
        let seconds = took.as_secs();
        match outcome {
            Outcome::Passed => {
                passed += 1;
                say::plain(format_args!("passed   {name} ({seconds} s)"));
            }
            Outcome::Skipped(why) => say::plain(format_args!("skipped  {name}: {why:#}")),
            Outcome::Failed(why) => {
                failed += 1;
                say::plain(format_args!("FAILED   {name} ({seconds} s): {why:#}"));
            }
        }
    }
    say::plain(format_args!("{passed} passed, {failed} failed"));
    failed == 0
}
