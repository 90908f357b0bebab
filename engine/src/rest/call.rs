//! Sending a call, following it where it leads, and reading the answer.

use super::{
    Answer, Call, CallError, Hop,
    answer::{EXCERPT, excerpt},
    extract::extract,
    request::shown,
};
use crate::egress::{
    Egress, EgressError,
    client::{Guarded, builder, innermost},
};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use reqwest::{Client, Response, Url};
use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// As many as a service behind a sign-in and a mirror needs, and no more.
const MOST_REDIRECTS: usize = 5;
/// A server that takes no connection by then is down.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// What is waited for the words of an answer that has failed already.
const WORDS_LIMIT: Duration = Duration::from_secs(5);

/// What goes along to another origin too: it says what is understood, and nothing of who asks.
const HARMLESS: [HeaderName; 3] = [header::ACCEPT, header::ACCEPT_LANGUAGE, header::USER_AGENT];

/// How much an answer may take.
#[derive(Clone, Copy, Debug)]
pub struct CallLimits {
    /// Of all hops together.
    pub time: Duration,
    /// Bytes of the body of the answer.
    pub body: usize,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self { time: Duration::from_secs(3600), body: 256 * 1024 }
    }
}

/// Sends a call and takes from the answer what was asked for. Ends at once on cancel and when it is dropped, and at
/// the time limit; it is never sent a second time.
pub async fn call(
    call: &Call,
    egress: &Arc<Egress>,
    limits: CallLimits,
    cancel: &CancellationToken,
) -> Result<Answer, CallError> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(CallError::Cancelled),
        outcome = tokio::time::timeout(limits.time, follow(call, egress, limits)) => {
            outcome.unwrap_or(Err(CallError::TimedOut(limits.time)))
        }
    }
}

/// A request of the way.
struct Next {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Bytes>,
}

async fn follow(call: &Call, egress: &Arc<Egress>, limits: CallLimits) -> Result<Answer, CallError> {
    let began = Instant::now();
    let client = client(egress)?;
    let mut next = Next {
        method: call.method.clone(),
        url: call.url.clone(),
        headers: call.headers.clone(),
        body: call.body.clone(),
    };
    let mut hops = Vec::new();
    loop {
        let response = next.send(&client, egress).await?;
        let status = response.status();
        let is_the_end = call.expects(status.as_u16()) || !leads_on(status);
        let Some(location) = response.headers().get(header::LOCATION).filter(|_| !is_the_end) else {
            let body = read(response, call, limits).await?;
            let values = extract(&body, &call.extract)?;
            return Ok(Answer { status: status.as_u16(), hops, duration: began.elapsed(), body, values });
        };
        if hops.len() == MOST_REDIRECTS {
            return Err(CallError::Redirect(format!("it redirects more than {MOST_REDIRECTS} times")));
        }
        let location = location.to_str().ok().and_then(|location| next.url.join(location).ok());
        let url = location.ok_or_else(|| CallError::Redirect("it redirects to no address".to_owned()))?;
        next = next.redirected(status, url)?;
        hops.push(Hop { status: status.as_u16(), to: shown(&next.url) });
    }
}

/// Directly to the address that was checked: no proxy, and no connection that stays.
fn client(egress: &Arc<Egress>) -> Result<Client, CallError> {
    let builder = builder()
        .no_proxy()
        .referer(false)
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .connect_timeout(CONNECT_LIMIT)
        .pool_max_idle_per_host(0)
        .dns_resolver(Guarded(egress.clone()));
    builder.build().map_err(|error| CallError::Local(innermost(&error)))
}

impl Next {
    async fn send(&self, client: &Client, egress: &Egress) -> Result<Response, CallError> {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port_or_known_default().unwrap_or(443);
        egress.resolve(host, port).await.map_err(|error| of_egress(host, error))?;
        let mut request = client.request(self.method.clone(), self.url.clone()).headers(self.headers.clone());
        if let Some(body) = &self.body {
            request = request.body(body.clone());
        }
        request.send().await.map_err(|error| of_sending(host, &error))
    }

    /// As browsers go on: all but 307 and 308 ask for the other page. To another origin goes nothing that was meant
    /// for this one.
    fn redirected(self, status: StatusCode, mut url: Url) -> Result<Self, CallError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(CallError::Redirect(format!("it redirects to {}:, which is not followed", url.scheme())));
        }
        url.set_fragment(None);
        let Self { mut method, url: from, mut headers, mut body } = self;
        let keeps = matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
        if !keeps && method != Method::GET && method != Method::HEAD {
            method = Method::GET;
            body = None;
            headers.remove(header::CONTENT_TYPE);
        }
        if url.origin() != from.origin() {
            if body.is_some() {
                let words = format!("it redirects to {}, where the body is not sent", shown(&url));
                return Err(CallError::Redirect(words));
            }
            headers = HARMLESS.iter().filter_map(|name| Some((name.clone(), headers.get(name)?.clone()))).collect();
        }
        // A user in the address would be one that the server chose.
        if url.set_username("").is_err() || url.set_password(None).is_err() {
            return Err(CallError::Redirect("it redirects to no address".to_owned()));
        }
        Ok(Self { method, url, headers, body })
    }
}

/// Statuses whose `Location` is where the answer is.
fn leads_on(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The body within its limit; of an answer that was not expected only the words.
async fn read(mut response: Response, call: &Call, limits: CallLimits) -> Result<Bytes, CallError> {
    let status = response.status().as_u16();
    if !call.expects(status) {
        let mut words = BytesMut::new();
        let reading = async {
            while let Ok(Some(piece)) = response.chunk().await {
                words.extend_from_slice(&piece[..piece.len().min(EXCERPT)]);
                if words.len() >= EXCERPT {
                    break;
                }
            }
        };
        // Whether all of them came in time is of no matter: the status is what failed.
        let in_time = tokio::time::timeout(WORDS_LIMIT, reading).await.is_ok();
        tracing::debug!(status, in_time, "an answer was not expected");
        return Err(CallError::Status { status, expected: call.expected_words(), body: excerpt(&words) });
    }
    let too_large = CallError::TooLarge { most: limits.body };
    if call.method != Method::HEAD && response.content_length().is_some_and(|length| length > limits.body as u64) {
        return Err(too_large);
    }
    let mut body = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(|error| CallError::BrokeOff(innermost(&error)))? {
        if body.len() + piece.len() > limits.body {
            return Err(too_large);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

fn of_egress(host: &str, error: EgressError) -> CallError {
    match error {
        EgressError::Refused { .. } => CallError::Refused(error),
        EgressError::Unresolved { reason, .. } => CallError::Unreachable { host: host.to_owned(), reason },
    }
}

/// The meaning of a failed request lies in its causes.
fn of_sending(host: &str, error: &reqwest::Error) -> CallError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<EgressError>() {
            return of_egress(host, refused.clone());
        }
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse_too_large) {
            return CallError::HeadTooLarge;
        }
        cause = error.source();
    }
    CallError::Unreachable { host: host.to_owned(), reason: innermost(error) }
}
