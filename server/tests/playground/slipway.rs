//! A client of the REST API, as a script is one.

use serde_json::Value;
use std::time::Duration;
use ureq::{
    Agent, Body,
    http::{HeaderMap, Response},
};
use uuid::Uuid;

/// Longer than anything is waited for on the server's side.
const GIVE_UP: Duration = Duration::from_secs(620);

/// One Slipway, and a token of it.
#[derive(Clone)]
pub(crate) struct Slipway {
    pub(crate) agent: Agent,
    pub(crate) url: String,
    pub(crate) token: String,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Slipway {
    pub(crate) fn at(url: &str, token: &str) -> Self {
        // What a status means is the test's to say, and a proxy has no part in it.
        let config = Agent::config_builder().http_status_as_error(false).proxy(None).timeout_global(Some(GIVE_UP));
        Self { agent: config.build().new_agent(), url: url.to_owned(), token: token.to_owned() }
    }

    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.url)
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.get(self.address(path)).header("authorization", self.bearer());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::read(path, request.call())
    }

    /// The body of an answer that must be 200.
    pub(crate) fn read(&self, path: &str) -> Value {
        self.get(path).is(200)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.start(path, &Uuid::new_v4().to_string(), body)
    }

    /// A POST that is safe to repeat under this key.
    pub(crate) fn start(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.agent.post(self.address(path)).header("authorization", self.bearer());
        Answer::read(path, request.header("idempotency-key", key).send_json(body))
    }

    /// Replaces a thing that was read with this ETag.
    pub(crate) fn put(&self, path: &str, body: &Value, etag: &str) -> Answer {
        let request = self.agent.put(self.address(path)).header("authorization", self.bearer());
        Answer::read(path, request.header("if-match", etag).send_json(body))
    }

    /// The run when it is settled, which it must be by then.
    pub(crate) fn settled(&self, run: &str, limit: Duration) -> Value {
        self.read(&format!("/runs/{run}?wait=settled&timeout_ms={}", limit.as_millis()))
    }
}

impl Answer {
    fn read(path: &str, answer: Result<Response<Body>, ureq::Error>) -> Self {
        let mut answer = answer.unwrap_or_else(|why| panic!("{path}: {why}"));
        let text = answer.body_mut().read_to_string().unwrap_or_else(|why| panic!("{path}: {why}"));
        Self { status: answer.status().as_u16(), headers: answer.headers().clone(), text }
    }

    /// Asserts the status and gives the body.
    pub(crate) fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// Asserts a refusal with this status and code.
    pub(crate) fn is_problem(&self, status: u16, code: &str) -> Value {
        let problem = self.is(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["code"], code, "{problem}");
        problem
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|why| panic!("{why}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A text of a body, which must be there.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text was expected, not {value}"))
}

/// A list of a body, which must be there.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("a list was expected, not {value}"))
}

/// A number of a body, which must be there.
pub(crate) fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("a number was expected, not {value}"))
}
