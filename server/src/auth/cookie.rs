use crate::config::PublicUrl;
use engine::NewSession;
use http::{HeaderMap, HeaderValue, header::COOKIE};

/// The session's cookie: its name and attributes follow from how the outside reaches Slipway.
///
/// With https the prefix of the name makes the browser refuse a cookie of another host or path;
/// on http, which is for the loopback, browsers would refuse that name itself.
#[derive(Clone, Debug)]
pub struct SessionCookie {
    name: &'static str,
    attributes: String,
}

impl SessionCookie {
    pub fn new(url: &PublicUrl) -> Self {
        let (name, secure) = match (url.https(), url.prefix()) {
            (true, "") => ("__Host-slipway", "; Secure"),
            (true, _) => ("__Secure-slipway", "; Secure"),
            (false, _) => ("slipway", ""),
        };
        let path = if url.prefix().is_empty() { "/" } else { url.prefix() };
        Self { name, attributes: format!("; Path={path}; HttpOnly; SameSite=Lax{secure}") }
    }

    /// The value of `Set-Cookie` that begins a session.
    pub fn begin(&self, session: &NewSession) -> HeaderValue {
        self.header(&session.cookie, session.max_age.as_secs())
    }

    /// The value of `Set-Cookie` that ends it.
    pub fn end(&self) -> HeaderValue {
        self.header("", 0)
    }

    fn header(&self, value: &str, max_age: u64) -> HeaderValue {
        let text = format!("{}={value}; Max-Age={max_age}{}", self.name, self.attributes);
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// The session that a request shows.
    pub fn read(&self, headers: &HeaderMap) -> Option<String> {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == self.name && !value.is_empty()).then(|| value.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::SessionCookie;
    use crate::config::PublicUrl;
    use http::{HeaderMap, HeaderValue, header::COOKIE};
    use rstest::rstest;

    fn cookie(url: &str) -> SessionCookie {
        SessionCookie::new(&PublicUrl::parse(url).expect("an address"))
    }

    #[rstest]
    #[case("https://slipway.example", "__Host-slipway=v; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure")]
    #[case("https://example/s", "__Secure-slipway=v; Max-Age=60; Path=/s; HttpOnly; SameSite=Lax; Secure")]
    #[case("http://127.0.0.1:8420", "slipway=v; Max-Age=60; Path=/; HttpOnly; SameSite=Lax")]
    #[case("http://127.0.0.1:8420/s", "slipway=v; Max-Age=60; Path=/s; HttpOnly; SameSite=Lax")]
    fn is_named_after_the_address(#[case] url: &str, #[case] header: &str) {
        assert_eq!(cookie(url).header("v", 60), header);
    }

    #[rstest]
    #[case("slipway=abc", Some("abc"))]
    #[case("a=b; slipway=abc; c=d", Some("abc"))]
    #[case("slipway=", None)]
    #[case("xslipway=abc", None)]
    #[case("__Host-slipway=abc", None)]
    #[case("", None)]
    fn is_read(#[case] line: &'static str, #[case] value: Option<&str>) {
        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(line))]);
        assert_eq!(cookie("http://127.0.0.1:8420").read(&headers).as_deref(), value);
    }
}
