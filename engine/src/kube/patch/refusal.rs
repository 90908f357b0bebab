//! What an answer other than 200 means. Pure.

use super::PatchError;
use crate::kube::failure;
use ::kube::{Error, core::Status};

/// What follows from an answer.
#[derive(Debug)]
pub(super) enum Refusal {
    /// A `test` of the patch failed: what is there is not what was read.
    TestFailed,
    /// Nothing is known, or it was not the time: read again, then try again.
    Again(String),
    /// It will be the same the next time.
    Final(PatchError),
}

pub(super) fn refusal(error: &Error) -> Refusal {
    match failure::status(error) {
        Some(status) => of_status(status),
        None => Refusal::Again(failure::words(error)),
    }
}

fn of_status(status: &Status) -> Refusal {
    let words = || status.message.clone();
    match status.code {
        401 => Refusal::Final(PatchError::Forbidden("the cluster does not accept the credentials (401)".to_owned())),
        403 if is_missing_right(&status.message) => Refusal::Final(PatchError::Forbidden(words())),
        404 => Refusal::Final(PatchError::WorkloadGone),
        // The API server answers a failed `test` like this; whatever it has validated comes with causes.
        422 if !has_causes(status) => Refusal::TestFailed,
        408 | 409 | 429 | 500.. => Refusal::Again(format!("{} ({})", status.message, status.code)),
        // 403 of an admission plugin, 422 of a validation or policy, 400 of a webhook without a code of its own.
        _ => Refusal::Final(PatchError::AdmissionDenied(words())),
    }
}

fn has_causes(status: &Status) -> bool {
    status.details.as_ref().is_some_and(|details| !details.causes.is_empty())
}

/// RBAC says `User "x" cannot patch resource "deployments" in API group "apps"`; admission never does.
fn is_missing_right(message: &str) -> bool {
    message.contains("cannot patch resource") || message.contains("cannot get resource")
}

#[cfg(test)]
mod tests {
    use super::{Refusal, of_status};
    use crate::kube::patch::PatchError;
    use ::kube::core::{Status, response::StatusCause, response::StatusDetails};
    use rstest::rstest;

    const RBAC: &str = r#"deployments.apps "web" is forbidden: User "ci" cannot patch resource "deployments" in API group "apps" in the namespace "shop""#;
    const QUOTA: &str = r#"deployments.apps "web" is forbidden: exceeded quota: compute"#;
    const WEBHOOK: &str = r#"admission webhook "images.example.com" denied the request: not signed"#;

    fn status(code: u16, message: &str, cause: bool) -> Status {
        let causes = if cause {
            vec![StatusCause { reason: String::new(), message: String::new(), field: String::new() }]
        } else {
            Vec::new()
        };
        let details = StatusDetails {
            name: String::new(),
            group: String::new(),
            kind: String::new(),
            uid: String::new(),
            causes,
            retry_after_seconds: 0,
        };
        Status::failure(message, "").with_code(code).with_details(details)
    }

    fn word(refusal: &Refusal) -> &'static str {
        match refusal {
            Refusal::TestFailed => "test",
            Refusal::Again(_) => "again",
            Refusal::Final(PatchError::Forbidden(_)) => "forbidden",
            Refusal::Final(PatchError::WorkloadGone) => "gone",
            Refusal::Final(PatchError::AdmissionDenied(_)) => "denied",
            Refusal::Final(_) => "other",
        }
    }

    #[rstest]
    #[case(422, "the server rejected our request due to an error in our request", false, "test")]
    #[case(422, "Deployment.apps \"web\" is invalid: spec…image: Required value", true, "denied")]
    #[case(403, RBAC, false, "forbidden")]
    #[case(403, QUOTA, false, "denied")]
    #[case(403, WEBHOOK, false, "denied")]
    #[case(400, WEBHOOK, false, "denied")]
    #[case(401, "Unauthorized", false, "forbidden")]
    #[case(404, "not found", false, "gone")]
    #[case(409, "the object has been modified", false, "again")]
    #[case(429, "too many requests", false, "again")]
    #[case(500, "failed calling webhook", false, "again")]
    #[case(503, "etcd leader changed", false, "again")]
    fn means(#[case] code: u16, #[case] message: &str, #[case] cause: bool, #[case] expected: &str) {
        assert_eq!(word(&of_status(&status(code, message, cause))), expected);
    }
}
