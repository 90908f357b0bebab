//! A client of Slipway's REST API, with as much of it as the seed and the
//! benchmark need.

use std::io::{BufRead, BufReader};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body, BodyReader};

use crate::say;

pub(crate) struct Client {
    agent: Agent,
    server: String,
    authorization: String,
}

impl Client {
    pub(crate) fn new(port: u16, token: &str) -> Self {
        // What a status means is ours to say, and a proxy has no part in it.
        let agent = Agent::config_builder().http_status_as_error(false).proxy(None).build().new_agent();
        Self { agent, server: format!("127.0.0.1:{port}"), authorization: format!("Bearer {token}") }
    }

    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    pub(crate) fn authorization(&self) -> &str {
        &self.authorization
    }

    pub(crate) fn is_known(&self) -> Result<bool> {
        let answer = self.agent.get(self.api("/me")).header("Authorization", &self.authorization).call()?;
        Ok(answer.status() != 401)
    }

    /// Nothing where there is no such thing.
    pub(crate) fn get(&self, path: &str) -> Result<Option<Value>> {
        let mut answer = self.agent.get(self.api(path)).header("Authorization", &self.authorization).call()?;
        match answer.status().as_u16() {
            404 => Ok(None),
            200 => Ok(Some(answer.body_mut().read_json()?)),
            status => bail!("GET {path} was answered with {status}: {}", problem(&mut answer)),
        }
    }

    /// `key` tells a repetition of the same start from a second one.
    pub(crate) fn post(&self, path: &str, body: &Value, key: Option<&str>) -> Result<Value> {
        let mut request = self.agent.post(self.api(path));
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

    /// Changes some members of a thing, whatever they were before.
    pub(crate) fn patch(&self, path: &str, change: &Value) -> Result<()> {
        let read = self.agent.get(self.api(path)).header("Authorization", &self.authorization).call()?;
        let revision = read.headers().get("ETag").context("a thing that can change has an ETag")?.clone();
        let request = self.agent.patch(self.api(path)).header("Authorization", &self.authorization);
        let request = request.header("If-Match", revision).header("Content-Type", "application/merge-patch+json");
        let mut answer = request.send(serde_json::to_string(change)?)?;
        if !answer.status().is_success() {
            bail!("PATCH {path} was answered with {}: {}", answer.status(), problem(&mut answer));
        }
        Ok(())
    }

    /// Deletes a thing if it is there.
    pub(crate) fn delete(&self, path: &str) -> Result<()> {
        let mut answer = self.agent.delete(self.api(path)).header("Authorization", &self.authorization).call()?;
        match answer.status().as_u16() {
            200..300 | 404 => Ok(()),
            status => bail!("DELETE {path} was answered with {status}: {}", problem(&mut answer)),
        }
    }

    /// Lines as they come, for as long as the server sends any.
    pub(crate) fn lines(&self, path: &str) -> Result<std::io::Lines<BufReader<BodyReader<'static>>>> {
        let mut answer = self.agent.get(self.api(path)).header("Authorization", &self.authorization).call()?;
        if !answer.status().is_success() {
            bail!("GET {path} was answered with {}: {}", answer.status(), problem(&mut answer));
        }
        Ok(BufReader::new(answer.into_body().into_reader()).lines())
    }

    /// A page or one of its files, as a browser asks for it; the body as it came over the wire.
    pub(crate) fn page(&self, path: &str, encodings: &str) -> Result<Response<Body>> {
        let request = self.agent.get(format!("http://{}{path}", self.server)).header("Accept-Encoding", encodings);
        let request = request.header("Accept", "text/html,*/*").header("Authorization", &self.authorization);
        let answer = request.call()?;
        if answer.status() != 200 {
            bail!("GET {path} was answered with {}", answer.status());
        }
        Ok(answer)
    }

    /// Makes a thing of a collection unless there is one of its name.
    pub(crate) fn ensure(&self, collection: &str, body: &Value) -> Result<()> {
        let name = body["name"].as_str().context("things have names")?;
        if self.get(&format!("/{collection}/{name}"))?.is_some() {
            return Ok(());
        }
        self.post(&format!("/{collection}"), body, None)?;
        say::line(format_args!("{collection}: {name}"));
        Ok(())
    }

    fn api(&self, path: &str) -> String {
        format!("http://{}/api/v1{path}", self.server)
    }
}

/// What a refusal says about itself, for people.
fn problem(answer: &mut Response<Body>) -> String {
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    let Ok(problem) = serde_json::from_str::<Value>(&text) else { return text };
    let fields = problem["fields"].as_array().filter(|fields| !fields.is_empty());
    match (problem["detail"].as_str(), fields) {
        (Some(detail), None) => detail.to_owned(),
        (Some(detail), Some(_)) => format!("{detail} {}", problem["fields"]),
        (None, _) => text,
    }
}
