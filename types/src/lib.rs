//! The words that cross the wire: what REST, the server functions and the WebSockets say.
//!
//! Every type here is shared by the browser, the server and the engine; shapes follow the REST
//! contract (`docs/api.md`). Nothing here knows how anything is done.

pub mod build;
pub mod build_run;
pub mod cluster;
pub mod engine;
pub mod error;
pub mod event;
pub mod freeze;
pub mod history;
pub mod image;
pub mod log;
pub mod map;
pub mod name;
pub mod page;
pub mod plan;
pub mod registry;
pub mod run;
pub mod secret;
pub mod task;
pub mod time;
pub mod token;
pub mod user;
pub mod version;

pub use error::{ApiError, ErrorCode, FieldError};
pub use image::{Digest, Image};
pub use name::{Name, TaskId, WorkloadKind};
pub use page::Page;
pub use time::Time;
pub use version::Version;
