//! What pages are made of: props in, events out, nothing is fetched here.

pub(crate) mod any;
pub(crate) mod awaited;
pub(crate) mod build;
pub(crate) mod connections;
pub(crate) mod copy;
pub(crate) mod failure;
pub(crate) mod field;
pub(crate) mod frame;
pub(crate) mod icon;
pub(crate) mod live_mark;
pub(crate) mod log;
pub(crate) mod pipeline;
pub(crate) mod problem;
pub(crate) mod run;
pub(crate) mod sidebar;
pub(crate) mod state;
pub(crate) mod theme;
pub(crate) mod time;
