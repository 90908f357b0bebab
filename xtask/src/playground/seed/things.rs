//! Cluster, registry, engine, service map and builds of the shop.

use std::thread;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::client::Client;
use crate::playground::{Playground, engine, files, images, kubernetes, repositories};
use crate::say;

/// Each build has this many successful runs at least, so that there is a choice.
const RUNS: usize = 2;
/// The references that a build is run with, one after the other.
const REFERENCES: [&str; RUNS] = ["v1.0.0", "main"];

/// The name of everything that there is one of.
const LOCAL: &str = "local";
const MAP: &str = "shop";
/// The secret that holds the password of the server of files.
const FILES: &str = "FILES";

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
    client.ensure("builds", &build(playground, "web", "1.27-", "The page of the shop", &[]))?;
    ensure_secret(playground, client)?;
    let about = "What the shop has in stock, and a report on it";
    client.ensure("builds", &build(playground, "api", "2.4-", about, &of_api(playground)))
}

/// A secret cannot be read by its name: the list tells whether it is there.
fn ensure_secret(playground: &Playground, client: &Client) -> Result<()> {
    let listed = client.get("/secrets?limit=200")?.context("secrets are listed")?;
    let known = listed["items"].as_array().is_some_and(|all| all.iter().any(|secret| secret["name"] == FILES));
    if !known {
        client.post("/secrets", &json!({"name": FILES, "value": files::password(playground)?}), None)?;
        say::line(format_args!("secrets: {FILES}"));
    }
    Ok(())
}

/// Between the code of `api` and its image: one step of each further type.
fn of_api(playground: &Playground) -> [Value; 4] {
    let registry = playground.state.registry();
    let tools = format!("{registry}/shop/tools:1.2.0");
    let password = format!("${{secret:{FILES}}}");
    [
        json!({
            "type": "transfer",
            "name": "rates",
            "protocol": "sftp",
            "host": "127.0.0.1",
            "port": playground.state.ports.files(),
            "direction": "fetch",
            "remote_path": "rates/*.csv",
            "local_path": "api/rates",
            "credentials": {"username": files::USERNAME, "password": password},
        }),
        json!({
            "type": "http",
            "name": "registry",
            "url": format!("http://{registry}/v2/shop/tools/tags/list"),
            "headers": {"Accept": "application/json"},
            "extract": {"TOOLS": {"pointer": "/name"}},
        }),
        json!({
            "type": "script",
            "name": "check",
            "image": tools,
            "working_folder": "api",
            "environment": {"TOOLS": "${step:registry.TOOLS}"},
            "script": "echo \"checked with $TOOLS\"\nfor rate in rates/*.csv; do\n  grep -q USD \"$rate\" && echo \"$rate is good\"\ndone\n",
        }),
        json!({
            "type": "container",
            "name": "count",
            "image": tools,
            "working_folder": "api",
            "command": ["wc", "-l", "stock.csv"],
        }),
    ]
}

fn build(playground: &Playground, name: &str, prefix: &str, description: &str, between: &[Value]) -> Value {
    let repository = repositories::folder(playground).join(format!("{name}.git"));
    let source = json!({
        "type": "git",
        "name": "source",
        "url": format!("file://{}", repository.display()),
        "reference": "main",
        "folder": name,
    });
    let image = json!({
        "type": "image",
        "name": "image",
        "context": name,
        "dockerfile": "Dockerfile",
        "build_args": {"VERSION": "${build.tag}", "BASE": images::base(&playground.state)},
    });
    let steps: Vec<Value> = [source].into_iter().chain(between.iter().cloned()).chain([image]).collect();
    json!({
        "name": name,
        "description": description,
        "registry": LOCAL,
        "repository": format!("shop/{name}"),
        "engine": LOCAL,
        "tag_rule": {"type": "sequence", "prefix": prefix},
        "steps": steps,
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
