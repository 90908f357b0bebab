//! The parts of the pipeline page.

pub(crate) mod action_bar;
mod appointed;
pub(crate) mod card;
mod chooser;
mod failure;
mod phases;
pub(crate) mod plan_contents;
pub(crate) mod plan_sheet;
mod rollout;
mod row;
pub(crate) mod suggest;
pub(crate) mod suggestions;
mod tag_box;
mod why;

pub(crate) use phases::{shout, squares};
