//! What follows what: pure, and the same for pages, REST and workers.

pub mod build_run;
pub mod item;
pub mod run;
pub mod runnable;
