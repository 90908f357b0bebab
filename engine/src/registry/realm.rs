//! Where tokens are asked for: the realm that a registry names.

use super::{RegistryError, challenge::Challenge, host::is_loopback};
use reqwest::Url;
use serde::Deserialize;
use std::time::Duration;

/// A token that does not say how long it lives, lives so long.
const DEFAULT_LIFE_S: u64 = 60;

/// The answer of a realm.
#[derive(Deserialize)]
struct Granted {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

/// The address to ask for a token, from what the registry said. Our credentials go there, so it must
/// be https, or on this machine.
pub(super) fn address(challenge: &Challenge, wanted: &str) -> Result<Option<Url>, RegistryError> {
    let Challenge::Bearer { realm, service, scope } = challenge else { return Ok(None) };
    let wrong = |why: &str| RegistryError::Invalid(format!("the registry's token realm {why}"));
    let mut url = Url::parse(realm).map_err(|_| wrong("is no address"))?;
    let local = url.host_str().is_some_and(is_loopback);
    if !(url.scheme() == "https" || (url.scheme() == "http" && local)) {
        return Err(wrong("is not https, so credentials do not go there"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("holds credentials of its own"));
    }
    let scope = scope.as_deref().unwrap_or(wanted);
    {
        let mut query = url.query_pairs_mut();
        if let Some(service) = service {
            query.append_pair("service", service);
        }
        if !scope.is_empty() {
            query.append_pair("scope", scope);
        }
    }
    Ok(Some(url))
}

/// The token in a realm's answer, and how long it lives.
pub(super) fn granted(body: &[u8]) -> Result<(String, Duration), RegistryError> {
    let wrong = || RegistryError::Invalid("the token realm answers without a token".to_owned());
    let Granted { token, access_token, expires_in } = serde_json::from_slice(body).map_err(|_| wrong())?;
    let token = [token, access_token].into_iter().flatten().find(|token| !token.is_empty()).ok_or_else(wrong)?;
    Ok((token, Duration::from_secs(expires_in.unwrap_or(DEFAULT_LIFE_S))))
}

#[cfg(test)]
mod tests {
    use super::{Challenge, address, granted};
    use rstest::rstest;

    fn ask(realm: &str, scope: Option<&str>) -> Option<String> {
        let challenge = Challenge::Bearer {
            realm: realm.to_owned(),
            service: Some("registry & more".to_owned()),
            scope: scope.map(str::to_owned),
        };
        address(&challenge, "repository:web:pull").ok().flatten().map(|url| url.to_string())
    }

    #[rstest]
    #[case("https://auth.example/token", true)]
    #[case("http://127.0.0.1:5001/token", true)]
    #[case("http://localhost/token", true)]
    #[case("http://auth.example/token", false)]
    #[case("http://127.0.0.1.evil.example/token", false)]
    #[case("https://user:secret@auth.example/token", false)]
    #[case("ftp://auth.example/token", false)]
    #[case("file:///etc/passwd", false)]
    #[case("/token", false)]
    fn credentials_go_only_to_safe_realms(#[case] realm: &str, #[case] allowed: bool) {
        assert_eq!(ask(realm, None).is_some(), allowed);
    }

    #[test]
    fn asks_for_what_the_registry_names_and_escapes_it() {
        let asked = ask("https://a/t?x=1", Some("repository:web:pull push")).expect("an address");
        assert_eq!(asked, "https://a/t?x=1&service=registry+%26+more&scope=repository%3Aweb%3Apull+push");
        assert!(ask("https://a/t", None).expect("an address").ends_with("scope=repository%3Aweb%3Apull"));
    }

    #[rstest]
    #[case(r#"{"token":"a","expires_in":300}"#, Some(("a", 300)))]
    #[case(r#"{"access_token":"b"}"#, Some(("b", 60)))]
    #[case(r#"{"token":""}"#, None)]
    #[case::docker_hub(
        r#"{"token":"h","access_token":"h","expires_in":300,"issued_at":"2026-11-25T00:00:00Z"}"#,
        Some(("h", 300))
    )]
    #[case::github(r#"{"token":"g"}"#, Some(("g", 60)))]
    #[case::harbor(
        r#"{"token":"r","access_token":"","expires_in":1800,"issued_at":"2026-11-25T00:00:00Z"}"#,
        Some(("r", 1800))
    )]
    #[case::gitlab(r#"{"token":"l","expires_in":900}"#, Some(("l", 900)))]
    #[case::azure(r#"{"token":"","access_token":"z"}"#, Some(("z", 60)))]
    #[case("<html>", None)]
    fn reads_tokens(#[case] body: &str, #[case] expected: Option<(&str, u64)>) {
        let read = granted(body.as_bytes()).ok();
        assert_eq!(
            read.map(|(token, life)| (token, life.as_secs())),
            expected.map(|(token, life)| (token.to_owned(), life))
        );
    }
}
