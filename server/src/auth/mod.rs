//! Who asks: tokens, the session's cookie, and which requests of a browser are its own.

mod caller;
mod cookie;
mod origin;
mod return_to;

use std::time::Duration;

/// How often rights are checked again on open streams: a right that was taken ends a stream this soon.
pub(crate) const RECHECK_EVERY: Duration = Duration::from_secs(60);

pub(crate) use caller::{Caller, Visitor, Who};
pub use cookie::SessionCookie;
pub(crate) use origin::{refuse_cross_site, same_origin_upgrade};
pub use return_to::return_path;
