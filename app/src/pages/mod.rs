//! The pages: what they ask for, and how it is laid out.

pub(crate) mod build_compare;
pub(crate) mod build_form;
pub(crate) mod build_run;
pub(crate) mod build_runs;
pub(crate) mod builds;
pub(crate) mod connections;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod later;
pub(crate) mod log;
pub(crate) mod map_form;
pub(crate) mod not_found;
pub(crate) mod params;
pub(crate) mod pipeline;
pub(crate) mod plan;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod set_up;
pub(crate) mod sign_in;
