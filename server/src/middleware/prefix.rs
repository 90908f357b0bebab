//! A path prefix in `SLIPWAY_URL`: the router knows nothing of it.
//!
//! Some proxies strip the prefix and some do not, so both forms are answered.

use axum::{extract::Request, response::Response};
use http::{Uri, uri::PathAndQuery};
use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};
use tower::Service;

/// A service that takes the prefix off before it asks the inner one.
#[derive(Clone)]
pub struct WithoutPrefix<S> {
    inner: S,
    prefix: Arc<str>,
}

impl<S> WithoutPrefix<S> {
    pub fn new(inner: S, prefix: &str) -> Self {
        Self { inner, prefix: prefix.into() }
    }
}

impl<S> Service<Request> for WithoutPrefix<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> S::Future {
        if let Some(uri) = without_prefix(request.uri(), &self.prefix) {
            *request.uri_mut() = uri;
        }
        self.inner.call(request)
    }
}

fn without_prefix(uri: &Uri, prefix: &str) -> Option<Uri> {
    if prefix.is_empty() {
        return None;
    }
    let rest = uri.path_and_query()?.as_str().strip_prefix(prefix)?;
    let path = match rest.chars().next() {
        Some('/') => rest.to_owned(),
        None | Some('?') => format!("/{rest}"),
        Some(_) => return None,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::without_prefix;
    use http::Uri;
    use rstest::rstest;

    #[rstest]
    #[case("/s/api/v1/me?x=1", "/s", Some("/api/v1/me?x=1"))]
    #[case("/s", "/s", Some("/"))]
    #[case("/s?x=1", "/s", Some("/?x=1"))]
    #[case("/sessions", "/s", None)]
    #[case("/api/v1/me", "/s", None)]
    #[case("/api/v1/me", "", None)]
    fn is_taken_off(#[case] uri: &'static str, #[case] prefix: &str, #[case] rest: Option<&str>) {
        let uri = without_prefix(&Uri::from_static(uri), prefix).map(|it| it.to_string());
        assert_eq!(uri.as_deref(), rest);
    }
}
