//! What pages are made of: props in, events out, nothing is fetched here.

pub(crate) mod any;
pub(crate) mod awaited;
pub(crate) mod blocked;
pub(crate) mod build;
pub(crate) mod connections;
pub(crate) mod copy;
pub(crate) mod dialog;
pub(crate) mod failure;
pub(crate) mod field;
pub(crate) mod frame;
pub(crate) mod held_press;
pub(crate) mod history;
pub(crate) mod icon;
pub(crate) mod live_mark;
pub(crate) mod log;
pub(crate) mod over;
pub(crate) mod palette;
pub(crate) mod pipeline;
pub(crate) mod problem;
pub(crate) mod run;
pub(crate) mod shortcuts;
pub(crate) mod sidebar;
pub(crate) mod state;
pub(crate) mod theme;
pub(crate) mod time;
pub(crate) mod toasts;
