//! The parts of a run's page.

pub(crate) mod actions;
pub(crate) mod axis;
pub(crate) mod bar;
pub(crate) mod item;
pub(crate) mod undo;
