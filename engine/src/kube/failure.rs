//! Errors of the Kubernetes client in words, and what they mean.

use ::kube::{Error, core::Status};

/// What an error says in one line: the words of the API, or the innermost cause of a broken connection.
pub(super) fn words(error: &Error) -> String {
    match error {
        Error::Api(status) if status.code == 401 => {
            "The cluster does not accept the credentials (401 Unauthorized).".to_owned()
        }
        Error::Api(status) => format!("{} ({})", status.message, status.code),
        other => {
            let mut at: &dyn std::error::Error = other;
            while let Some(source) = at.source() {
                at = source;
            }
            let (outer, inner) = (other.to_string(), at.to_string());
            if outer.contains(&inner) { outer } else { format!("{outer}: {inner}") }
        }
    }
}

/// The API's own answer, where there was one.
pub(super) fn status(error: &Error) -> Option<&Status> {
    match error {
        Error::Api(status) => Some(status),
        _ => None,
    }
}

/// The API answered that a right is missing.
pub(super) fn is_forbidden(error: &Error) -> bool {
    status(error).is_some_and(|status| status.code == 403)
}
