//! Cluster, registry, engine, service map and builds of the shop.

use std::thread;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::client::Client;
use crate::playground::{Playground, engine, images, kubernetes, repositories};
use crate::say;

/// Each build has this many successful runs at least, so that there is a choice.
const RUNS: usize = 2;
/// The references that a build is run with, one after the other.
const REFERENCES: [&str; RUNS] = ["v1.0.0", "main"];

/// The name of everything that there is one of.
const LOCAL: &str = "local";
const MAP: &str = "shop";

/// The successful runs of both builds, oldest first.
pub(super) struct Builds {
    pub(super) web: Vec<Value>,
    pub(super) api: Vec<Value>,
}

pub(super) fn ensure(playground: &Playground, client: &Client) -> Result<()> {
    let registry = playground.state.registry();
    client.ensure("clusters", &json!({"name": LOCAL, "discovered": kubernetes::kubeconfig::CONTEXT}))?;
    client.ensure(
        "registries",
        &json!({
            "name": LOCAL,
            "url": format!("http://{registry}"),
            "pull_hosts": [registry],
            "push_repositories": ["shop/*"],
        }),
    )?;
    client.ensure("engines", &json!({"name": LOCAL, "type": "docker", "url": engine::host(playground)}))?;
    client.ensure("maps", &json!({"name": MAP, "cluster": LOCAL, "namespace": "shop"}))?;
    client.ensure("builds", &build(playground, "web", "1.27-", "The page of the shop"))?;
    client.ensure("builds", &build(playground, "api", "2.4-", "What the shop has in stock, and a report on it"))
}

fn build(playground: &Playground, name: &str, prefix: &str, description: &str) -> Value {
    let repository = repositories::folder(playground).join(format!("{name}.git"));
    json!({
        "name": name,
        "description": description,
        "registry": LOCAL,
        "repository": format!("shop/{name}"),
        "engine": LOCAL,
        "tag_rule": {"type": "sequence", "prefix": prefix},
        "steps": [
            {
                "type": "git",
                "name": "source",
                "url": format!("file://{}", repository.display()),
                "reference": "main",
                "folder": name,
            },
            {
                "type": "image",
                "name": "image",
                "context": name,
                "dockerfile": "Dockerfile",
                "build_args": {"VERSION": "${build.tag}", "BASE": images::base(&playground.state)},
            },
        ],
    })
}

/// Both at once: the engine takes two, and nobody likes to wait.
pub(super) fn run_builds(client: &Client) -> Result<Builds> {
    thread::scope(|scope| {
        let web = scope.spawn(|| runs(client, "web"));
        let api = runs(client, "api")?;
        let Ok(web) = web.join() else { bail!("the runs of web ended in a panic") };
        Ok(Builds { web: web?, api })
    })
}

fn runs(client: &Client, build: &str) -> Result<Vec<Value>> {
    let path = format!("/builds/{build}/runs");
    let listed = client.get(&format!("{path}?limit=200"))?.context("the build was made just now")?;
    let all = listed["items"].as_array().cloned().unwrap_or_default();
    let mut made = all.len();
    let mut succeeded: Vec<Value> = all.into_iter().filter(|run| run["status"] == "succeeded").collect();
    succeeded.sort_by_key(|run| run["number"].as_u64());
    while succeeded.len() < RUNS {
        let reference = REFERENCES[succeeded.len()];
        // A run that failed is not repeated by its key, so the count is part of it.
        let key = format!("playground-{build}-{made}");
        let wait = "wait=settled&timeout_ms=300000&expect=succeeded";
        let run = client.post(&format!("{path}?{wait}"), &json!({"reference": reference}), Some(&key))?;
        say::line(format_args!("build {build}: {} of {reference}", run["tag"].as_str().unwrap_or("?")));
        succeeded.push(run);
        made += 1;
    }
    Ok(succeeded)
}
