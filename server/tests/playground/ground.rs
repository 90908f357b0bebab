//! What the playground says about itself.

use crate::slipway::Slipway;
use std::process::Command;

/// A value of `.playground/env`.
pub(crate) fn setting(name: &str) -> String {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => value,
        _ => panic!("{name} is missing: `cargo xtask test playground` sets it"),
    }
}

/// The Slipway that serves the shop, with its administrator's token.
pub(crate) fn slipway() -> Slipway {
    Slipway::at(&setting("SLIPWAY_URL"), &setting("SLIPWAY_TOKEN"))
}

/// An image of the shop, as in `store:1.0.0`.
pub(crate) fn shop(image: &str) -> String {
    format!("{}/shop/{image}", setting("REGISTRY"))
}

/// What a command of the machine prints; it must succeed.
pub(crate) fn output(command: &mut Command) -> String {
    let done = command.output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?} ended with {}: {said}", done.status);
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// The engine's own client. Debian's, by its path: a machine may have another before it.
pub(crate) fn docker(words: &[&str]) -> String {
    output(Command::new("/usr/bin/docker").args(words))
}
