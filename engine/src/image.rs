//! Image references, parsed and normalised as a container runtime does.

use std::fmt;
use types::Digest;

/// Most characters of an image reference.
pub const REFERENCE_MAX: usize = 512;
/// Most characters of a repository.
pub const REPOSITORY_MAX: usize = 255;

/// `host/path`, normalised: `nginx` is `docker.io/library/nginx`, the default port is left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Repository {
    host: String,
    path: String,
}

/// A parsed image reference: what is written in a pod template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRef {
    /// As it was written, without tag and digest.
    pub written: String,
    pub repository: Repository,
    /// `latest` where neither tag nor digest is written.
    pub tag: Option<String>,
    pub digest: Option<Digest>,
}

impl Repository {
    /// Parses `host/path` without tag and digest; the error says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.len() > REPOSITORY_MAX {
            return Err(format!("must be 1 to {REPOSITORY_MAX} characters"));
        }
        let (host, path) = split_host(text);
        if !path.split('/').all(is_path_part) {
            return Err("must be lower-case letters, digits, and single . _ - within parts divided by /".to_owned());
        }
        Ok(Self { host, path })
    }

    /// As in `docker.io` or `127.0.0.1:5000`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Without the host, as the registry's API names it.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.path)
    }
}

impl ImageRef {
    /// Parses a reference; the error says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.len() > REFERENCE_MAX {
            return Err(format!("must be 1 to {REFERENCE_MAX} characters"));
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(Digest::parse(digest)?)),
            None => (text, None),
        };
        let colon = rest.rfind(':').filter(|&at| !rest[at..].contains('/'));
        let (written, tag) = match colon {
            Some(at) => (&rest[..at], Some(parse_tag(&rest[at + 1..])?)),
            None => (rest, None),
        };
        let repository = Repository::parse(written)?;
        let tag = if tag.is_none() && digest.is_none() { Some("latest".to_owned()) } else { tag };
        Ok(Self { written: written.to_owned(), repository, tag, digest })
    }
}

/// A tag matches `[A-Za-z0-9_][A-Za-z0-9._-]{0,127}`.
pub fn parse_tag(text: &str) -> Result<String, String> {
    let word = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    let first = text.bytes().next().is_some_and(word);
    if first && text.len() <= 128 && text.bytes().all(|c| word(c) || c == b'.' || c == b'-') {
        return Ok(text.to_owned());
    }
    Err("must be 1 to 128 letters, digits, dots, hyphens and underscores, and begin with a letter, digit or underscore"
        .to_owned())
}

/// A first part is a host if it has a dot or a port, or is `localhost`.
fn split_host(text: &str) -> (String, String) {
    match text.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => {
            let host = host.to_ascii_lowercase();
            let host = match host.as_str() {
                "index.docker.io" => "docker.io",
                other => other.strip_suffix(":443").unwrap_or(other),
            };
            let path =
                if host == "docker.io" && !path.contains('/') { format!("library/{path}") } else { path.to_owned() };
            (host.to_owned(), path)
        }
        Some(_) => ("docker.io".to_owned(), text.to_owned()),
        None => ("docker.io".to_owned(), format!("library/{text}")),
    }
}

fn is_path_part(part: &str) -> bool {
    let word = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let bytes = part.as_bytes();
    bytes.first().copied().is_some_and(word)
        && bytes.last().copied().is_some_and(word)
        && bytes.iter().all(|&c| word(c) || matches!(c, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::ImageRef;
    use rstest::rstest;

    #[rstest]
    #[case("nginx", "docker.io/library/nginx", Some("latest"))]
    #[case("nginx:1.27", "docker.io/library/nginx", Some("1.27"))]
    #[case("docker.io/nginx:1", "docker.io/library/nginx", Some("1"))]
    #[case("index.docker.io/library/nginx:1", "docker.io/library/nginx", Some("1"))]
    #[case("team/app", "docker.io/team/app", Some("latest"))]
    #[case("127.0.0.1:5000/shop/web:1.0", "127.0.0.1:5000/shop/web", Some("1.0"))]
    #[case("localhost/web:1", "localhost/web", Some("1"))]
    #[case("registry.example:443/web:1", "registry.example/web", Some("1"))]
    fn parses(#[case] text: &str, #[case] repository: &str, #[case] tag: Option<&str>) {
        let image = ImageRef::parse(text).expect("an image");
        assert_eq!(image.repository.to_string(), repository);
        assert_eq!(image.tag.as_deref(), tag);
    }

    #[rstest]
    #[case("")]
    #[case("Web")]
    #[case("web:")]
    #[case("web:-1")]
    #[case("web@sha256:12")]
    #[case("web/:1")]
    #[case("-web")]
    #[case("web --flag")]
    fn refuses(#[case] text: &str) {
        assert!(ImageRef::parse(text).is_err());
    }
}
