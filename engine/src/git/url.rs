//! Addresses of repositories, parsed so strictly that git, curl and ssh cannot read them differently.

/// Most characters of an address.
const MOST: usize = 2048;

/// The address of a repository: `https://`, `http://`, `ssh://`, `user@host:path`, or `file://`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GitUrl {
    text: String,
    place: Place,
}

/// Where a repository is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Http {
        host: String,
        port: u16,
    },
    Ssh {
        host: String,
        port: u16,
    },
    /// An absolute path.
    File(String),
}

impl GitUrl {
    /// The error says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let refused = |why: &str| Err(why.to_owned());
        if text.is_empty() || text.len() > MOST {
            return Err(format!("must be 1 to {MOST} characters"));
        }
        if text.starts_with('-') {
            return refused("must not begin with a hyphen");
        }
        if !text.bytes().all(|c| c.is_ascii_graphic() && !b"\"'\\<>^`{|}*$;&()!".contains(&c)) {
            return refused("must be printable ASCII without spaces, quotes and the like: write others as %20");
        }
        if has_escaped_control(text) {
            return refused("must not hold escaped control characters");
        }
        let place = match text.split_once("://") {
            Some((scheme, rest)) => by_scheme(scheme, rest)?,
            None => scp(text)?,
        };
        Ok(Self { text: text.to_owned(), place })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Whether both are on the same host, by the same means: only then are credentials shared.
    pub(super) fn shares_host_with(&self, other: &GitUrl) -> bool {
        match (&self.place, &other.place) {
            (Place::Http { .. }, Place::Http { .. }) => self.origin() == other.origin(),
            (Place::Ssh { .. }, Place::Ssh { .. }) => self.place == other.place,
            (Place::Http { .. } | Place::Ssh { .. } | Place::File(_), _) => false,
        }
    }

    /// Scheme, host and port, as they are written.
    fn origin(&self) -> &str {
        let after = self.text.find("://").map_or(0, |at| at + 3);
        let end = self.text[after..].find('/').map_or(self.text.len(), |at| after + at);
        &self.text[..end]
    }
}

fn by_scheme(scheme: &str, rest: &str) -> Result<Place, String> {
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    if path.split('/').any(|part| part == "..") {
        return Err("must not hold ..".to_owned());
    }
    if rest.contains(['?', '#']) {
        return Err("must not hold ? or #".to_owned());
    }
    match scheme {
        "https" | "http" => {
            if authority.contains('@') {
                return Err("must not hold credentials: put them into the credentials".to_owned());
            }
            let (host, port) = host_and_port(authority, if scheme == "https" { 443 } else { 80 })?;
            repository(path)?;
            Ok(Place::Http { host, port })
        }
        "ssh" => {
            let host = match authority.split_once('@') {
                Some((user, _)) if !is_user(user) => {
                    return Err("must not hold a password: put it into the credentials".to_owned());
                }
                Some((_, host)) => host,
                None => authority,
            };
            let (host, port) = host_and_port(host, 22)?;
            repository(path)?;
            Ok(Place::Ssh { host, port })
        }
        "file" if authority.is_empty() && path.len() > 1 && !path.contains('%') => Ok(Place::File(path.to_owned())),
        "file" => Err("must be file:/// and an absolute path".to_owned()),
        _ => Err("must begin with https://, http://, ssh:// or file://, or be user@host:path".to_owned()),
    }
}

/// `user@host:path`, and nothing that only resembles it.
fn scp(text: &str) -> Result<Place, String> {
    let wrong = || "must begin with https://, http://, ssh:// or file://, or be user@host:path".to_owned();
    let (user, rest) = text.split_once('@').ok_or_else(wrong)?;
    let (host, path) = rest.split_once(':').ok_or_else(wrong)?;
    if !is_user(user) || path.is_empty() || path.starts_with(['-', ':']) || path.contains("..") || path.contains('@') {
        return Err(wrong());
    }
    let (host, port) = host_and_port(host, 22)?;
    Ok(Place::Ssh { host, port })
}

fn host_and_port(authority: &str, default: u16) -> Result<(String, u16), String> {
    let wrong = || format!("{authority:?} is not a host");
    let bracket = authority.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match authority[bracket..].rsplit_once(':') {
        Some((before, port)) => (&authority[..bracket + before.len()], port.parse::<u16>().map_err(|_| wrong())?),
        None => (authority, default),
    };
    let is_name = |name: &str| {
        let edges = name.bytes().next().into_iter().chain(name.bytes().last());
        edges.into_iter().all(|c| c.is_ascii_alphanumeric())
            && name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_'))
    };
    let six = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let good = match six {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && is_name(host),
    };
    if good && port > 0 { Ok((six.unwrap_or(host).to_ascii_lowercase(), port)) } else { Err(wrong()) }
}

fn repository(path: &str) -> Result<(), String> {
    if path.trim_matches('/').is_empty() { Err("must name a repository after the host".to_owned()) } else { Ok(()) }
}

fn is_user(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_'))
}

/// `%0a` would end a line in the protocols below.
fn has_escaped_control(text: &str) -> bool {
    text.match_indices('%').any(|(at, _)| {
        let code = text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        code.is_none_or(|code| code.is_ascii_control())
    })
}

#[cfg(test)]
mod tests {
    use super::{GitUrl, Place};
    use rstest::rstest;

    fn http(host: &str, port: u16) -> Place {
        Place::Http { host: host.to_owned(), port }
    }

    fn ssh(host: &str, port: u16) -> Place {
        Place::Ssh { host: host.to_owned(), port }
    }

    #[rstest]
    #[case("https://git.example/shop/api.git", http("git.example", 443))]
    #[case("http://127.0.0.1:8080/shop/api", http("127.0.0.1", 8080))]
    #[case("https://[::1]:8443/x", http("::1", 8443))]
    #[case("https://git.example/a%20b/~user/x+y.git", http("git.example", 443))]
    #[case("ssh://git@git.example/shop/api.git", ssh("git.example", 22))]
    #[case("ssh://git.example:2222/shop/api.git", ssh("git.example", 2222))]
    #[case("git@git.example:shop/api.git", ssh("git.example", 22))]
    #[case("file:///srv/git/api.git", Place::File("/srv/git/api.git".to_owned()))]
    fn parses(#[case] text: &str, #[case] place: Place) {
        let url = GitUrl::parse(text).expect("an address");
        assert_eq!((url.as_str(), url.place()), (text, &place));
    }

    #[rstest]
    #[case("")]
    #[case("-uhttps://x/y")]
    #[case("--upload-pack=touch /tmp/x")]
    #[case("ext::sh -c touch% /tmp/x")]
    #[case("ext::https://x/y")]
    #[case("fd::17/foo")]
    #[case("https::https://x/y")]
    #[case("git://git.example/x")]
    #[case("ftp://git.example/x")]
    #[case("data:text/plain,x")]
    #[case("javascript://x/y")]
    #[case("HTTPS://git.example/x")]
    #[case("/srv/git/api.git")]
    #[case("./api.git")]
    #[case("../api.git")]
    #[case("~/api.git")]
    #[case("C:/api.git")]
    #[case("api.git")]
    #[case("host:path")]
    #[case("https://")]
    #[case("https://git.example")]
    #[case("https://git.example/")]
    #[case("https:///x")]
    #[case("https://user:secret@git.example/x")]
    #[case("https://token@git.example/x")]
    #[case("https://git.example@evil.example/x")]
    #[case("https://git.example\\@evil.example/x")]
    #[case("https://-oProxyCommand=x/y")]
    #[case("https://git.example:99999/x")]
    #[case("https://git.example:/x")]
    #[case("https://git.example/x?y=1")]
    #[case("https://git.example/x#y")]
    #[case("https://git.example/a/../../b")]
    #[case("https://git.example/x y")]
    #[case("https://git.example/x\ny")]
    #[case("https://git.example/x\u{0}")]
    #[case("https://git.example/x%0ay")]
    #[case("https://git.example/x%0Dy")]
    #[case("https://git.example/x%zz")]
    #[case("https://git.example/%")]
    #[case("https://gít.example/x")]
    #[case("https://git.example/$(touch x)")]
    #[case("https://git.example/`x`")]
    #[case("https://git.example/x;y")]
    #[case("ssh://-oProxyCommand=touch/x")]
    #[case("ssh://git:secret@git.example/x")]
    #[case("ssh://-x@git.example/x")]
    #[case("ssh://git@-oProxyCommand=x/y")]
    #[case("ssh://git@git.example")]
    #[case("-x@git.example:y")]
    #[case("git@-oProxyCommand=x:y")]
    #[case("git@git.example:-x")]
    #[case("git@git.example::x")]
    #[case("git@git.example:")]
    #[case("git@git.example:../../x")]
    #[case("git@a@git.example:x")]
    #[case("git@git.example:x'y")]
    #[case("file://host/srv/x")]
    #[case("file://")]
    #[case("file:///")]
    #[case("file:/srv/x")]
    #[case("file:///srv/../etc")]
    #[case("file:///srv/%2e%2e/etc")]
    fn refuses(#[case] text: &str) {
        assert!(GitUrl::parse(text).is_err(), "{text:?}");
    }

    #[rstest]
    #[case("https://a.example/x", "https://a.example/y", true)]
    #[case("https://a.example/x", "http://a.example/y", false)]
    #[case("https://a.example/x", "https://a.example.evil/y", false)]
    #[case("git@a.example:x", "ssh://git@a.example/y", true)]
    #[case("git@a.example:x", "https://a.example/y", false)]
    fn knows_the_same_host(#[case] one: &str, #[case] other: &str, #[case] expected: bool) {
        let (one, other) = (GitUrl::parse(one).expect("an address"), GitUrl::parse(other).expect("an address"));
        assert_eq!(one.shares_host_with(&other), expected);
    }
}
