//! Signing in to a registry: with our credentials, or with a token for which they are exchanged.

use super::{
    RegistryError,
    challenge::Challenge,
    ecr::Ecr,
    http::{Ask, Http},
    realm,
};
use crate::now;
use base64::Engine as _;
use reqwest::{Method, StatusCode, header::HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use types::Time;

/// A token is not used in its last seconds: it would expire on the way.
const EARLY: Duration = Duration::from_secs(5);

/// A password is not used in its last hour: a large push takes its time.
const LAST_MS: u64 = 3_600_000;

/// Tokens that are kept; one per repository. Beyond it all are asked for again.
const MOST_TOKENS: usize = 1000;

/// Most bytes of a realm's answer.
const MOST_BYTES: usize = 1 << 20;

/// A name and a password.
#[derive(Clone, Debug)]
pub struct Login {
    pub username: String,
    pub password: SecretString,
}

/// Where our name and password come from.
pub(super) enum Credentials {
    Nobody,
    Entered(Login),
    /// They are asked for, and last for a while.
    Ecr(Ecr),
}

/// Our credentials and what came of them.
pub(super) struct SignIn {
    credentials: Credentials,
    granted: Mutex<Granted>,
}

#[derive(Default)]
struct Granted {
    /// The registry takes our credentials as they are.
    takes_basic: bool,
    /// The password that was asked for, and until when it will do.
    login: Option<(Login, Time)>,
    tokens: HashMap<String, (HeaderValue, Instant)>,
}

impl SignIn {
    pub(super) fn new(credentials: Credentials) -> Result<Self, RegistryError> {
        if let Credentials::Entered(login) = &credentials {
            basic(login)?;
        }
        Ok(Self { credentials, granted: Mutex::default() })
    }

    /// What worked the last time for this scope.
    pub(super) fn known(&self, scope: &str) -> Option<HeaderValue> {
        let granted = self.granted();
        if granted.takes_basic {
            return match &self.credentials {
                Credentials::Nobody => None,
                Credentials::Entered(login) => basic(login).ok(),
                Credentials::Ecr(_) => granted.usable().and_then(|login| basic(&login).ok()),
            };
        }
        let (token, until) = granted.tokens.get(scope)?;
        (Instant::now() < *until).then(|| token.clone())
    }

    /// Our name and password, which may have to be asked for.
    pub(super) async fn login(&self, http: &Http) -> Result<Option<Login>, RegistryError> {
        let ecr = match &self.credentials {
            Credentials::Nobody => return Ok(None),
            Credentials::Entered(login) => return Ok(Some(login.clone())),
            Credentials::Ecr(ecr) => ecr,
        };
        let usable = self.granted().usable();
        if usable.is_some() {
            return Ok(usable);
        }
        let (login, until) = ecr.password(http).await?;
        self.granted().login = Some((login.clone(), until));
        Ok(Some(login))
    }

    /// Meets what the registry asks for.
    pub(super) async fn meet(
        &self,
        challenge: &Challenge,
        scope: &str,
        http: &Http,
    ) -> Result<HeaderValue, RegistryError> {
        let login = self.login(http).await?;
        let authorization = login.as_ref().map(basic).transpose()?;
        let Some(url) = realm::address(challenge, scope)? else {
            let missing = || RegistryError::Unauthorized("it wants a user name and a password".to_owned());
            let basic = authorization.ok_or_else(missing)?;
            self.granted().takes_basic = true;
            return Ok(basic);
        };
        let (method, accept) = (Method::GET, "application/json");
        let answer = http.ask(Ask { method, url, accept, authorization, posted: None, most: MOST_BYTES }).await?;
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
        let mut granted = self.granted();
        granted.takes_basic = false;
        granted.login = None;
        granted.tokens.remove(scope);
    }

    fn keep(&self, scope: &str, token: HeaderValue, life: Duration) {
        let mut granted = self.granted();
        if granted.tokens.len() >= MOST_TOKENS {
            granted.tokens.clear();
        }
        granted.tokens.insert(scope.to_owned(), (token, Instant::now() + life.saturating_sub(EARLY)));
    }

    fn granted(&self) -> MutexGuard<'_, Granted> {
        self.granted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Granted {
    /// The password that was asked for, if a push with it would still come to its end.
    fn usable(&self) -> Option<Login> {
        let (login, until) = self.login.as_ref()?;
        (until.since_ms(now()) > LAST_MS).then(|| login.clone())
    }
}

fn basic(Login { username, password }: &Login) -> Result<HeaderValue, RegistryError> {
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
