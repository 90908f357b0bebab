//! Requests to Slipway that outlive a broken connection and a restart of the server.

use super::Failure;
use reqwest::{
    Method, RequestBuilder, StatusCode, Url,
    header::{AUTHORIZATION, ETAG, HeaderMap, HeaderValue, IF_MATCH, RETRY_AFTER},
    redirect::Policy,
};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    io::Write,
    time::{Duration, Instant},
};
use types::{
    ApiError, ErrorCode, Name,
    plan::Plan,
    run::{NewRun, Run},
};
use uuid::Uuid;

/// A server that takes no connection by then is down for now.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Most a single answer takes: the server plans and asks registries, and waits for a second where that was asked for.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// How long one look at a run waits for its end; what changes meanwhile is told after it.
const LOOK_MS: u64 = 1000;
/// Pauses between tries, growing from this…
const PAUSE_FIRST: Duration = Duration::from_millis(500);
/// …to this, so that hundreds of jobs do not keep a server down that comes up.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// When the time is up, by a clock that nobody sets.
#[derive(Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    pub(super) fn is_over(self) -> bool {
        self.left().is_zero()
    }

    fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// Something with the revision that a change of it names.
pub(super) struct Revised<T> {
    pub(super) value: T,
    etag: HeaderValue,
}

/// Why there is no good answer.
enum Trouble {
    /// The server has said no.
    Refused(Box<ApiError>),
    /// It may say something else in a moment; after how long, where it said so.
    Passing(String, Option<Duration>),
}

pub(super) struct Client {
    http: reqwest::Client,
    api: Url,
    authorization: HeaderValue,
}

impl Client {
    /// With the token of `SLIPWAY_TOKEN`.
    pub(super) fn of_environment(url: &str) -> Result<Self, Failure> {
        let token = std::env::var("SLIPWAY_TOKEN")
            .map_err(|_| Failure::WrongUse("SLIPWAY_TOKEN is not set: it holds the token, slw_…".to_owned()))?;
        Self::new(url, &token)
    }

    fn new(url: &str, token: &str) -> Result<Self, Failure> {
        let wrong = |why: &str| Failure::WrongUse(format!("SLIPWAY_URL {why}: {url}"));
        let api = Url::parse(&format!("{}/api/v1/", url.trim_end_matches('/')));
        let api = api.map_err(|_| wrong("must be an address such as https://slipway.example"))?;
        if !matches!(api.scheme(), "http" | "https") || api.host_str().is_none() {
            return Err(wrong("must begin with https:// or http://"));
        }
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", token.trim()))
            .map_err(|_| Failure::WrongUse("SLIPWAY_TOKEN is not a token of Slipway: slw_…".to_owned()))?;
        authorization.set_sensitive(true);
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_LIMIT)
            .timeout(ANSWER_LIMIT)
            // The token goes to the server that was named and nowhere else.
            .redirect(Policy::none())
            .user_agent(concat!("slipway/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|why| Failure::Failed(words(&why)))?;
        Ok(Self { http, api, authorization })
    }

    /// What a run would do.
    pub(super) async fn plan(&self, map: &Name, new: &NewRun, deadline: Deadline) -> Result<Plan, Failure> {
        patiently(deadline, async || self.ask(self.request(Method::POST, &format!("maps/{map}/plan"))?.json(new)).await)
            .await
    }

    /// Starts a run; a repeat with the same key starts nothing and answers with that run.
    pub(super) async fn start(&self, map: &Name, new: &NewRun, key: &str, deadline: Deadline) -> Result<Run, Failure> {
        let key = HeaderValue::from_str(key)
            .map_err(|_| Failure::WrongUse("--idempotency-key must be printable ASCII".to_owned()))?;
        patiently(deadline, async || {
            let request = self.request(Method::POST, &format!("maps/{map}/runs"))?;
            self.ask(request.header("idempotency-key", key.clone()).json(new)).await
        })
        .await
    }

    /// The run when it is settled, or as it is in a moment.
    pub(super) async fn read(&self, id: Uuid, deadline: Deadline) -> Result<Run, Failure> {
        let look = u64::try_from(deadline.left().as_millis()).unwrap_or(LOOK_MS).min(LOOK_MS);
        patiently(deadline, async || {
            self.ask(self.request(Method::GET, &format!("runs/{id}?wait=settled&timeout_ms={look}"))?).await
        })
        .await
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str, deadline: Deadline) -> Result<T, Failure> {
        patiently(deadline, async || self.ask(self.request(Method::GET, path)?).await).await
    }

    /// None if it is not there.
    pub(super) async fn find<T: DeserializeOwned>(
        &self,
        path: &str,
        deadline: Deadline,
    ) -> Result<Option<Revised<T>>, Failure> {
        patiently(deadline, async || match self.exchange(self.request(Method::GET, path)?).await {
            Ok((value, headers)) => {
                let etag = headers.get(ETAG).cloned();
                let etag = etag.ok_or_else(|| Trouble::Passing("the answer has no ETag".to_owned(), None))?;
                Ok(Some(Revised { value, etag }))
            }
            Err(Trouble::Refused(problem)) if problem.code == ErrorCode::NotFound => Ok(None),
            Err(trouble) => Err(trouble),
        })
        .await
    }

    /// Makes something. It is not tried again: whether it was made is not known then.
    pub(super) async fn create<T: Serialize + DeserializeOwned>(&self, path: &str, thing: &T) -> Result<T, Failure> {
        once(async || self.ask(self.request(Method::POST, path)?.json(thing)).await).await
    }

    /// Puts something in the place of what was found, unless that has changed since.
    pub(super) async fn replace<T: Serialize + DeserializeOwned>(
        &self,
        path: &str,
        found: &Revised<T>,
        thing: &T,
    ) -> Result<T, Failure> {
        once(async || {
            let request = self.request(Method::PUT, path)?.header(IF_MATCH, found.etag.clone());
            self.ask(request.json(thing)).await
        })
        .await
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Trouble> {
        let url = self.api.join(path).map_err(|why| Trouble::Passing(why.to_string(), None))?;
        Ok(self.http.request(method, url).header(AUTHORIZATION, self.authorization.clone()))
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Trouble> {
        self.exchange(request).await.map(|(value, _)| value)
    }

    async fn exchange<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<(T, HeaderMap), Trouble> {
        let passing = |why: &reqwest::Error| Trouble::Passing(words(why), None);
        let answer = request.send().await.map_err(|why| passing(&why))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let after = after.map(Duration::from_secs);
        let body = answer.bytes().await.map_err(|why| passing(&why))?;
        if status.is_success() {
            let wrong = |why| Trouble::Passing(format!("the answer is not one of Slipway: {why}"), None);
            return serde_json::from_slice(&body).map(|value| (value, headers)).map_err(wrong);
        }
        Err(trouble(status, &body, after))
    }
}

/// What an answer other than a good one means.
fn trouble(status: StatusCode, body: &[u8], after: Option<Duration>) -> Trouble {
    let problem: Option<ApiError> = serde_json::from_slice(body).ok();
    let words = problem.as_ref().map_or_else(|| format!("it answers {status}"), |problem| problem.detail.clone());
    let passing = match &problem {
        Some(problem) => problem.code == ErrorCode::InProgress || passes(status),
        // Something before Slipway answers: a proxy whose server restarts, or another server altogether.
        None => passes(status),
    };
    match problem {
        Some(problem) if !passing => Trouble::Refused(Box::new(problem)),
        Some(_) => Trouble::Passing(words, after),
        None if passing => Trouble::Passing(words, after),
        None => {
            let words = format!("SLIPWAY_URL leads to something that is not Slipway: {words}");
            Trouble::Refused(Box::new(ApiError::new(ErrorCode::NotFound, words)))
        }
    }
}

fn passes(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::REQUEST_TIMEOUT || status.is_server_error()
}

/// Asks until there is an answer, or the time is up.
async fn patiently<T>(deadline: Deadline, ask: impl AsyncFn() -> Result<T, Trouble>) -> Result<T, Failure> {
    let mut pause = PAUSE_FIRST;
    loop {
        let (why, after) = match ask().await {
            Ok(value) => return Ok(value),
            Err(Trouble::Refused(problem)) => return Err(refusal(&problem)),
            Err(Trouble::Passing(why, after)) => (why, after),
        };
        let wait = after.unwrap_or(pause).max(PAUSE_FIRST);
        if wait >= deadline.left() {
            return Err(Failure::NotInTime(format!("Slipway gives no answer: {why}")));
        }
        note(&format!("no answer ({why}); trying again in {wait:.1?}"));
        tokio::time::sleep(wait).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

async fn once<T>(ask: impl AsyncFn() -> Result<T, Trouble>) -> Result<T, Failure> {
    ask().await.map_err(|trouble| match trouble {
        Trouble::Refused(problem) => refusal(&problem),
        Trouble::Passing(why, _) => Failure::Failed(format!("Slipway gives no answer: {why}")),
    })
}

/// Whether it was the call that was wrong, or what it asked for cannot be.
fn refusal(problem: &ApiError) -> Failure {
    let fields: Vec<String> = problem.fields.iter().map(|field| format!("{} {}", field.path, field.message)).collect();
    let words = if fields.is_empty() { problem.detail.clone() } else { fields.join("; ") };
    let words = format!("{} ({})", words, problem.code);
    match problem.code {
        ErrorCode::Blocked | ErrorCode::NothingToDo | ErrorCode::PlanStale | ErrorCode::QueueFull => {
            Failure::Failed(words)
        }
        _ => Failure::WrongUse(words),
    }
}

/// For people who watch, beside what is printed for programs.
fn note(text: &str) {
    // Whoever closed standard error does not want to know.
    writeln!(std::io::stderr(), "slipway: {text}").ok();
}

/// The innermost cause says it best.
fn words(error: &reqwest::Error) -> String {
    let mut at: &dyn std::error::Error = error;
    while let Some(source) = at.source() {
        at = source;
    }
    at.to_string()
}

#[cfg(test)]
mod tests {
    use super::{Client, Trouble, trouble};
    use reqwest::StatusCode;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::restarting(503, Some("stopping"), true)]
    #[case::a_proxy_without_its_server(502, None, true)]
    #[case::too_many(429, Some("too_many"), true)]
    #[case::the_first_call_is_still_being_accepted(409, Some("in_progress"), true)]
    #[case::blocked(422, Some("blocked"), false)]
    #[case::not_signed_in(401, Some("unauthenticated"), false)]
    #[case::not_slipway(404, None, false)]
    fn passes_or_stays(#[case] status: u16, #[case] code: Option<&str>, #[case] passes: bool) {
        let title = json!({"type": "about:blank", "title": "", "status": status, "code": code, "detail": "words"});
        let body = if code.is_some() { title.to_string() } else { "<html>".to_owned() };
        let found = trouble(StatusCode::from_u16(status).expect("a status"), body.as_bytes(), None);
        assert_eq!(matches!(found, Trouble::Passing(..)), passes);
    }

    #[rstest]
    #[case("https://slipway.example", true)]
    #[case("http://127.0.0.1:8420/slipway/", true)]
    #[case("slipway.example", false)]
    #[case("ftp://slipway.example", false)]
    fn addresses(#[case] url: &str, #[case] good: bool) {
        rustls::crypto::ring::default_provider().install_default().ok();
        assert_eq!(Client::new(url, "slw_x").is_ok(), good);
    }
}
