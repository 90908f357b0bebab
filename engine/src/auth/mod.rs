//! Who asks, and what they may.

mod password;
mod principal;
mod scope;
mod secret;

pub(crate) use password::Passwords;
pub(crate) use principal::Rights;
pub use principal::{Principal, Via};
pub use scope::{On, Role, Scope, Verb};
pub(crate) use secret::{hash, new_session_secret, new_token, token_shape};
