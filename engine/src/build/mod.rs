//! Builds: how a flow is checked, and how it runs.

mod container_step;
mod context;
mod execute;
mod flow;
mod git_step;
mod http_step;
mod image_facts;
mod image_step;
mod outputs;
mod patience;
mod record;
mod resume;
mod room;
mod space;
mod step_end;
mod tag;
mod taken_up;
mod transfer_step;
mod values;
mod yaml;

pub(crate) use execute::{execute, is_try};
pub(crate) use flow::{
    CachePlace, check, check_cache, check_engine, check_given, check_run_args, check_try, in_run, open_secrets, seal,
    seal_one, shown,
};
pub(crate) use git_step::opened as git_credentials;
pub(crate) use image_step::path_of;
pub(crate) use record::{By, Ending, Recorder, finish, tell};
pub(crate) use resume::in_container;
pub(crate) use space::uses_containers;
pub(crate) use tag::{Chosen, choose};
pub(crate) use values::Values;
pub use yaml::{from_yaml, to_yaml};
