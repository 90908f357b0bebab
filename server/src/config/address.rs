//! How the outside reaches Slipway.

use std::fmt;

/// `SLIPWAY_URL`, taken apart: links, cookies and the check of origins depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    /// `host` or `host:port`, lower case, without the scheme's own port.
    authority: String,
    /// Empty, or begins with a slash and does not end with one.
    prefix: String,
}

impl PublicUrl {
    /// Parses `http(s)://host[:port][/prefix]`; the error says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        const WRONG: &str = "must be an address such as https://slipway.example or https://example/slipway";
        let (scheme, rest) = text.trim().split_once("://").ok_or(WRONG)?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(WRONG.to_owned()),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let parsed: http::uri::Authority = authority.parse().map_err(|_| WRONG.to_owned())?;
        let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'/' | b'-' | b'_' | b'.' | b'~');
        let prefix = path.trim_end_matches('/');
        if parsed.host().is_empty() || authority.contains('@') || !prefix.bytes().all(plain) || prefix.contains("//") {
            return Err(WRONG.to_owned());
        }
        let own_port = if https { ":443" } else { ":80" };
        let authority = parsed.as_str().to_ascii_lowercase();
        let authority = authority.strip_suffix(own_port).unwrap_or(&authority).to_owned();
        Ok(Self { https, authority, prefix: prefix.to_owned() })
    }

    pub fn https(&self) -> bool {
        self.https
    }

    /// What stands before every path; empty at the root of a host.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// As a browser sends it in `Origin`.
    pub fn origin(&self) -> String {
        format!("{}://{}", if self.https { "https" } else { "http" }, self.authority)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::PublicUrl;
    use rstest::rstest;

    #[rstest]
    #[case("http://127.0.0.1:8420", "http://127.0.0.1:8420", "")]
    #[case("https://Slipway.Example/", "https://slipway.example", "")]
    #[case("https://example:443/tools/slipway/", "https://example", "/tools/slipway")]
    #[case("http://example:80", "http://example", "")]
    #[case("http://[::1]:8420/s", "http://[::1]:8420", "/s")]
    fn takes_apart(#[case] text: &str, #[case] origin: &str, #[case] prefix: &str) {
        let url = PublicUrl::parse(text).expect("an address");
        assert_eq!((url.origin().as_str(), url.prefix()), (origin, prefix));
        assert_eq!(url.to_string(), format!("{origin}{prefix}"));
    }

    #[rstest]
    #[case("slipway.example")]
    #[case("ftp://slipway.example")]
    #[case("https://")]
    #[case("https://user@host")]
    #[case("https://host/?a=1")]
    #[case("https://host/#x")]
    #[case("https://host//x")]
    #[case("https://ho st")]
    fn refuses(#[case] text: &str) {
        assert!(PublicUrl::parse(text).is_err());
    }
}
