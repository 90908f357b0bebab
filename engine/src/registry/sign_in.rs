//! Signing in to a registry: with our credentials, or with a token for which they are exchanged.

use super::{
    RegistryError,
    challenge::Challenge,
    http::{Ask, Http},
    realm,
};
use base64::Engine as _;
use reqwest::{Method, StatusCode, header::HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A token is not used in its last seconds: it would expire on the way.
const EARLY: Duration = Duration::from_secs(5);

/// Tokens that are kept; one per repository. Beyond it all are asked for again.
const MOST_TOKENS: usize = 1000;

/// Most bytes of a realm's answer.
const MOST_BYTES: usize = 1 << 20;

/// Our credentials and what came of them.
pub(super) struct SignIn {
    basic: Option<HeaderValue>,
    granted: Mutex<Granted>,
}

#[derive(Default)]
struct Granted {
    /// The registry takes our credentials as they are.
    takes_basic: bool,
    tokens: HashMap<String, (HeaderValue, Instant)>,
}

impl SignIn {
    pub(super) fn new(username: Option<&str>, password: Option<&SecretString>) -> Result<Self, RegistryError> {
        let basic = match (username, password) {
            (Some(username), Some(password)) => Some(basic(username, password)?),
            (Some(_) | None, None) | (None, Some(_)) => None,
        };
        Ok(Self { basic, granted: Mutex::default() })
    }

    /// What worked the last time for this scope.
    pub(super) fn known(&self, scope: &str) -> Option<HeaderValue> {
        let granted = self.granted.lock().unwrap_or_else(PoisonError::into_inner);
        if granted.takes_basic {
            return self.basic.clone();
        }
        let (token, until) = granted.tokens.get(scope)?;
        (Instant::now() < *until).then(|| token.clone())
    }

    /// Meets what the registry asks for.
    pub(super) async fn meet(
        &self,
        challenge: &Challenge,
        scope: &str,
        http: &Http,
    ) -> Result<HeaderValue, RegistryError> {
        let Some(url) = realm::address(challenge, scope)? else {
            let missing = || RegistryError::Unauthorized("it wants a user name and a password".to_owned());
            let basic = self.basic.clone().ok_or_else(missing)?;
            self.granted.lock().unwrap_or_else(PoisonError::into_inner).takes_basic = true;
            return Ok(basic);
        };
        let authorization = self.basic.clone();
        let ask = Ask { method: Method::GET, url, accept: "application/json", authorization, most: MOST_BYTES };
        let answer = http.ask(ask).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(RegistryError::Unauthorized(format!("its token realm answers {}", answer.status)));
            }
            status => return Err(RegistryError::Unreachable(format!("its token realm answers {status}"))),
        }
        let (token, life) = realm::granted(&answer.body)?;
        let token = sensitive(&format!("Bearer {token}"))?;
        self.keep(scope, token.clone(), life);
        Ok(token)
    }

    /// Forgets what the registry does not take any more.
    pub(super) fn forget(&self, scope: &str) {
        let mut granted = self.granted.lock().unwrap_or_else(PoisonError::into_inner);
        granted.takes_basic = false;
        granted.tokens.remove(scope);
    }

    fn keep(&self, scope: &str, token: HeaderValue, life: Duration) {
        let mut granted = self.granted.lock().unwrap_or_else(PoisonError::into_inner);
        if granted.tokens.len() >= MOST_TOKENS {
            granted.tokens.clear();
        }
        granted.tokens.insert(scope.to_owned(), (token, Instant::now() + life.saturating_sub(EARLY)));
    }
}

fn basic(username: &str, password: &SecretString) -> Result<HeaderValue, RegistryError> {
    let pair = format!("{username}:{}", password.expose_secret());
    sensitive(&format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair)))
}

/// A header that no log prints.
fn sensitive(text: &str) -> Result<HeaderValue, RegistryError> {
    let wrong = |_| RegistryError::Invalid("a credential that no header can carry".to_owned());
    let mut value = HeaderValue::from_str(text).map_err(wrong)?;
    value.set_sensitive(true);
    Ok(value)
}
