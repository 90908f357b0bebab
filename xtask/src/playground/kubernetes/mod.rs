//! Kubernetes, a real one with one real node.

pub(crate) mod certificates;
pub(crate) mod control;
pub(crate) mod kubeconfig;
pub(crate) mod node;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::Playground;

/// The name of the node, and its address.
const NODE: &str = "127.0.0.1";

/// Certificates and the files that lead to the API server.
pub(crate) fn prepare(playground: &Playground) -> Result<()> {
    certificates::ensure(&playground.place)?;
    std::fs::create_dir_all(playground.place.data("node"))?;
    kubeconfig::write(playground, "admin", &admin_kubeconfig(playground))?;
    kubeconfig::write(playground, "kubelet", &node_kubeconfig(playground))
}

pub(crate) fn admin_kubeconfig(playground: &Playground) -> PathBuf {
    playground.place.data("kubeconfig")
}

fn node_kubeconfig(playground: &Playground) -> PathBuf {
    playground.place.data("node/kubeconfig")
}

/// A client of this cluster, of its very version.
pub(crate) fn kubectl(playground: &Playground) -> Command {
    let words = kubectl_base(playground);
    let mut kubectl = Command::new(&words[0]);
    kubectl.args(&words[1..]);
    kubectl
}

/// The same for a probe, which does not wait for long.
fn kubectl_words(playground: &Playground, words: &[&str]) -> Vec<String> {
    let mut all = kubectl_base(playground);
    all.push("--request-timeout=3s".to_owned());
    all.extend(words.iter().map(|&word| word.to_owned()));
    all
}

fn kubectl_base(playground: &Playground) -> Vec<String> {
    vec![
        playground.components.display().to_string(),
        "kubectl".to_owned(),
        format!("--kubeconfig={}", admin_kubeconfig(playground).display()),
        format!("--cache-dir={}", playground.place.data("kubernetes/client-cache").display()),
    ]
}
