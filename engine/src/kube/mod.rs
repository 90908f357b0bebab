//! Clusters: what is there, kept fresh by watches, and the one change that Slipway makes.
//!
//! A run does it in this order: `Cluster::apply_images`, then for each `Change` of its workload
//! `rollout::standing`, `rollout::progress`, `causes::findings` and, when rolled out, `proof::prove`: all pure,
//! over what `ClusterView` has in memory.

pub mod causes;
pub mod pod;
pub mod proof;
pub mod rollout;
#[cfg(test)]
mod testing;
pub mod workload;

pub use pod::{EventView, PodContainer, PodView};
pub use rollout::{Progress, Standing, WorkloadTarget};
pub use workload::{ContainerView, WorkloadKey, WorkloadView};
