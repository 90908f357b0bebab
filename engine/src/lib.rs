//! Everything that Slipway does: builds, rollouts, logs, and who may ask for them.
//!
//! Knows nothing of HTTP servers and pages. `Engine` is the one door; behind it the arrows of
//! `docs/architecture.md` only point down.

pub mod docker;
pub mod egress;
pub mod git;
pub mod image;
pub mod kube;
pub mod line;
pub mod logs;
pub(crate) mod partial;
pub mod registry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

/// The present moment.
pub(crate) fn now() -> types::Time {
    types::Time::from(jiff::Timestamp::now())
}
