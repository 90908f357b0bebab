//! One request in the protocol: signing in to it, and what its status means.

use super::{
    RegistryClient, RegistryError,
    challenge::Challenge,
    http::{Answer, Ask},
};
use reqwest::{Method, Response, StatusCode, Url, header::WWW_AUTHENTICATE};
use types::Digest;

/// What is done in the repository, which a token is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Actions {
    Pull,
    PullPush,
}

/// One request in the protocol.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) accept: &'a str,
    pub(super) repository: &'a str,
    pub(super) actions: Actions,
    pub(super) most: usize,
    /// What is not there if the answer is 404.
    pub(super) what: &'a str,
}

impl Actions {
    /// As in the scope of a token.
    fn as_str(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::PullPush => "pull,push",
        }
    }
}

impl RegistryClient {
    /// Asks; signs in when that is asked for; gives back only successes.
    pub(super) async fn call(&self, call: Call<'_>) -> Result<Answer, RegistryError> {
        let scope = scope(call.repository, call.actions);
        let (http, sign_in) = (&self.0.http, &self.0.sign_in);
        let ask = |authorization| {
            let Call { method, url, accept, most, .. } = &call;
            http.ask(Ask { method: method.clone(), url: url.clone(), accept, authorization, posted: None, most: *most })
        };
        let mut answer = ask(sign_in.known(&scope)).await?;
        // Only the registry itself may say where our credentials go, not where it redirects to.
        if answer.status == StatusCode::UNAUTHORIZED && http.is_own(&answer.url) {
            sign_in.forget(&scope);
            let headers = answer.headers.get_all(WWW_AUTHENTICATE);
            let challenge = headers.iter().filter_map(|header| Challenge::parse(header.to_str().ok()?)).next();
            let silent = || RegistryError::Unauthorized("it does not say how to sign in".to_owned());
            let authorization = sign_in.meet(&challenge.ok_or_else(silent)?, &scope, http).await?;
            answer = ask(Some(authorization)).await?;
        }
        succeed(answer, call.what)
    }

    /// The bytes of a blob as they come. Signing in is not tried: something of the repository was read before.
    pub(super) async fn open_blob(&self, repository: &str, digest: &Digest) -> Result<Response, RegistryError> {
        let url = self.address(repository, &format!("blobs/{digest}"))?;
        let authorization = self.0.sign_in.known(&scope(repository, Actions::Pull));
        let ask = Ask { method: Method::GET, url, accept: "*/*", authorization, posted: None, most: 0 };
        let response = self.0.http.open(ask).await?;
        match response.status() {
            status if status.is_success() => Ok(response),
            StatusCode::NOT_FOUND => Err(RegistryError::NotFound(digest.to_string())),
            status => Err(RegistryError::Invalid(format!("it answers {status}"))),
        }
    }
}

/// Of a token; empty where no repository is asked for.
fn scope(repository: &str, actions: Actions) -> String {
    match repository {
        "" => String::new(),
        repository => format!("repository:{repository}:{}", actions.as_str()),
    }
}

/// What statuses mean.
fn succeed(answer: Answer, what: &str) -> Result<Answer, RegistryError> {
    let status = answer.status;
    let said = || match reason(&answer.body) {
        Some(reason) => format!("{reason} ({})", status.as_u16()),
        None => format!("it answers {status}"),
    };
    match status {
        status if status.is_success() => Ok(answer),
        StatusCode::NOT_FOUND => Err(RegistryError::NotFound(what.to_owned())),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(RegistryError::Unauthorized(said())),
        StatusCode::TOO_MANY_REQUESTS => Err(RegistryError::Unreachable(said())),
        status if status.is_server_error() => Err(RegistryError::Unreachable(said())),
        _ => Err(RegistryError::Invalid(said())),
    }
}

/// The registry's own words: `{"errors":[{"code":…,"message":…}]}`.
fn reason(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let first = body.get("errors")?.get(0)?;
    let text = first.get("message").or(first.get("code"))?.as_str()?;
    Some(text.chars().filter(|c| !c.is_control()).take(200).collect())
}
