//! Clusters, registries and build engines: known, found, and added by hand.

pub(crate) mod forms;
pub(crate) mod found;
pub(crate) mod known;
