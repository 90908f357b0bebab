//! The parts of the pages of builds.

mod conflict;
pub(crate) mod difference;
pub(crate) mod difference_list;
pub(crate) mod editor;
mod facts;
mod fields;
mod flow;
mod focus;
mod form;
pub(crate) mod menu;
mod moving;
mod removed;
pub(crate) mod run_actions;
pub(crate) mod run_dialog;
pub(crate) mod run_params;
mod save_bar;
pub(crate) mod spark;
mod step;
mod try_dialog;
mod yaml_dialog;
