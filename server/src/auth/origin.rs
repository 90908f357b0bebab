//! Which requests of a browser are Slipway's own: against forged requests of other sites.
//!
//! A browser sends the cookie along whoever made the request, so an unsafe one must show that a page
//! of Slipway made it. Requests with a token are exempt: no browser adds a token by itself.

use crate::{config::PublicUrl, http::Problem, middleware::Client, state::AppState};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{
    HeaderMap, Method,
    header::{AUTHORIZATION, HOST, ORIGIN},
};
use types::ErrorCode;

/// Layer: 403 `cross_site` for an unsafe request that a page elsewhere may have made.
pub(crate) async fn refuse_cross_site(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let https = Client::of(request.extensions()).https;
    if safe || is_own(request.headers(), app.web.cookie.read(request.headers()).is_some(), &app.web.url, https) {
        return Ok(next.run(request).await);
    }
    Err(Problem::new(
        ErrorCode::CrossSite,
        "This request did not come from a page of Slipway. Scripts use a token in the Authorization header.",
    ))
}

fn is_own(headers: &HeaderMap, with_cookie: bool, url: &PublicUrl, https: bool) -> bool {
    if headers.contains_key(AUTHORIZATION) {
        return true;
    }
    match (text(headers, "sec-fetch-site"), headers.contains_key(ORIGIN)) {
        (Some(site), _) => site == "same-origin" || (site == "none" && !with_cookie),
        (None, true) => is_same_origin(headers, url, https),
        (None, false) => !with_cookie,
    }
}

/// Whether a WebSocket upgrade that shows a cookie comes from a page of Slipway: browsers send
/// the cookie with it from any site, and a missing `Origin` is not taken for a good one.
pub(crate) fn same_origin_upgrade(headers: &HeaderMap, url: &PublicUrl, https: bool) -> bool {
    headers.contains_key(AUTHORIZATION) || is_same_origin(headers, url, https)
}

/// `Origin` is the configured address, or exactly the one that the request was sent to.
fn is_same_origin(headers: &HeaderMap, url: &PublicUrl, https: bool) -> bool {
    let Some(origin) = text(headers, ORIGIN.as_str()) else { return false };
    let scheme = if https { "https" } else { "http" };
    let asked = text(headers, HOST.as_str()).map(|host| format!("{scheme}://{host}"));
    origin == url.origin() || asked.as_deref() == Some(origin)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::{is_own, same_origin_upgrade};
    use crate::config::PublicUrl;
    use http::{HeaderMap, HeaderName, HeaderValue};
    use rstest::rstest;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    fn url() -> PublicUrl {
        PublicUrl::parse("https://slipway.example").expect("an address")
    }

    #[rstest]
    #[case(&[("sec-fetch-site", "same-origin")], true, true)]
    #[case(&[("sec-fetch-site", "cross-site")], true, false)]
    #[case(&[("sec-fetch-site", "same-site")], true, false)]
    #[case(&[("sec-fetch-site", "none")], true, false)]
    #[case(&[("sec-fetch-site", "cross-site")], false, false)]
    #[case(&[("origin", "https://slipway.example")], true, true)]
    #[case(&[("origin", "https://slipway.example.evil")], true, false)]
    #[case(&[("origin", "http://slipway.example")], true, false)]
    #[case(&[("origin", "null")], true, false)]
    #[case(&[("origin", "http://localhost:8420"), ("host", "localhost:8420")], true, true)]
    #[case(&[("origin", "http://localhost:8420"), ("host", "localhost:8421")], true, false)]
    #[case(&[], true, false)]
    #[case(&[], false, true)]
    #[case(&[("authorization", "Bearer slw_x"), ("origin", "https://evil")], true, true)]
    fn unsafe_requests(#[case] lines: &[(&'static str, &'static str)], #[case] with_cookie: bool, #[case] own: bool) {
        assert_eq!(is_own(&headers(lines), with_cookie, &url(), false), own);
    }

    #[rstest]
    #[case(&[("origin", "https://slipway.example")], true)]
    #[case(&[("origin", "https://evil.example")], false)]
    #[case(&[], false)]
    #[case(&[("authorization", "Bearer slw_x")], true)]
    fn upgrades(#[case] lines: &[(&'static str, &'static str)], #[case] own: bool) {
        assert_eq!(same_origin_upgrade(&headers(lines), &url(), false), own);
    }
}
