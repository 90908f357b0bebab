//! Build engines with a Docker-compatible API.
//!
//! bollard speaks to the engine, over connections that are ours (`transport`): each call is a
//! connection of its own, so that dropping the call ends it in the engine too, which is how a build
//! is cancelled. What bollard's models leave out (layers of a push, disk use of old engines) is read
//! from the same connections directly.

mod address;
mod build;
mod context;
mod discover;
mod engine;
mod error;
mod failure;
mod ignore;
mod inline;
mod pack;
mod progress;
mod push;
mod reap;
mod scoped;
mod transport;

pub use address::{EngineAddress, EngineTls};
pub use build::{BuiltImage, Dockerfile, ImageBuild, RegistryCredentials};
pub use context::Context;
pub use discover::discover;
pub use engine::{DockerEngine, EngineInfo};
pub use error::DockerError;
pub use push::ImagePush;
pub use reap::Reaped;

/// The label that ties containers and volumes of an engine to a build run.
pub const RUN_LABEL: &str = "slipway.run";

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
