//! What can be asked of the engine: one file per noun, each an `impl Engine`.

pub(crate) mod audit;
pub(crate) mod build_runs;
pub(crate) mod builds;
mod clusters;
mod compare;
mod digests;
mod engines;
pub(crate) mod feed;
pub(crate) mod freezes;
pub(crate) mod history;
pub(crate) mod holds;
pub(crate) mod idempotency;
pub(crate) mod logs;
pub(crate) mod maps;
mod page;
pub(crate) mod plans;
pub(crate) mod pruning;
pub(crate) mod registries;
mod registry_users;
mod request;
pub(crate) mod runs;
pub(crate) mod secrets;
mod sessions;
pub(crate) mod task_settings;
pub(crate) mod tasks;
mod tokens;
mod users;

pub use feed::{LogFeed, MapFeed, RunFeed};
pub use logs::LogText;
pub use request::{Idempotency, LogName, NewSession, PageRequest, Readiness, Revised, Revision, RunFilter, Started};
pub(crate) use sessions::grants_of;
pub(crate) use tasks::Memo as TaskMemo;
pub use users::{NewUser, RoleGrant, UserSummary};

/// What a service answers.
pub type Result<T> = std::result::Result<T, crate::Error>;

/// A name as it was stored.
pub(crate) fn stored_name(text: &str) -> Result<types::Name> {
    types::Name::parse(text).map_err(|why| crate::Error::Internal(format!("a stored name {why}")))
}

/// A violated unique index means that the name is taken.
pub(crate) fn exists(why: sea_orm::DbErr, what: &str, name: &impl std::fmt::Display) -> crate::Error {
    match why.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => {
            crate::Error::refused(types::ErrorCode::Exists, format!("There is a {what} {name} already."))
        }
        Some(_) | None => why.into(),
    }
}
