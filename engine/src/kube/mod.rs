//! Clusters: what is there, kept fresh by watches, and the one change that Slipway makes.
//!
//! A run does it in this order: `Cluster::apply_images`, then for each `Change` of its workload
//! `rollout::standing`, `rollout::progress`, `causes::findings` and, when rolled out, `proof::prove`: all pure,
//! over what `ClusterView` has in memory.

pub mod causes;
mod cluster;
mod connect;
mod failure;
mod known;
mod nodes;
pub mod patch;
pub mod pod;
mod pods;
pub mod proof;
mod revisions;
mod rights;
pub mod rollout;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod testing;
pub mod uptime;
mod view;
pub mod workload;

pub use cluster::Cluster;
pub use connect::{ConnectError, Connection, Discovered, IN_CLUSTER, discovered_contexts};
pub use patch::{Applied, ImageChange, PatchError, PatchOutcome};
pub use pod::{EventView, PodContainer, PodView};
pub use pods::ReadError;
pub use revisions::PastTemplate;
pub use rights::right_to_patch;
pub use rollout::{Progress, Standing, WorkloadTarget};
pub use view::{Change, ClusterStatus, ClusterView, EventsGuard, Selector};
pub use workload::{ContainerView, WorkloadKey, WorkloadView};
