//! Amazon's registry: an access key is exchanged for a password that lasts half a day.

use super::{
    RegistryError,
    http::{Ask, Http, Posted},
    sign_in::Login,
    signature::{Signed, Signer, amz_date},
};
use crate::now;
use base64::Engine as _;
use bytes::Bytes;
use reqwest::{
    Method, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use types::Time;

const TARGET: &str = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";
const JSON: &str = "application/x-amz-json-1.1";

/// Most bytes of an answer; a token has two thousand.
const MOST_BYTES: usize = 1 << 20;

/// What is asked for passwords.
#[derive(Debug)]
pub(super) struct Ecr {
    endpoint: Url,
    region: String,
    key_id: String,
    secret: SecretString,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Granted {
    authorization_data: Vec<Authorization>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authorization {
    authorization_token: SecretString,
    /// Seconds since the epoch.
    expires_at: Option<f64>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "__type", default)]
    kind: String,
    #[serde(alias = "Message", default)]
    message: String,
}

impl Ecr {
    /// For a registry at this address, by an access key.
    pub(super) fn new(
        registry: &Url,
        key_id: Option<&str>,
        secret: Option<&SecretString>,
    ) -> Result<Self, RegistryError> {
        let wrong =
            || RegistryError::Invalid("its URL must be https://ACCOUNT.dkr.ecr.REGION.amazonaws.com".to_owned());
        let (endpoint, region) = endpoint(registry).ok_or_else(wrong)?;
        let (Some(key_id), Some(secret)) = (key_id, secret) else {
            let words = "it wants an access key: its id as the user name, its secret as the password";
            return Err(RegistryError::Invalid(words.to_owned()));
        };
        Ok(Self { endpoint, region, key_id: key_id.to_owned(), secret: secret.clone() })
    }

    /// A password, and until when it will do.
    pub(super) async fn password(&self, http: &Http) -> Result<(Login, Time), RegistryError> {
        let posted = self.signed(&amz_date(now()))?;
        let (method, url) = (Method::POST, self.endpoint.clone());
        let ask = Ask { method, url, accept: JSON, authorization: None, posted: Some(posted), most: MOST_BYTES };
        let answer = http.ask(ask).await?;
        if answer.status != StatusCode::OK {
            return Err(refusal(answer.status, &answer.body));
        }
        let wrong = || RegistryError::Invalid("its token call answers without a token".to_owned());
        let granted: Granted = serde_json::from_slice(&answer.body).map_err(|_| wrong())?;
        let granted = granted.authorization_data.into_iter().next().ok_or_else(wrong)?;
        let login = Login::decode(&granted.authorization_token).ok_or_else(wrong)?;
        Ok((login, granted.until()))
    }

    fn signed(&self, date: &str) -> Result<Posted, RegistryError> {
        let wrong = |_| RegistryError::Invalid("an access key that no header can carry".to_owned());
        let host = self.endpoint.host_str().unwrap_or_default();
        let host = self.endpoint.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let body = Bytes::from_static(b"{}");
        let headers = [("content-type", JSON), ("host", host.as_str()), ("x-amz-date", date), ("x-amz-target", TARGET)];
        let signer = Signer { key_id: &self.key_id, secret: &self.secret, region: &self.region, service: "ecr" };
        let authorization = signer.authorization(&Signed { method: "POST", headers: &headers, body: &body }, date);
        let mut authorization = HeaderValue::from_str(&authorization).map_err(wrong)?;
        authorization.set_sensitive(true);
        let headers = HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static(JSON)),
            (HeaderName::from_static("x-amz-date"), HeaderValue::from_str(date).map_err(wrong)?),
            (HeaderName::from_static("x-amz-target"), HeaderValue::from_static(TARGET)),
            (reqwest::header::AUTHORIZATION, authorization),
        ]);
        Ok(Posted { headers, body })
    }
}

impl Authorization {
    /// One that does not say lasts as long as it always did, half a day, of which an hour is safe.
    fn until(&self) -> Time {
        let hour = now().as_millis() + 3_600_000;
        Time::from_millis(self.expires_at.map_or(hour, |seconds| (seconds * 1000.0) as i64))
    }
}

impl Login {
    /// `user:password` in base64.
    fn decode(token: &SecretString) -> Option<Self> {
        let pair = base64::engine::general_purpose::STANDARD.decode(token.expose_secret()).ok()?;
        let pair = String::from_utf8(pair).ok()?;
        let (username, password) = pair.split_once(':')?;
        Some(Self { username: username.to_owned(), password: password.to_owned().into() })
    }
}

/// Whether this is an address of Amazon's registry.
pub fn is_ecr(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| endpoint(&url).is_some())
}

/// Where passwords of a registry are asked for, and its region.
fn endpoint(registry: &Url) -> Option<(Url, String)> {
    let host = registry.host_str()?;
    let mut parts = host.splitn(5, '.');
    let (_account, dkr, ecr, region, domain) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let known = dkr == "dkr" && matches!(domain, "amazonaws.com" | "amazonaws.com.cn") && registry.scheme() == "https";
    let service = match ecr {
        "ecr" if known => "api.ecr",
        "ecr-fips" if known => "ecr-fips",
        _ => return None,
    };
    Some((Url::parse(&format!("https://{service}.{region}.{domain}/")).ok()?, region.to_owned()))
}

fn refusal(status: StatusCode, body: &[u8]) -> RegistryError {
    let said: Option<Refusal> = serde_json::from_slice(body).ok();
    let Some(Refusal { kind, message }) = said else {
        return RegistryError::Unreachable(format!("its token call answers {status}"));
    };
    let kind = kind.rsplit('#').next().unwrap_or_default().to_owned();
    let words: String = format!("{kind}: {message}").chars().filter(|c| !c.is_control()).take(300).collect();
    if status.is_server_error() || kind == "ThrottlingException" {
        return RegistryError::Unreachable(words);
    }
    RegistryError::Unauthorized(words)
}

#[cfg(test)]
impl Ecr {
    /// One whose token call is answered elsewhere.
    pub(super) fn at(endpoint: &str) -> Self {
        let endpoint = Url::parse(endpoint).expect("an address");
        let (region, key_id) = ("eu-west-1".to_owned(), "AKIDEXAMPLE".to_owned());
        Self { endpoint, region, key_id, secret: "hush".to_owned().into() }
    }
}

#[cfg(test)]
mod tests {
    use super::endpoint;
    use rstest::rstest;

    #[rstest]
    #[case("https://123456789012.dkr.ecr.eu-west-1.amazonaws.com", Some(("https://api.ecr.eu-west-1.amazonaws.com/", "eu-west-1")))]
    #[case("https://1.dkr.ecr-fips.us-east-1.amazonaws.com/", Some(("https://ecr-fips.us-east-1.amazonaws.com/", "us-east-1")))]
    #[case("https://1.dkr.ecr.cn-north-1.amazonaws.com.cn", Some(("https://api.ecr.cn-north-1.amazonaws.com.cn/", "cn-north-1")))]
    #[case("http://1.dkr.ecr.eu-west-1.amazonaws.com", None)]
    #[case("https://1.dkr.ecr.eu-west-1.amazonaws.com.evil.example", None)]
    #[case("https://registry.example", None)]
    #[case("https://127.0.0.1:5000", None)]
    fn knows_where_passwords_are_asked_for(#[case] registry: &str, #[case] expected: Option<(&str, &str)>) {
        let found = endpoint(&registry.parse().expect("an address"));
        let found = found.as_ref().map(|(url, region)| (url.as_str(), region.as_str()));
        assert_eq!(found, expected);
    }
}
