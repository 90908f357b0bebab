//! Hosts: whose they are, and where they are.

use crate::image::Repository;
use std::net::IpAddr;

/// Whether an image of this repository belongs to a registry with these `pull_hosts`.
pub fn host_matches(pull_hosts: &[String], repository: &Repository) -> bool {
    pull_hosts.iter().any(|host| normalised(host) == repository.host())
}

fn normalised(host: &str) -> String {
    let host = host.trim().to_ascii_lowercase();
    let host = host.strip_prefix("https://").or_else(|| host.strip_prefix("http://")).unwrap_or(&host);
    let host = host.trim_end_matches('/');
    match host.strip_suffix(":443").unwrap_or(host) {
        "index.docker.io" | "registry-1.docker.io" => "docker.io".to_owned(),
        other => other.to_owned(),
    }
}

/// Whether a host of an address is this machine, without asking anybody.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{host_matches, is_loopback};
    use crate::image::Repository;
    use rstest::rstest;

    #[rstest]
    #[case("docker.io", "nginx", true)]
    #[case("index.docker.io", "nginx", true)]
    #[case("registry-1.docker.io", "team/app", true)]
    #[case("Registry.Example:443", "registry.example/web", true)]
    #[case("https://registry.example/", "registry.example/web", true)]
    #[case("127.0.0.1:5000", "127.0.0.1:5000/web", true)]
    #[case("127.0.0.1:5001", "127.0.0.1:5000/web", false)]
    #[case("registry.example", "evil-registry.example/web", false)]
    #[case("registry.example", "registry.example.evil/web", false)]
    fn matches(#[case] host: &str, #[case] repository: &str, #[case] expected: bool) {
        let repository = Repository::parse(repository).expect("a repository");
        assert_eq!(host_matches(&["other".to_owned(), host.to_owned()], &repository), expected);
    }

    #[rstest]
    #[case("localhost", true)]
    #[case("127.0.0.1", true)]
    #[case("127.9.9.9", true)]
    #[case("[::1]", true)]
    #[case("::ffff:127.0.0.1", true)]
    #[case("127.0.0.1.evil.example", false)]
    #[case("10.0.0.1", false)]
    fn knows_this_machine(#[case] host: &str, #[case] expected: bool) {
        assert_eq!(is_loopback(host), expected);
    }
}
