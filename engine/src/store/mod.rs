//! What is kept, row by row: SQLite embedded, PostgreSQL to scale, the same queries for both.

pub mod audit;
pub mod build;
pub mod build_engine;
pub mod build_run;
pub mod build_step;
pub mod cluster;
pub mod freeze;
pub mod history;
pub mod hold;
pub mod idempotency;
pub mod installation;
pub mod link;
pub mod plan;
pub mod registry;
pub mod run;
pub mod run_item;
pub mod secret;
pub mod selection;
pub mod service_map;
pub mod session;
pub mod sign_in_try;
pub mod task_setting;
pub mod token;
pub mod user;

mod connect;
mod json;

pub(crate) use connect::{connect, pending, write_tx};
pub(crate) use json::{read, write};
