//! The one change that Slipway makes: the images of named containers, by one JSON Patch per workload.
//!
//! Not by server-side apply: the second container of a workload then fails with `image: Required value`, and a
//! container that its owner removes stays. Each place is tested before it is replaced, so that a workload that was
//! changed meanwhile is never overwritten, and all containers of a workload go in one patch: one rollout or none.

mod apply;
mod document;
mod error;
mod refusal;
#[cfg(test)]
mod tests;

pub(super) use apply::Patience;
pub use document::build_patch;
pub use error::{Conflict, PatchError};

use super::workload::{ContainerList, ContainerView};

/// The name under which the API server keeps what Slipway wrote.
pub const FIELD_MANAGER: &str = "slipway";

/// One container's image, from what it must be now to what it shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageChange {
    pub container: String,
    pub from_image: String,
    pub to_image: String,
}

/// What the API server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    pub uid: String,
    /// `metadata.generation` of the answer.
    pub generation: i64,
    /// Container and image as they stand in the template now: what `standing` compares with.
    pub images: Vec<(String, String)>,
}

/// How a patch went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatchOutcome {
    Applied(Applied),
    /// Every image was already there: nothing was sent, or an earlier try had arrived.
    AlreadyThere(Applied),
}

/// A container's place in the template, where the patch tests and replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub list: ContainerList,
    pub index: usize,
    pub change: ImageChange,
}

impl Place {
    /// The place as the view has it: for a plan that shows the patch. What is sent is made from a fresh reading.
    pub fn of(container: &ContainerView, to_image: &str) -> Self {
        let change = ImageChange {
            container: container.name.clone(),
            from_image: container.image.clone(),
            to_image: to_image.to_owned(),
        };
        Self { list: container.list, index: container.index, change }
    }
}
