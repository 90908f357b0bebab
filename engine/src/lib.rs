//! Everything that Slipway does: builds, rollouts, logs, and who may ask for them.
//!
//! Knows nothing of HTTP servers and pages. `Engine` is the one door; behind it the arrows of
//! `docs/architecture.md` only point down.

pub mod auth;
mod beneath;
mod build;
mod bus;
mod config;
mod disk;
pub mod docker;
pub mod egress;
mod engine;
mod error;
pub mod git;
mod hub;
pub mod image;
pub mod kube;
pub mod line;
pub mod logs;
pub(crate) mod partial;
pub mod registry;
pub mod rest;
mod seat;
mod secrets;
mod service;
pub mod state;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod transfer;
mod worker;

pub use auth::{Principal, Via};
pub use build::{from_yaml as build_from_yaml, to_yaml as build_to_yaml};
pub use config::Config;
pub use engine::{Engine, Inner};
pub use error::Error;
pub use service::{
    Idempotency, LogFeed, LogName, LogText, MapFeed, NewSession, NewUser, PageRequest, Readiness, Result, Revised,
    Revision, RoleGrant, RunFeed, RunFilter, Started, UserSummary,
};

/// The present moment.
pub(crate) fn now() -> types::Time {
    types::Time::from(jiff::Timestamp::now())
}
