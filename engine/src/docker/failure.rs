//! What an engine's errors mean.

use super::DockerError;
use bollard::errors::Error;

/// Outside of a build: either it is not there, or it refuses.
pub(super) fn meaning(error: Error) -> DockerError {
    match error {
        Error::DockerResponseServerError { status_code, message } => {
            DockerError::EngineRefused(format!("{message} ({status_code})"))
        }
        Error::DockerStreamError { error } => DockerError::EngineRefused(error),
        Error::RequestTimeoutError => DockerError::EngineUnreachable("it does not answer".to_owned()),
        Error::IOError { err } => DockerError::EngineUnreachable(innermost(&err)),
        Error::SocketNotFoundError(path) => DockerError::EngineUnreachable(format!("there is no socket {path}")),
        Error::HyperResponseError { err } => DockerError::EngineUnreachable(innermost(&err)),
        other => DockerError::EngineRefused(other.to_string()),
    }
}

/// Within a build, what the engine says is about the Dockerfile or one of its instructions.
pub(super) fn of_build(error: Error, dockerfile: &str) -> DockerError {
    match error {
        Error::DockerStreamError { error } => build_message(error, dockerfile),
        Error::DockerResponseServerError { message, .. } if is_dockerfile_missing(&message) => {
            DockerError::DockerfileNotFound(dockerfile.to_owned())
        }
        Error::DockerResponseServerError { status_code: 400, message }
            if message.contains("dockerfile parse error") =>
        {
            DockerError::BuildFailed { message, exit_code: None }
        }
        other => meaning(other),
    }
}

/// A failed build in the engine's own words.
pub(super) fn build_message(message: String, dockerfile: &str) -> DockerError {
    if is_dockerfile_missing(&message) {
        return DockerError::DockerfileNotFound(dockerfile.to_owned());
    }
    let exit_code = exit_code(&message);
    DockerError::BuildFailed { message, exit_code }
}

fn is_dockerfile_missing(message: &str) -> bool {
    let said = message.to_ascii_lowercase();
    said.contains("cannot locate specified dockerfile")
        || (said.contains("failed to read dockerfile") && said.contains("no such file"))
        || (said.contains("dockerfile") && said.contains("no such file or directory") && said.contains("stat"))
}

/// BuildKit writes `exit code: 3`, the classic builder `a non-zero code: 3`, Podman `exit status 3`.
fn exit_code(message: &str) -> Option<i64> {
    let after = ["exit code: ", "non-zero code: ", "exit status "]
        .iter()
        .find_map(|mark| message.rsplit_once(mark).map(|(_, after)| after))?;
    let digits: &str = after.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// The last cause is the one that says something: `connection refused`, not `error sending request`.
pub(super) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::{build_message, exit_code};
    use crate::docker::DockerError;
    use rstest::rstest;

    #[rstest]
    #[case("executor failed running [/bin/sh -c exit 3]: exit code: 3", Some(3))]
    #[case("process \"/bin/sh -c false\" did not complete successfully: exit code: 1", Some(1))]
    #[case("The command '/bin/sh -c exit 7' returned a non-zero code: 7", Some(7))]
    #[case("error building at STEP \"RUN false\": while running runtime: exit status 1", Some(1))]
    #[case("failed to solve: dockerfile parse error line 1: unknown instruction: FORM", None)]
    #[case("exit code: none", None)]
    fn finds_the_exit_code(#[case] message: &str, #[case] expected: Option<i64>) {
        assert_eq!(exit_code(message), expected);
    }

    #[rstest]
    #[case("Cannot locate specified Dockerfile: Dockerfile")]
    #[case(
        "failed to solve with frontend dockerfile.v0: failed to read dockerfile: open /tmp/x/Dockerfile: no such file or directory"
    )]
    fn knows_a_missing_dockerfile(#[case] message: &str) {
        assert_eq!(
            build_message(message.to_owned(), "a/Dockerfile"),
            DockerError::DockerfileNotFound("a/Dockerfile".to_owned())
        );
    }

    #[test]
    fn a_missing_file_of_a_copy_is_not_a_missing_dockerfile() {
        let message = "failed to compute cache key: \"/missing\" not found: not found";
        assert!(matches!(build_message(message.to_owned(), "Dockerfile"), DockerError::BuildFailed { .. }));
    }
}
