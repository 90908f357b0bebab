//! What the engine refuses or fails at: variants are meanings, and one place turns them into what
//! users read.

use types::{ApiError, ErrorCode, FieldError, plan::Plan, run::BlockedItem};

/// An error of the engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Also where existence is secret.
    #[error("There is no {0}, or it is not yours to see.")]
    NotFound(String),
    #[error("Sign in first.")]
    Unauthenticated,
    #[error("{0}")]
    Forbidden(String),
    /// A body that is wrong, field by field.
    #[error("{}", invalid_detail(.0))]
    Invalid(Vec<FieldError>),
    /// A refusal with a code of its own and words that say what would be right.
    #[error("{detail}")]
    Refused { code: ErrorCode, detail: String, fields: Vec<FieldError> },
    #[error("{what} is in use by {}.", users.join(", "))]
    InUse { what: String, users: Vec<String> },
    #[error("{} of the tasks cannot run: {}", .0.len(), blocked_detail(.0))]
    Blocked(Vec<BlockedItem>),
    #[error("The plan is not the same any more.")]
    PlanStale(Box<Plan>),
    #[error("It was changed meanwhile. Read it again, then change it.")]
    ChangedMeanwhile,
    #[error("Too many tries. Wait {retry_after_s} s.")]
    TooMany { retry_after_s: u64 },
    /// A worker's write after another process took the work over.
    #[error("another process works on {0} now")]
    Fenced(String),
    /// Logged where it is answered; its words are never sent.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    #[error("{0}")]
    Internal(String),
}

impl Error {
    pub fn refused(code: ErrorCode, detail: impl Into<String>) -> Self {
        Error::Refused { code, detail: detail.into(), fields: Vec::new() }
    }

    pub fn field(path: impl Into<String>, message: impl Into<String>) -> Self {
        Error::Invalid(vec![FieldError { path: path.into(), message: message.into() }])
    }

    pub fn code(&self) -> ErrorCode {
        match self {
            Error::NotFound(_) => ErrorCode::NotFound,
            Error::Unauthenticated => ErrorCode::Unauthenticated,
            Error::Forbidden(_) => ErrorCode::Forbidden,
            Error::Invalid(_) => ErrorCode::Invalid,
            Error::Refused { code, .. } => *code,
            Error::InUse { .. } => ErrorCode::InUse,
            Error::Blocked(_) => ErrorCode::Blocked,
            Error::PlanStale(_) => ErrorCode::PlanStale,
            Error::ChangedMeanwhile => ErrorCode::ChangedMeanwhile,
            Error::TooMany { .. } => ErrorCode::TooMany,
            Error::Fenced(_) | Error::Database(_) | Error::Internal(_) => ErrorCode::Internal,
        }
    }
}

impl From<Error> for ApiError {
    /// The one place where an error becomes what a reader gets; causes of 500 are logged here and
    /// not sent.
    fn from(error: Error) -> Self {
        let code = error.code();
        if code == ErrorCode::Internal {
            tracing::error!(%error, "internal error");
            return ApiError::new(code, "Slipway failed at this. The log of the server says why.");
        }
        let mut answer = ApiError::new(code, error.to_string());
        match error {
            Error::Invalid(fields) | Error::Refused { fields, .. } => answer.fields = fields,
            Error::InUse { users, .. } => {
                answer.more.insert("users".into(), users.into());
            }
            Error::Blocked(items) => {
                answer.more.insert("items".into(), serde_json::to_value(items).unwrap_or_default());
            }
            Error::PlanStale(plan) => {
                answer.more.insert("plan".into(), serde_json::to_value(plan).unwrap_or_default());
            }
            Error::TooMany { retry_after_s } => {
                answer.more.insert("retry_after_s".into(), retry_after_s.into());
            }
            Error::NotFound(_)
            | Error::Unauthenticated
            | Error::Forbidden(_)
            | Error::ChangedMeanwhile
            | Error::Fenced(_)
            | Error::Database(_)
            | Error::Internal(_) => {}
        }
        answer
    }
}

fn invalid_detail(fields: &[FieldError]) -> String {
    fields.iter().map(|field| format!("{} {}", field.path, field.message)).collect::<Vec<_>>().join("; ")
}

fn blocked_detail(items: &[BlockedItem]) -> String {
    let words = |item: &BlockedItem| {
        let why: Vec<&str> = item.blocked_by.iter().map(|wall| wall.message.as_str()).collect();
        format!("{}: {}", item.task, why.join(", "))
    };
    items.iter().map(words).collect::<Vec<_>>().join("; ")
}
