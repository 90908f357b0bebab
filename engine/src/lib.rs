//! Everything that Slipway does: builds, rollouts, logs, and who may ask for them.
//!
//! Knows nothing of HTTP servers and pages. `Engine` is the one door; behind it the arrows of
//! `docs/architecture.md` only point down.

pub mod docker;
pub mod git;
pub mod image;
pub mod kube;
pub mod logs;
pub mod registry;

/// The present moment.
pub(crate) fn now() -> types::Time {
    types::Time::from(jiff::Timestamp::now())
}
