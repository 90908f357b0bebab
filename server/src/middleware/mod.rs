//! What stands before every handler.

mod body_limit;
mod client;
mod compress;
mod finish;
mod headers;
mod prefix;
mod stopping;

pub(crate) use body_limit::{limit_body, too_large};
pub(crate) use client::{Client, know_client};
pub(crate) use compress::compress;
pub(crate) use finish::finish;
pub(crate) use headers::secure_headers;
pub use prefix::WithoutPrefix;
pub(crate) use stopping::refuse_work_while_stopping;
