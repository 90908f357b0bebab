//! What Slipway talks to, connected once and kept: clusters, registries, build engines.

mod clusters;
mod engines;
mod health;
mod registries;
mod resolved;
mod tags;

pub(crate) use clusters::{Clusters, Entered};
pub(crate) use engines::Engines;
pub(crate) use health::Health;
pub(crate) use registries::{Registries, RegistryEntry};
pub(crate) use tags::TagList;
