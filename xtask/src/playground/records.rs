//! Which process is which part: a file per part, written when it is started.

use std::fs;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::place::Place;
use super::process::Process;

#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) process: Process,
    /// Of its command line and files: another one means that it must be started anew.
    pub(crate) fingerprint: String,
}

/// A record that cannot be read is none: its part is then started anew.
pub(crate) fn read(place: &Place, name: &str) -> Option<Record> {
    let text = fs::read(place.run(&format!("{name}.json"))).ok()?;
    serde_json::from_slice(&text).ok()
}

pub(crate) fn write(place: &Place, name: &str, record: &Record) -> Result<()> {
    fs::write(place.run(&format!("{name}.json")), serde_json::to_vec(record)?)?;
    Ok(())
}
