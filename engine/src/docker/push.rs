//! Pushing an image.

use super::{DockerEngine, DockerError, RegistryCredentials, failure::innermost};
use crate::line::Lines;
use base64::Engine as _;
use bytes::{Bytes, BytesMut};
use http::Request;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use memchr::memchr;
use serde::Deserialize;
use std::collections::HashMap;
use tokio_util::sync::CancellationToken;
use types::{Digest, log::LogStream};

/// Most bytes of one item of the engine's answer, and of a refusal.
const ITEM_BYTES: usize = 1 << 20;

/// What is pushed.
#[derive(Clone, Debug)]
pub struct ImagePush {
    /// Host and path, without the tag.
    pub repository: String,
    pub tag: String,
    pub credentials: Option<RegistryCredentials>,
}

/// One item of the answer; bollard's model of it leaves out which layer it is about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Item {
    id: Option<String>,
    status: Option<String>,
    error: Option<String>,
    aux: Option<Aux>,
}

#[derive(Debug, Deserialize)]
struct Aux {
    #[serde(rename = "Digest")]
    digest: Option<String>,
}

/// What the answer has said so far.
#[derive(Default)]
struct Said {
    states: HashMap<String, String>,
    digest: Option<Digest>,
}

impl DockerEngine {
    /// Pushes a tag; the digest is what the registry has now stored under it.
    pub async fn push(
        &self,
        push: ImagePush,
        lines: &Lines,
        cancel: &CancellationToken,
    ) -> Result<Digest, DockerError> {
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(DockerError::Cancelled),
            outcome = self.run_push(push, lines) => outcome,
        }
    }

    async fn run_push(&self, push: ImagePush, lines: &Lines) -> Result<Digest, DockerError> {
        let unreachable = |error: &(dyn std::error::Error + 'static)| DockerError::EngineUnreachable(innermost(error));
        let request = request(&push)?;
        let response = self.transport.send(request).await.map_err(|error| unreachable(&error))?;
        if !response.status().is_success() {
            let body = Limited::new(response.into_body(), ITEM_BYTES).collect().await;
            let body = body.map_err(|error| unreachable(error.as_ref()))?.to_bytes();
            return Err(refusal(&String::from_utf8_lossy(&body)));
        }
        let mut said = Said::default();
        let mut body: Incoming = response.into_body();
        let mut buffer = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| unreachable(&error))?;
            buffer.extend_from_slice(&frame.into_data().unwrap_or_default());
            while let Some(end) = memchr(b'\n', &buffer) {
                let item = buffer.split_to(end + 1);
                if let Some(line) = said.take(&item)? {
                    lines.send_now(LogStream::Stdout, line).await?;
                }
            }
            if buffer.len() > ITEM_BYTES {
                return Err(DockerError::EngineRefused("its answer has no end".to_owned()));
            }
        }
        if let Some(line) = said.take(&buffer)? {
            lines.send_now(LogStream::Stdout, line).await?;
        }
        said.digest.ok_or_else(|| DockerError::PushFailed("the engine ended without a digest".to_owned()))
    }
}

fn request(push: &ImagePush) -> Result<Request<Empty<Bytes>>, DockerError> {
    let credentials = push.credentials.as_ref().map(RegistryCredentials::for_docker).unwrap_or_default();
    let refused = |error: String| DockerError::EngineRefused(error);
    let credentials = serde_json::to_vec(&credentials).map_err(|error| refused(error.to_string()))?;
    let credentials = base64::engine::general_purpose::URL_SAFE.encode(credentials);
    Request::post(format!("/images/{}/push?tag={}", push.repository, push.tag))
        .header("x-registry-auth", credentials)
        .body(Empty::new())
        .map_err(|error| refused(error.to_string()))
}

impl Said {
    /// Reads an item; gives a line if it says something new. States of a layer are told again and
    /// again with its progress; each is said once.
    fn take(&mut self, item: &[u8]) -> Result<Option<String>, DockerError> {
        if item.trim_ascii().is_empty() {
            return Ok(None);
        }
        let wrong =
            |error: serde_json::Error| DockerError::EngineRefused(format!("an answer that is no JSON: {error}"));
        let Item { id, status, error, aux } = serde_json::from_slice(item).map_err(wrong)?;
        if let Some(error) = error {
            return Err(refusal(&error));
        }
        let status = status.unwrap_or_default();
        let named = aux.and_then(|aux| aux.digest).or_else(|| digest_in(&status));
        self.digest = named.and_then(|digest| Digest::parse(&digest).ok()).or(self.digest.take());
        match id {
            _ if status.is_empty() => Ok(None),
            None => Ok(Some(status)),
            Some(layer) if self.states.get(&layer) == Some(&status) => Ok(None),
            Some(layer) => {
                let line = format!("{layer}: {status}");
                self.states.insert(layer, status);
                Ok(Some(line))
            }
        }
    }
}

/// From `1.0: digest: sha256:… size: 528`.
fn digest_in(status: &str) -> Option<String> {
    let (_, after) = status.split_once("digest: ")?;
    after.split_whitespace().next().map(str::to_owned)
}

/// Registries and engines word a refusal in many ways.
fn refusal(message: &str) -> DockerError {
    let said = message.to_ascii_lowercase();
    let unauthorized =
        ["unauthorized", "denied", "no basic auth", "authentication required", "forbidden", "401", "403"];
    let message = serde_json::from_str::<serde_json::Value>(message)
        .ok()
        .and_then(|body| body.get("message").and_then(|text| text.as_str()).map(str::to_owned))
        .unwrap_or_else(|| message.trim().to_owned());
    if unauthorized.iter().any(|word| said.contains(word)) {
        return DockerError::PushUnauthorized(message);
    }
    DockerError::PushFailed(message)
}

#[cfg(test)]
mod tests {
    use super::{Said, refusal};
    use crate::docker::DockerError;
    use rstest::rstest;

    #[test]
    fn says_each_state_once_and_finds_the_digest() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let answer = [
            r#"{"status":"The push refers to repository [127.0.0.1:5000/web]"}"#.to_owned(),
            r#"{"status":"Preparing","progressDetail":{},"id":"5f70"}"#.to_owned(),
            r#"{"status":"Pushing","progressDetail":{"current":1,"total":9},"id":"5f70"}"#.to_owned(),
            r#"{"status":"Pushing","progressDetail":{"current":9,"total":9},"id":"5f70"}"#.to_owned(),
            r#"{"status":"Pushed","progressDetail":{},"id":"5f70"}"#.to_owned(),
            format!(r#"{{"status":"1.0: digest: {digest} size: 528"}}"#),
            format!(r#"{{"progressDetail":{{}},"aux":{{"Tag":"1.0","Digest":"{digest}","Size":528}}}}"#),
        ];
        let mut said = Said::default();
        let lines: Vec<_> = answer.iter().filter_map(|item| said.take(item.as_bytes()).expect("an item")).collect();
        assert_eq!(lines[1..4], ["5f70: Preparing", "5f70: Pushing", "5f70: Pushed"]);
        assert_eq!(lines.len(), 5);
        assert_eq!(said.digest.map(|found| found.to_string()), Some(digest));
    }

    #[rstest]
    #[case("no basic auth credentials", true)]
    #[case("unauthorized: authentication required", true)]
    #[case("denied: requested access to the resource is denied", true)]
    #[case("received unexpected HTTP status: 403 Forbidden", true)]
    #[case("Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused", false)]
    #[case("{\"message\":\"An image does not exist locally with the tag: web\"}", false)]
    fn knows_a_refusal(#[case] message: &str, #[case] unauthorized: bool) {
        assert_eq!(matches!(refusal(message), DockerError::PushUnauthorized(_)), unauthorized);
    }
}
