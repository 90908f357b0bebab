//! Namespaces of the benchmark's own, so that nothing of the shop is touched.

use std::io::Write;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::stage::Stage;
use crate::command;
use crate::playground::{self, Playground};

/// By which they are found again, also those of a benchmark that was killed.
const LABEL: (&str, &str) = ("slipway-bench", "true");

/// Makes it, ready for pods.
pub(super) fn make(stage: &Stage, name: &str) -> Result<()> {
    let labels = json!({LABEL.0: LABEL.1});
    create(stage, &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}))?;
    // Pods are refused until the controllers have given the namespace its account.
    let wait = ["wait", "--for=create", "serviceaccount/default", "--timeout=60s", "--namespace", name];
    command::output(&mut stage.kubectl(&wait)).map(drop)
}

pub(super) fn exists(stage: &Stage, name: &str) -> Result<bool> {
    let found =
        command::output(&mut stage.kubectl(&["get", "namespace", name, "--ignore-not-found", "--output=name"]))?;
    Ok(!found.trim().is_empty())
}

/// Creates all objects of these at once.
pub(super) fn create_all(stage: &Stage, objects: &[Value]) -> Result<()> {
    create(stage, &json!({"apiVersion": "v1", "kind": "List", "items": objects}))
}

/// Creates an object.
pub(super) fn create(stage: &Stage, object: &Value) -> Result<()> {
    let mut create = stage.kubectl(&["create", "--filename=-"]);
    let mut child = create.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    child.stdin.take().context("the input was asked for")?.write_all(object.to_string().as_bytes())?;
    let done = child.wait_with_output()?;
    if !done.status.success() {
        bail!("kubectl create: {}", command::last_lines(&String::from_utf8_lossy(&done.stderr), 4));
    }
    Ok(())
}

/// Removes all of them, and nodes that only they used; returns when they are gone.
pub(super) fn remove_leftovers(playground: &Playground) -> Result<()> {
    let selector = format!("--selector={}={}", LABEL.0, LABEL.1);
    let kubectl = |words: &[&str]| command::output(playground::kubectl(playground).args(words));
    let listed = kubectl(&["get", "namespaces", &selector, "--output=jsonpath={.items[*].metadata.name}"])?;
    // First the namespaces: in one that goes nothing new is made. Then their pods, whose end nobody confirms when their
    // node is no more.
    for wait in ["--wait=false", "--wait=true"] {
        for kind in ["namespaces", "nodes"] {
            kubectl(&["delete", kind, &selector, "--ignore-not-found", wait, "--timeout=180s"])?;
        }
        for namespace in listed.split_whitespace().filter(|_| wait == "--wait=false") {
            let pods = ["delete", "pods", "--all", "--namespace", namespace];
            kubectl(&[&pods[..], &["--force", "--grace-period=0", "--wait=false"]].concat())?;
        }
    }
    Ok(())
}

/// Waits until all deployments of a namespace are as they should be.
pub(super) fn until_available(stage: &Stage, namespace: &str) -> Result<()> {
    let all = ["wait", "--for=condition=Available", "deployments", "--all", "--namespace", namespace];
    command::output(stage.kubectl(&all).arg("--timeout=180s"))?;
    Ok(())
}

/// The label, for what else is to go with them.
pub(super) fn labels() -> Value {
    json!({LABEL.0: LABEL.1})
}
