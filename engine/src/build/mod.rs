//! Builds: how a flow is checked, and how it runs.

mod context;
mod execute;
mod flow;
mod git_step;
mod image_step;
mod record;
mod tag;
mod values;

pub(crate) use execute::execute;
pub(crate) use flow::{check, check_run_args, open_secrets, seal, shown};
pub(crate) use image_step::path_of;
pub(crate) use record::{By, Ending, Recorder, finish, tell};
pub(crate) use tag::choose;
