//! The cluster, through `kubectl`.

use crate::ground::output;
use serde_json::Value;
use std::{
    io::Write,
    process::{Command, Stdio},
};

/// What it prints; it must succeed.
pub(crate) fn kubectl(words: &[&str]) -> String {
    output(Command::new("kubectl").args(words))
}

pub(crate) fn get(namespace: &str, words: &[&str]) -> Value {
    let mut all = vec!["get", "--namespace", namespace, "--output=json"];
    all.extend(words);
    serde_json::from_str(&kubectl(&all)).expect("kubectl prints JSON")
}

pub(crate) fn apply(namespace: &str, manifest: &str) {
    let mut command = Command::new("kubectl");
    command.args(["apply", "--namespace", namespace, "--filename=-"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().expect("kubectl starts");
    let mut input = child.stdin.take().expect("the input was asked for");
    input.write_all(manifest.as_bytes()).expect("kubectl reads");
    drop(input);
    let status = child.wait().expect("kubectl ends");
    assert!(status.success(), "kubectl did not apply {manifest}");
}
