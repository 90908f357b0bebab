//! `cargo xtask test`: every test, in the order in which a failure is cheapest
//! to find, and one line per part at the end.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use crate::setup::{self, Purpose};
use crate::{checkout, command, say};

#[derive(Args)]
pub(crate) struct Options {
    /// Only these parts, by name; all of them if none is named
    parts: Vec<String>,
}

/// A part of the tests: programs that must all succeed, one after the other.
struct Part {
    name: &'static str,
    commands: &'static [&'static [&'static str]],
}

const PARTS: &[Part] = &[
    Part { name: "fmt", commands: &[&["cargo", "fmt", "--all", "--check"]] },
    // Per crate set that ships: `--workspace` would unify features that never meet.
    Part {
        name: "clippy",
        commands: &[
            &["cargo", "clippy", "--all-targets", "--", "-D", "warnings"],
            &["cargo", "clippy", "-p", "xtask", "--all-targets", "--", "-D", "warnings"],
            &["cargo", "clippy", "-p", "frontend", "--target", "wasm32-unknown-unknown", "--", "-D", "warnings"],
        ],
    },
    Part { name: "rust", commands: &[&["cargo", "test"], &["cargo", "test", "-p", "xtask"]] },
];

struct Verdict {
    name: &'static str,
    took: Duration,
    error: Option<anyhow::Error>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let chosen = choose(&options.parts)?;
    let root = checkout::root()?;
    setup::setup(Purpose::Test)?;
    let verdicts: Vec<Verdict> = chosen.into_iter().map(|part| part.run(&root)).collect();
    report(&verdicts)
}

fn choose(names: &[String]) -> Result<Vec<&'static Part>> {
    if names.is_empty() {
        return Ok(PARTS.iter().collect());
    }
    names
        .iter()
        .map(|name| match PARTS.iter().find(|part| part.name == name) {
            Some(part) => Ok(part),
            None => bail!(
                "there is no part `{name}`; there are {}",
                PARTS.iter().map(|part| part.name).collect::<Vec<_>>().join(", ")
            ),
        })
        .collect()
}

impl Part {
    fn run(&self, root: &Path) -> Verdict {
        say::line(format_args!("── {} ──", self.name));
        let began = Instant::now();
        let done = self
            .commands
            .iter()
            .try_for_each(|words| command::run(Command::new(words[0]).args(&words[1..]).current_dir(root)));
        Verdict { name: self.name, took: began.elapsed(), error: done.err() }
    }
}

/// The last line is plain and counts, for those who only read that one.
fn report(verdicts: &[Verdict]) -> Result<()> {
    say::line("");
    for Verdict { name, took, error } in verdicts {
        let seconds = took.as_secs();
        match error {
            None => say::line(format_args!("passed  {name} ({seconds} s)")),
            Some(error) => say::line(format_args!("FAILED  {name} ({seconds} s): {error:#}")),
        }
    }
    let failed = verdicts.iter().filter(|verdict| verdict.error.is_some()).count();
    say::plain(format_args!("{} passed, {failed} failed", verdicts.len() - failed));
    if failed > 0 {
        bail!("not all parts passed");
    }
    Ok(())
}
