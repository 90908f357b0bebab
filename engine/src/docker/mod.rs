//! Build engines with a Docker-compatible API.
//!
//! bollard speaks to the engine, over connections that are ours (`transport`): each call is a
//! connection of its own, so that dropping the call ends it in the engine too, which is how a build
//! is cancelled. What bollard's models leave out (layers of a push, disk use of old engines) is read
//! from the same connections directly.

mod address;
mod archive;
mod build;
mod container;
mod context;
mod discover;
mod engine;
mod error;
mod failure;
mod follow;
mod grpc;
mod handshake;
mod ignore;
mod inline;
mod listed;
mod pack;
mod progress;
mod prune;
mod push;
mod reap;
mod scoped;
mod session;
mod sift;
mod solve;
mod stages;
mod transport;
mod volume;

pub use address::{EngineAddress, EngineTls, WrongAddress};
pub use build::{BuiltImage, Dockerfile, ImageBuild, RegistryCredentials};
pub use container::{CacheMount, ContainerRun, Exit, StepContainer};
pub use context::Context;
pub use discover::discover;
pub use engine::{DockerEngine, EngineInfo};
pub use error::DockerError;
pub use follow::Cursor;
pub use push::ImagePush;
pub use reap::{Living, Reaped};
pub use stages::LastStage;

/// The label of all that an installation of Slipway has in an engine, which others may use too.
pub const INSTALLATION_LABEL: &str = "slipway.installation";
/// The label that ties containers and volumes of an engine to a build run.
pub const RUN_LABEL: &str = "slipway.run";
/// The label that ties a container to a step of its run, by index.
pub const STEP_LABEL: &str = "slipway.step";
/// The label that ties a cache to its build.
pub const CACHE_LABEL: &str = "slipway.cache";

/// Where the work space is in a container.
pub const WORKSPACE: &str = "/workspace";
/// Where a script lies: in its container, so that the work space is not littered with it.
pub const SCRIPT_FOLDER: &str = "/slipway";

#[cfg(test)]
mod container_tests;
#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod fake_buildkit;
#[cfg(test)]
mod ignore_tests;
#[cfg(test)]
mod solve_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_tests;
