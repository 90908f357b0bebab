//! Running other programs, so that a failure says which one and why.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// Runs to the end with its output shown.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    keep_own_package(command);
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs to the end unseen; what it printed becomes the answer, or part of the error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    keep_own_package(command);
    let Output { status, stdout, stderr } =
        command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        let said = String::from_utf8_lossy(if stderr.is_empty() { &stdout } else { &stderr });
        bail!("{} ended with {status}: {}", shown(command), last_lines(&said, 12));
    }
    Ok(String::from_utf8_lossy(&stdout).into_owned())
}

/// Like `output`, with this as its input.
pub(crate) fn fed(command: &mut Command, input: &str) -> Result<String> {
    keep_own_package(command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start {}", shown(command)))?;
    child.stdin.take().context("the input was asked for")?.write_all(input.as_bytes())?;
    let Output { status, stdout, stderr } = child.wait_with_output()?;
    if !status.success() {
        bail!("{} ended with {status}: {}", shown(command), last_lines(&String::from_utf8_lossy(&stderr), 12));
    }
    Ok(String::from_utf8_lossy(&stdout).into_owned())
}

/// What cargo tells us about this crate would have another cargo build anew whatever asks for it.
fn keep_own_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
}

/// The end of a long text: errors are at the end, and a screen is small.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// The program as a shell would find it, if it is there.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn shown(command: &Command) -> String {
    let mut text = format!("`{}", command.get_program().to_string_lossy());
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text.push('`');
    text
}
