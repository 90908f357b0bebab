//! The processes of the machine: what a build runs is seen here, whatever the engine says.

use std::fs;

/// Ids of processes whose environment holds `NAME=value`.
pub(crate) fn with(variable: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").expect("a list of processes");
    let ids = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    // One that ends while it is looked at is none of those that are left.
    let has = |id: &String| {
        let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        environment.split(|&byte| byte == 0).any(|entry| entry == variable.as_bytes())
    };
    ids.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).filter(has).collect()
}
