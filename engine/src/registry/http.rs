//! Requests to a registry and to where it sends us: limits, redirects, and who may see credentials.

use super::{RegistryError, host::is_loopback};
use crate::egress::{
    Egress, EgressError,
    client::{self, Guarded, innermost},
};
use bytes::{Bytes, BytesMut};
use reqwest::{
    Certificate, Client, ClientBuilder, Method, Response, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, LOCATION},
};
use std::{sync::Arc, time::Duration};

/// A registry that takes no connection by then is down, and somebody is looking at the page.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// A whole answer; manifests and lists are small.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// As many as a registry with a mirror and a store behind it needs, and no more.
const MOST_REDIRECTS: usize = 5;

/// Sends requests for one registry.
pub(super) struct Http {
    base: Url,
    loopback: bool,
    /// For the registry itself, which an administrator entered: it may be anywhere.
    own: Client,
    /// For realms and redirects: only where the egress policy allows.
    elsewhere: Client,
    egress: Arc<Egress>,
}

/// One request.
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) accept: &'a str,
    /// Only for the host of `url`; a redirect to another gets none.
    pub(super) authorization: Option<HeaderValue>,
    /// What is sent besides; only to the host of `url` too.
    pub(super) posted: Option<Posted>,
    /// Most bytes of the body.
    pub(super) most: usize,
}

/// A body and headers of a request.
pub(super) struct Posted {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// A whole answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Where it came from in the end.
    pub(super) url: Url,
}

impl Http {
    pub(super) fn new(url: &str, ca_pem: Option<&str>, egress: Arc<Egress>) -> Result<Self, RegistryError> {
        let wrong = |why: &str| RegistryError::Invalid(format!("the registry's URL {why}"));
        let mut base = Url::parse(url).map_err(|error| wrong(&format!("is wrong: {error}")))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(wrong("must be https:// or http:// and a host"));
        }
        if !base.username().is_empty() || base.password().is_some() || base.query().is_some() {
            return Err(wrong("must not hold credentials or a query"));
        }
        base.set_fragment(None);
        // Docker Hub has its interface under another name than its images.
        if matches!(base.host_str(), Some("docker.io" | "index.docker.io")) {
            base.set_host(Some("registry-1.docker.io")).map_err(|error| wrong(&error.to_string()))?;
        }
        let loopback = base.host_str().is_some_and(is_loopback);
        let own = limited(ca_pem, loopback)?;
        let elsewhere = limited(ca_pem, loopback)?.dns_resolver(Guarded(egress.clone()));
        let build = |builder: ClientBuilder| builder.build().map_err(|error| RegistryError::Invalid(innermost(&error)));
        Ok(Self { base, loopback, own: build(own)?, elsewhere: build(elsewhere)?, egress })
    }

    /// The registry's own address.
    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// An address under the registry's own.
    pub(super) fn url(&self, path: &str) -> Result<Url, RegistryError> {
        let base = self.base.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}{path}")).map_err(|error| RegistryError::Invalid(error.to_string()))
    }

    /// Whether an address is the registry's own.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// Sends a request, follows redirects, and reads the whole answer.
    pub(super) async fn ask(&self, ask: Ask<'_>) -> Result<Answer, RegistryError> {
        let most = ask.most;
        read(self.open(ask).await?, most).await
    }

    /// Sends a request and follows redirects; credentials stay with the host they were meant for.
    pub(super) async fn open(&self, ask: Ask<'_>) -> Result<Response, RegistryError> {
        let mut url = ask.url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let mut request =
                self.client_for(&url).await?.request(ask.method.clone(), url.clone()).header(ACCEPT, ask.accept);
            if let Some(authorization) = ask.authorization.as_ref().filter(|_| url.origin() == ask.url.origin()) {
                request = request.header(AUTHORIZATION, authorization);
            }
            if let Some(Posted { headers, body }) = ask.posted.as_ref().filter(|_| url.origin() == ask.url.origin()) {
                request = request.headers(headers.clone()).body(body.clone());
            }
            let response = request.send().await.map_err(|error| RegistryError::Unreachable(innermost(&error)))?;
            let location = response.headers().get(LOCATION).filter(|_| response.status().is_redirection());
            let Some(location) = location else { return Ok(response) };
            let next = location.to_str().ok().and_then(|location| url.join(location).ok());
            url = next.ok_or_else(|| RegistryError::Invalid("it redirects to no address".to_owned()))?;
        }
        Err(RegistryError::Invalid(format!("it redirects more than {MOST_REDIRECTS} times")))
    }

    /// What is not the registry itself must be https and allowed by the egress policy. A registry on
    /// this machine may send us about this machine.
    async fn client_for(&self, url: &Url) -> Result<&Client, RegistryError> {
        if self.is_own(url) {
            return Ok(&self.own);
        }
        let host = url.host_str().unwrap_or_default();
        let local = is_loopback(host);
        if !(url.scheme() == "https" || (url.scheme() == "http" && local)) {
            return Err(RegistryError::Invalid(format!("it sends us to {host} without https")));
        }
        if local && self.loopback {
            return Ok(&self.own);
        }
        let port = url.port_or_known_default().unwrap_or(443);
        self.egress.resolve(host, port).await.map_err(|error| match error {
            EgressError::Refused { .. } => RegistryError::Invalid(format!("it sends us elsewhere: {error}")),
            EgressError::Unresolved { .. } => RegistryError::Unreachable(error.to_string()),
        })?;
        Ok(&self.elsewhere)
    }
}

fn limited(ca_pem: Option<&str>, loopback: bool) -> Result<ClientBuilder, RegistryError> {
    let mut builder = client::builder().connect_timeout(CONNECT_LIMIT).timeout(ANSWER_LIMIT);
    if loopback {
        builder = builder.no_proxy();
    }
    if let Some(pem) = ca_pem {
        let wrong = |why| RegistryError::Invalid(format!("the certificate authority {why}"));
        builder = builder.tls_certs_merge(authorities(pem).map_err(wrong)?);
    }
    Ok(builder)
}

/// The certificates of an authority; the error says what would be right.
pub(super) fn authorities(pem: &str) -> Result<Vec<Certificate>, String> {
    let wrong = || "must be certificates in PEM".to_owned();
    let list = Certificate::from_pem_bundle(pem.as_bytes()).map_err(|_| wrong())?;
    // The list is looked at only when it is used.
    client::builder().tls_certs_only(list.clone()).build().map_err(|_| wrong())?;
    if list.is_empty() { Err(wrong()) } else { Ok(list) }
}

/// Reads a body up to a limit.
async fn read(mut response: Response, most: usize) -> Result<Answer, RegistryError> {
    let too_large = || RegistryError::Invalid(format!("its answer is larger than {most} bytes"));
    if response.content_length().is_some_and(|length| length > most as u64) && !response.status().is_client_error() {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(|error| RegistryError::Unreachable(innermost(&error)))? {
        if body.len() + piece.len() > most {
            return Err(too_large());
        }
        body.extend_from_slice(&piece);
    }
    let (status, url) = (response.status(), response.url().clone());
    Ok(Answer { status, headers: std::mem::take(response.headers_mut()), body: body.freeze(), url })
}
