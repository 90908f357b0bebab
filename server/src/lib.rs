//! Slipway over HTTP: REST, WebSockets, pages; and its commands.
#![recursion_limit = "512"]

mod auth;
pub mod cli;
pub mod config;
mod explorer;
mod front;
mod http;
mod middleware;
mod openapi;
mod router;
pub mod shutdown;
mod state;
pub mod telemetry;
mod ui;
mod ws;

pub use auth::{SessionCookie, return_path};
pub use front::Front;
pub use http::product_version;
pub use middleware::WithoutPrefix;
pub use openapi::document;
pub use router::router;
pub use state::{AppState, Web};
