//! How the tasks talk: one line per phase, and one sentence when they give up.

use std::fmt::Display;
use std::process::ExitCode;
use std::time::Instant;

/// A phase under way, with what it does and how long it usually takes.
pub(crate) struct Phase {
    name: String,
    began: Instant,
}

pub(crate) fn phase(name: impl Display, usually: &str) -> Phase {
    println!("→ {name} (usually {usually}) …");
    Phase { name: name.to_string(), began: Instant::now() }
}

impl Phase {
    pub(crate) fn done(self) {
        println!("✓ {} ({:.1} s)", self.name, self.began.elapsed().as_secs_f64());
    }
}

pub(crate) fn line(text: impl Display) {
    println!("  {text}");
}

/// A line without any mark, for programs that read it.
pub(crate) fn plain(text: impl Display) {
    println!("{text}");
}

/// Turns the end of a task into an exit status; the causes follow the sentence.
pub(crate) fn ending(done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("✗ {error:#}");
            ExitCode::FAILURE
        }
    }
}
