//! What is called, as a flow says it and as it is sent.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use percent_encoding::percent_decode_str;
use reqwest::Url;
use std::collections::{BTreeMap, BTreeSet};
use types::FieldError;

/// Bytes of a body that is sent.
const BODY_MAX: usize = 256 * 1024;
/// Bytes of all names and values of headers that are sent: more than most servers take.
const HEADERS_MAX: usize = 32 * 1024;
/// Values that are taken from one answer.
const EXTRACT_MAX: usize = 100;

const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// Headers that are the connection's own: who sets them talks past what the answer is read by.
const OWN_HEADERS: [HeaderName; 8] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::EXPECT,
];

/// A call as it is written in a flow, its values put in already.
#[derive(Clone, Default)]
pub struct PlainCall {
    pub method: String,
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: Option<String>,
    /// Empty: 200 to 299.
    pub expected_status: Vec<u16>,
    /// JSON pointers (RFC 6901) by the name of the value.
    pub extract: BTreeMap<String, String>,
}

/// A call that can be sent.
#[derive(Clone)]
pub struct Call {
    pub(super) method: Method,
    /// Without user information and fragment.
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
    pub(super) expected: BTreeSet<u16>,
    pub(super) extract: BTreeMap<String, String>,
}

impl PlainCall {
    /// Refuses what cannot be sent, field by field; paths are those of the step.
    pub fn parse(self) -> Result<Call, Vec<FieldError>> {
        let mut fields = Vec::new();
        let mut wrong = |path: String, message: String| fields.push(FieldError { path, message });
        let method = METHODS.into_iter().find(|known| known.as_str() == self.method);
        if method.is_none() {
            wrong("method".to_owned(), format!("must be one of {}", METHODS.map(|it| it.to_string()).join(", ")));
        }
        let url = parse_url(&self.url).map_err(|why| wrong("url".to_owned(), why)).ok();
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            match parse_header(name, value) {
                Ok((name, value)) => drop(headers.append(name, value)),
                Err(why) => wrong(format!("headers.{name}"), why),
            }
        }
        if self.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > HEADERS_MAX {
            wrong("headers".to_owned(), format!("must be at most {HEADERS_MAX} bytes"));
        }
        if self.body.as_ref().is_some_and(|body| body.len() > BODY_MAX) {
            wrong("body".to_owned(), format!("must be at most {BODY_MAX} bytes"));
        }
        if let Some(at) = self.expected_status.iter().position(|status| !(200..=599).contains(status)) {
            wrong(format!("expected_status[{at}]"), "must be 200 to 599".to_owned());
        }
        if self.extract.len() > EXTRACT_MAX {
            wrong("extract".to_owned(), format!("must be at most {EXTRACT_MAX}"));
        }
        for (name, pointer) in &self.extract {
            if let Err(why) = check_pointer(pointer) {
                wrong(format!("extract.{name}.pointer"), why);
            }
        }
        match (method, url) {
            (Some(method), Some((url, authorization))) if fields.is_empty() => {
                if let Some(authorization) = authorization {
                    headers.entry(header::AUTHORIZATION).or_insert(authorization);
                }
                let expected = self.expected_status.into_iter().collect();
                let body = self.body.map(Bytes::from);
                Ok(Call { method, url, headers, body, expected, extract: self.extract })
            }
            _ => Err(fields),
        }
    }
}

impl Call {
    /// What is called, for a log: without user information, query and fragment.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, shown(&self.url))
    }

    /// Whether the answer is one that the step asks for.
    pub(super) fn expects(&self, status: u16) -> bool {
        if self.expected.is_empty() { (200..300).contains(&status) } else { self.expected.contains(&status) }
    }

    pub(super) fn expected_words(&self) -> String {
        if self.expected.is_empty() {
            return "200 to 299".to_owned();
        }
        self.expected.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
    }
}

/// An address as a log may hold it: what follows `?` is often a secret.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let query = if url.query().is_some() { "?…" } else { "" };
    url.set_query(None);
    url.set_fragment(None);
    if (!url.username().is_empty() || url.password().is_some())
        && (url.set_username("").is_err() || url.set_password(None).is_err())
    {
        return format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    }
    format!("{url}{query}")
}

/// The address, and what its user information is sent as.
fn parse_url(text: &str) -> Result<(Url, Option<HeaderValue>), String> {
    let mut url = Url::parse(text).map_err(|why| format!("is no URL: {why}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err("must be http:// or https:// and a host".to_owned());
    }
    let authorization = take_user(&mut url)?;
    url.set_fragment(None);
    Ok((url, authorization))
}

/// Takes `user:password@` out of an address.
fn take_user(url: &mut Url) -> Result<Option<HeaderValue>, String> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    let pair = [decoded(url.username()), b":".to_vec(), decoded(url.password().unwrap_or_default())].concat();
    let cannot = |()| "cannot hold user and password".to_owned();
    url.set_username("").map_err(cannot)?;
    url.set_password(None).map_err(cannot)?;
    let mut value = HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(pair)))
        .map_err(|why| format!("holds a user that cannot be sent: {why}"))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn parse_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| "is no name of a header".to_owned())?;
    if OWN_HEADERS.contains(&name) || name.as_str() == "keep-alive" || name.as_str().starts_with("proxy-") {
        return Err("is set by the connection itself".to_owned());
    }
    let mut value = HeaderValue::from_str(value)
        .or_else(|_| HeaderValue::from_bytes(value.as_bytes()))
        .map_err(|_| "must not hold line ends and control characters".to_owned())?;
    // Any of them may hold a secret, and none is shown.
    value.set_sensitive(true);
    Ok((name, value))
}

fn check_pointer(pointer: &str) -> Result<(), String> {
    let begins = pointer.is_empty() || pointer.starts_with('/');
    let escaped = pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    if begins && escaped {
        return Ok(());
    }
    Err("must be a JSON pointer, as in /until or /items/0/id".to_owned())
}
