//! What tests of this crate and of those above need: counterparts that come and go with the test process.

mod authority;
pub mod postgres;
#[cfg(test)]
pub(crate) mod tls;

pub use authority::{Authority, Identity};

/// A scripted API server, and what plays the controllers of its cluster.
pub mod cluster {
    pub use crate::kube::testing::{
        api::{FakeApi, Fault, Objects},
        controller::{Controller, image, put, set_image},
    };
}

/// A registry that holds what a test puts there.
pub mod registry {
    pub use crate::registry::shelf::{Content, Shelf};
}
