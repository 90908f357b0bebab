//! The parts of the pages of builds.

pub(crate) mod editor;
pub(crate) mod form;
pub(crate) mod menu;
pub(crate) mod spark;
pub(crate) mod step;
