//! What handlers take from a request; every refusal is a problem that says what would be right.

mod etag;
mod format;
mod idempotency;
mod json;
mod page;
mod path;
mod query;
mod words;

pub(crate) use etag::{IfMatch, etag};
pub(crate) use format::{Format, lines, located};
pub(crate) use idempotency::Start;
pub(crate) use json::{Json, MergePatch};
pub(crate) use page::{PageQuery, paged};
pub(crate) use path::Path;
pub(crate) use query::Query;
