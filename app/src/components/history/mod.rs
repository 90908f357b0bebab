//! The parts of the history page.

pub(crate) mod compare;
pub(crate) mod line;
