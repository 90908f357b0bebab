//! Somebody who asks, as known from a session or a token.

use super::{On, Scope, Verb};
use crate::Error;
use uuid::Uuid;

/// How somebody came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    Session,
    /// A token, by its name.
    Token(String),
    /// Slipway itself, for work that nobody asked for just now.
    Host,
}

/// What somebody may: what the user was granted, and what the token is narrowed to.
pub(crate) type Rights = (Vec<Scope>, Option<Vec<Scope>>);

/// Who asks, and what they may.
#[derive(Clone, Debug)]
pub struct Principal {
    pub user_id: Uuid,
    pub username: String,
    pub via: Via,
    /// Where the request came from.
    pub address: Option<String>,
    /// What the user may.
    pub(crate) grants: Vec<Scope>,
    /// What the token is narrowed to: it never has more than its maker has now.
    pub(crate) limit: Option<Vec<Scope>>,
}

impl Principal {
    /// Slipway itself, on the host.
    pub fn host() -> Self {
        Self {
            user_id: Uuid::nil(),
            username: "slipway".to_owned(),
            via: Via::Host,
            address: None,
            grants: vec![Scope { verb: Verb::Admin, on: On::Everywhere }],
            limit: None,
        }
    }

    pub fn may(&self, verb: Verb, on: &On) -> bool {
        let allowed = |scopes: &[Scope]| scopes.iter().any(|scope| scope.allows(verb, on));
        allowed(&self.grants) && self.limit.as_deref().is_none_or(allowed)
    }

    /// All that `may` decides by.
    pub(crate) fn rights(&self) -> Rights {
        (self.grants.clone(), self.limit.clone())
    }

    /// Refuses what is not allowed. What may not even be read looks as if it were not there.
    pub fn need(&self, verb: Verb, on: &On, what: &str) -> Result<(), Error> {
        if self.may(verb, on) {
            return Ok(());
        }
        if !self.may(Verb::Read, on) {
            return Err(Error::NotFound(what.to_owned()));
        }
        Err(Error::Forbidden(format!("This needs the scope {}.", Scope { verb, on: on.clone() })))
    }

    /// Refuses everybody but administrators.
    pub fn need_admin(&self) -> Result<(), Error> {
        if self.may(Verb::Admin, &On::Everywhere) {
            return Ok(());
        }
        Err(Error::Forbidden("This needs the scope admin.".to_owned()))
    }

    /// The name that runs, notes and the audit carry: the token's where a token asks.
    pub fn actor(&self) -> &str {
        match &self.via {
            Via::Token(name) => name,
            Via::Session | Via::Host => &self.username,
        }
    }

    /// The scopes in force.
    pub fn scopes(&self) -> Vec<String> {
        let scopes = self.limit.as_ref().unwrap_or(&self.grants);
        scopes.iter().filter(|scope| self.may(scope.verb, &scope.on)).map(Scope::to_string).collect()
    }
}
