//! What a registry asks for: the header `WWW-Authenticate`.

/// How a registry wants to be signed in to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    Basic,
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
}

impl Challenge {
    /// The first challenge that we can meet.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let mut rest = header.trim_start();
        while !rest.is_empty() {
            let (scheme, after) = rest.split_once(' ').unwrap_or((rest, ""));
            let (parameters, next) = parameters(after);
            let value = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
            if scheme.eq_ignore_ascii_case("basic") {
                return Some(Self::Basic);
            }
            if let (true, Some(realm)) = (scheme.eq_ignore_ascii_case("bearer"), value("realm")) {
                return Some(Self::Bearer { realm, service: value("service"), scope: value("scope") });
            }
            rest = next;
        }
        None
    }
}

/// Reads `name="value", name=value` until the next scheme.
fn parameters(text: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches([' ', ',']);
    while let Some((name, after)) = rest.split_once('=') {
        if name.is_empty() || name.contains([' ', ',', '"']) {
            break;
        }
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => {
                let end = after.find([',', ' ']).unwrap_or(after.len());
                (after[..end].to_owned(), &after[end..])
            }
        };
        found.push((name.to_ascii_lowercase(), value));
        rest = after.trim_start_matches([' ', ',']);
    }
    (found, rest)
}

/// The text up to the closing quote, and what follows it.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::Challenge;
    use rstest::rstest;

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Option<Challenge> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Some(Challenge::Bearer { realm: realm.to_owned(), service: owned(service), scope: owned(scope) })
    }

    #[rstest]
    #[case("Basic realm=\"Registry Realm\"", Some(Challenge::Basic))]
    #[case("basic", Some(Challenge::Basic))]
    #[case(
        "Bearer realm=\"https://a/t\",service=\"r\",scope=\"repository:x:pull,push\"",
        bearer("https://a/t", Some("r"), Some("repository:x:pull,push"))
    )]
    #[case("Bearer realm=https://a/t, service=r", bearer("https://a/t", Some("r"), None))]
    #[case("Bearer realm=\"https://a/\\\"t\"", bearer("https://a/\"t", None, None))]
    #[case::distribution("Basic realm=\"basic-realm\"", Some(Challenge::Basic))]
    #[case::ecr(
        "Basic realm=\"https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/\",service=\"ecr.amazonaws.com\"",
        Some(Challenge::Basic)
    )]
    #[case::docker_hub(
        "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:shop/web:pull\"",
        bearer("https://auth.docker.io/token", Some("registry.docker.io"), Some("repository:shop/web:pull"))
    )]
    #[case::github(
        "Bearer realm=\"https://ghcr.io/token\",service=\"ghcr.io\",scope=\"repository:shop/web:pull\"",
        bearer("https://ghcr.io/token", Some("ghcr.io"), Some("repository:shop/web:pull"))
    )]
    #[case::harbor(
        "Bearer realm=\"https://harbor.example/service/token\",service=\"harbor-registry\",scope=\"repository:shop/web:pull,push\"",
        bearer("https://harbor.example/service/token", Some("harbor-registry"), Some("repository:shop/web:pull,push"))
    )]
    #[case::harbor_before_a_repository_is_named(
        "Bearer realm=\"https://harbor.example/service/token\",service=\"harbor-registry\"",
        bearer("https://harbor.example/service/token", Some("harbor-registry"), None)
    )]
    #[case::gitlab(
        "Bearer realm=\"https://gitlab.com/jwt/auth\",service=\"container_registry\",scope=\"repository:shop/web:pull\",error=\"insufficient_scope\"",
        bearer("https://gitlab.com/jwt/auth", Some("container_registry"), Some("repository:shop/web:pull"))
    )]
    #[case("Negotiate, Bearer realm=\"https://a\"", bearer("https://a", None, None))]
    #[case("Digest realm=\"x\", nonce=\"y\", Basic realm=\"z\"", Some(Challenge::Basic))]
    #[case("Bearer service=\"r\"", None)]
    #[case("Bearer realm=\"open", bearer("open", None, None))]
    #[case("", None)]
    fn parses(#[case] header: &str, #[case] expected: Option<Challenge>) {
        assert_eq!(Challenge::parse(header), expected);
    }
}
