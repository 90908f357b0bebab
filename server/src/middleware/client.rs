use crate::state::AppState;
use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    middleware::Next,
    response::Response,
};
use http::{Extensions, HeaderMap, request::Parts};
use ipnet::IpNet;
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

/// From where a request comes and how, as far as trusted proxies tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    pub(crate) https: bool,
}

impl Client {
    /// Requests that came over no connection, as in tests, are from the loopback.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self { address: IpAddr::V4(Ipv4Addr::LOCALHOST), https: false })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

/// Layer: finds out the client, once.
pub(crate) async fn know_client(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|it| it.0.ip());
    if let Some(peer) = peer {
        let client = client(peer.to_canonical(), request.headers(), &app.web.trusted_proxies);
        request.extensions_mut().insert(client);
    }
    next.run(request).await
}

/// Goes through `X-Forwarded-For` from its end, as long as trusted proxies wrote it.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Client {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return Client { address: peer, https: false };
    }
    let all = |name: &str| {
        let lines = headers.get_all(name).iter().filter_map(|it| it.to_str().ok());
        lines.flat_map(|line| line.split(',')).map(|it| it.trim().to_owned()).collect::<Vec<_>>()
    };
    let mut address = peer;
    for hop in all("x-forwarded-for").iter().rev() {
        let Some(hop) = parse_hop(hop) else { break };
        address = hop;
        if !is_trusted(&hop) {
            break;
        }
    }
    let https = all("x-forwarded-proto").last().is_some_and(|it| it.eq_ignore_ascii_case("https"));
    Client { address, https }
}

/// Some proxies write the port as well.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()));
    address.map(|it| it.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::{Client, client};
    use http::{HeaderMap, HeaderValue};
    use rstest::rstest;

    #[rstest]
    #[case("10.0.0.1", None, None, "10.0.0.1", false)]
    #[case("10.0.0.1", Some("203.0.113.5"), Some("https"), "203.0.113.5", true)]
    #[case("10.0.0.1", Some("1.2.3.4, 203.0.113.5, 10.0.0.2"), None, "203.0.113.5", false)]
    #[case("10.0.0.1", Some("rubbish"), None, "10.0.0.1", false)]
    #[case("10.0.0.1", Some("203.0.113.5:4711"), None, "203.0.113.5", false)]
    #[case("198.51.100.7", Some("203.0.113.5"), Some("https"), "198.51.100.7", false)]
    fn trusts_proxies_alone(
        #[case] peer: &str,
        #[case] forwarded: Option<&'static str>,
        #[case] proto: Option<&'static str>,
        #[case] address: &str,
        #[case] https: bool,
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [("x-forwarded-for", forwarded), ("x-forwarded-proto", proto)] {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        let trusted = ["10.0.0.0/8".parse().expect("a network")];
        let seen = client(peer.parse().expect("an address"), &headers, &trusted);
        assert_eq!(seen, Client { address: address.parse().expect("an address"), https });
    }
}
