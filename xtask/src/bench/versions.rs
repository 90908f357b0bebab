//! Images to roll out, written straight into the registry: the layers of the shop's base with a
//! configuration of their own, so that each is another digest and none takes a build. The same
//! tag is the same digest on every run of the benchmark.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use ureq::Agent;
use ureq::http::Response;

use super::stage::REPOSITORIES;
use crate::playground::Playground;

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Where the layers come from.
const BASE: (&str, &str) = ("shop/base", "1");

/// What the program of an image does.
#[derive(Clone, Copy)]
pub(super) enum Program {
    /// Runs until it is asked to end, and ends at once then.
    Waits,
    /// Says why and ends with 1.
    Crashes,
}

impl Program {
    fn script(self) -> &'static str {
        match self {
            Program::Waits => "trap 'exit 0' TERM; while :; do sleep 3600 & wait; done",
            Program::Crashes => "echo the benchmark wants this to crash; exit 1",
        }
    }

    fn tag(self, number: usize) -> String {
        match self {
            Program::Waits => format!("1.0.{number}"),
            Program::Crashes => format!("2.0.{number}"),
        }
    }
}

/// The repository of all of them.
pub(super) fn repository(playground: &Playground) -> String {
    format!("{}/{REPOSITORIES}/app", playground.state.registry())
}

/// Writes so many versions; their tags.
pub(super) fn make(playground: &Playground, program: Program, count: usize) -> Result<Vec<String>> {
    let registry = Registry::of(playground);
    let base = registry.json(&format!("{}/manifests/{}", BASE.0, BASE.1), MANIFEST)?;
    for layer in base["layers"].as_array().into_iter().flatten() {
        registry.mount(layer["digest"].as_str().context("a layer has a digest")?)?;
    }
    let config = base["config"]["digest"].as_str().context("a manifest has a configuration")?;
    let config = registry.json(&format!("{}/blobs/{config}", BASE.0), "*/*")?;
    (1..=count).map(|number| registry.version(&base, &config, program, number)).collect()
}

struct Registry {
    agent: Agent,
    url: String,
}

impl Registry {
    fn of(playground: &Playground) -> Self {
        let agent = Agent::config_builder().proxy(None).build().new_agent();
        Self { agent, url: format!("http://{}/v2", playground.state.registry()) }
    }

    fn json(&self, path: &str, accept: &str) -> Result<Value> {
        let mut answer = self.agent.get(format!("{}/{path}", self.url)).header("Accept", accept).call()?;
        Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
    }

    /// Takes a layer over from the base.
    fn mount(&self, digest: &str) -> Result<()> {
        let url = format!("{}/{REPOSITORIES}/app/blobs/uploads/?mount={digest}&from={}", self.url, BASE.0);
        let answer = self.agent.post(url).send_empty()?;
        if answer.status() != 201 {
            bail!("the registry did not mount {digest}: {}", answer.status());
        }
        Ok(())
    }

    fn version(&self, base: &Value, config: &Value, program: Program, number: usize) -> Result<String> {
        let tag = program.tag(number);
        let mut config = config.clone();
        config["config"]["Cmd"] = json!(["/bin/sh", "-c", program.script()]);
        config["config"]["Labels"] = json!({"version": tag});
        let config = config.to_string();
        let digest = format!("sha256:{}", hex(&Sha256::digest(&config)));
        self.upload(&digest, &config)?;
        let mut manifest = base.clone();
        manifest["config"]["digest"] = json!(digest);
        manifest["config"]["size"] = json!(config.len());
        let url = format!("{}/{REPOSITORIES}/app/manifests/{tag}", self.url);
        self.agent.put(url).header("Content-Type", MANIFEST).send(manifest.to_string())?;
        Ok(tag)
    }

    fn upload(&self, digest: &str, blob: &str) -> Result<()> {
        let begun = self.agent.post(format!("{}/{REPOSITORIES}/app/blobs/uploads/", self.url)).send_empty()?;
        let url = format!("{}&digest={digest}", location(&begun)?);
        self.agent.put(url).header("Content-Type", "application/octet-stream").send(blob)?;
        Ok(())
    }
}

/// It has a query already.
fn location<B>(answer: &Response<B>) -> Result<&str> {
    let location = answer.headers().get("Location").context("an upload has an address")?;
    Ok(location.to_str()?)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
