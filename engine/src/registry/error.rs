//! What a registry can answer besides what was asked for.

/// Why a registry did not give what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// The registry knows no such repository, tag or digest (404 with our credentials).
    #[error("{0} is not in the registry")]
    NotFound(String),
    /// Our credentials are missing, wrong or not enough (401, 403).
    #[error("the registry refuses: {0}")]
    Unauthorized(String),
    /// No answer, or one that only says to come back later (429, 5xx).
    #[error("the registry cannot be reached: {0}")]
    Unreachable(String),
    /// An answer that a registry must not give, or a setting that cannot work.
    #[error("{0}")]
    Invalid(String),
}
