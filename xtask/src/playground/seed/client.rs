//! A client of Slipway's REST API, with as much of it as the seed needs.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use ureq::Agent;

use crate::say;

pub(super) struct Client {
    agent: Agent,
    base: String,
    authorization: String,
}

impl Client {
    pub(super) fn new(port: u16, token: &str) -> Self {
        // What a status means is ours to say, and a proxy has no part in it.
        let agent = Agent::config_builder().http_status_as_error(false).proxy(None).build().new_agent();
        Self { agent, base: format!("http://127.0.0.1:{port}/api/v1"), authorization: format!("Bearer {token}") }
    }

    pub(super) fn is_known(&self) -> Result<bool> {
        let answer = self.agent.get(format!("{}/me", self.base));
        let answer = answer.header("Authorization", &self.authorization).call()?;
        Ok(answer.status() != 401)
    }

    /// Nothing where there is no such thing.
    pub(super) fn get(&self, path: &str) -> Result<Option<Value>> {
        let request = self.agent.get(format!("{}{path}", self.base));
        let mut answer = request.header("Authorization", &self.authorization).call()?;
        match answer.status().as_u16() {
            404 => Ok(None),
            200 => Ok(Some(answer.body_mut().read_json()?)),
            status => bail!("GET {path} was answered with {status}: {}", problem(&mut answer)),
        }
    }

    /// `key` tells a repetition of the same start from a second one.
    pub(super) fn post(&self, path: &str, body: &Value, key: Option<&str>) -> Result<Value> {
        let mut request = self.agent.post(format!("{}{path}", self.base));
        request = request.header("Authorization", &self.authorization);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let mut answer = request.send_json(body)?;
        if !answer.status().is_success() {
            bail!("POST {path} was answered with {}: {}", answer.status(), problem(&mut answer));
        }
        answer.body_mut().read_json().with_context(|| format!("POST {path} was answered with rubbish"))
    }

    /// Makes a thing of a collection unless there is one of its name.
    pub(super) fn ensure(&self, collection: &str, body: &Value) -> Result<()> {
        let name = body["name"].as_str().context("things have names")?;
        if self.get(&format!("/{collection}/{name}"))?.is_some() {
            return Ok(());
        }
        self.post(&format!("/{collection}"), body, None)?;
        say::line(format_args!("{collection}: {name}"));
        Ok(())
    }
}

/// What a refusal says about itself, for people.
fn problem(answer: &mut ureq::http::Response<ureq::Body>) -> String {
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    let Ok(problem) = serde_json::from_str::<Value>(&text) else { return text };
    let fields = problem["fields"].as_array().filter(|fields| !fields.is_empty());
    match (problem["detail"].as_str(), fields) {
        (Some(detail), None) => detail.to_owned(),
        (Some(detail), Some(_)) => format!("{detail} {}", problem["fields"]),
        (None, _) => text,
    }
}
