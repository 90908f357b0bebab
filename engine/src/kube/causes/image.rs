//! An image that a node cannot get.

use super::{Finding, Rule, Seen, words};
use crate::{image::ImageRef, kube::pod::ContainerState};
use types::run::Cause;

/// Reasons with which a node says that it has no image.
const REASONS: [&str; 7] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "RegistryUnavailable",
    "ImageInspectError",
    "SignatureValidationFailed",
];

/// What is wrong with an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    NotFound,
    Unauthorized,
    Invalid,
    Platform,
    Unreachable,
}

impl Wrong {
    fn code(self) -> Cause {
        match self {
            Wrong::NotFound => Cause::ImageNotFound,
            Wrong::Unauthorized => Cause::ImageUnauthorized,
            Wrong::Invalid => Cause::ImageInvalid,
            Wrong::Platform => Cause::WrongPlatform,
            Wrong::Unreachable => Cause::ImageRegistryUnreachable,
        }
    }

    /// A registry that is silent may speak again; the others are answers.
    fn rule(self) -> Rule {
        match self {
            Wrong::Unreachable => Rule::Deadline,
            Wrong::NotFound | Wrong::Unauthorized | Wrong::Invalid | Wrong::Platform => Rule::SecondPull,
        }
    }
}

/// Words of registries and container runtimes; the first row that has one decides, so that `no match for platform
/// in manifest: not found` is not taken for a missing tag, nor `lookup …: server misbehaving` for a refusal.
const TELLTALES: [(Wrong, &[&str]); 5] = [
    (Wrong::Platform, &["no match for platform", "no matching manifest", "does not match the specified platform"]),
    (
        Wrong::Unreachable,
        &[
            "dial tcp",
            "connection refused",
            "connection reset",
            "no such host",
            "server misbehaving",
            "i/o timeout",
            "tls handshake",
            "deadline exceeded",
            "request canceled",
            "no route to host",
            "network is unreachable",
            "x509",
            "http response to https client",
            "unexpected eof",
            "too many requests",
            "toomanyrequests",
            "500 internal",
            "502 bad",
            "503 service",
            "504 gateway",
            "unexpected status code 5",
        ],
    ),
    (
        Wrong::Unauthorized,
        &[
            "unauthorized",
            "401",
            "forbidden",
            "403",
            "authorization failed",
            "pull access denied",
            "authentication required",
            "no basic auth credentials",
            "insufficient_scope",
            "access denied",
            "denied",
        ],
    ),
    (
        Wrong::NotFound,
        &["not found", "manifest unknown", "name unknown", "name_unknown", "manifest_unknown", "no such image", "404"],
    ),
    (
        Wrong::Invalid,
        &[
            "invalid reference",
            "parse image name",
            "invalid image name",
            "unsupported media type",
            "schema1",
            "schema 1",
            "failed to unpack",
            "unexpected media type",
            "mediatype",
            "unexpected commit digest",
            "checksum",
        ],
    ),
];

pub(super) fn finding(seen: Seen<'_>) -> Option<Finding> {
    let ContainerState::Waiting { reason, message } = &seen.container.state else { return None };
    if !REASONS.contains(&reason.as_str()) {
        return None;
    }
    let failed = words::newest(seen.events_of(&["Failed", "InspectFailed"]).filter(|event| is_pull(&event.message)));
    // Older nodes write only "Back-off pulling image" while they wait: the event has the registry's answer.
    let told = failed.map(|event| event.message.as_str()).unwrap_or_default();
    let said = cause(reason, message, told);
    // Where nobody says what is wrong it is taken for the registry's silence, which ends nothing early.
    let wrong = said.unwrap_or(Wrong::Unreachable);
    let mut evidence = vec![words::pod(&seen.pod.name, format!("{reason}: {message}"))];
    evidence.extend(failed.map(words::event));
    let image = seen.container.image.as_str();
    Some(Finding {
        code: wrong.code(),
        message: sentence(wrong, image, reason, if told.is_empty() { message } else { told }),
        advice: advice(wrong, image, reason),
        evidence,
        pod: Some(seen.pod.name.clone()),
        container: Some(seen.container.name.clone()),
        reason: reason.clone(),
        count: failed_pulls(seen),
        rule: wrong.rule(),
        has_log: false,
        vague: said.is_none(),
    })
}

fn cause(reason: &str, message: &str, told: &str) -> Option<Wrong> {
    match reason {
        "InvalidImageName" | "SignatureValidationFailed" => Some(Wrong::Invalid),
        "ErrImageNeverPull" => Some(Wrong::NotFound),
        "RegistryUnavailable" => Some(Wrong::Unreachable),
        _ => telltale(message).or_else(|| telltale(told)),
    }
}

fn telltale(text: &str) -> Option<Wrong> {
    // The reference itself may hold any of the words, and the request's address does hold the reference.
    let text = without_quoted(text).to_lowercase();
    let row = TELLTALES.iter().find(|(_, tales)| tales.iter().any(|tale| text.contains(tale)))?;
    Some(row.0)
}

/// Leaves out what stands between quotation marks: image names and addresses.
fn without_quoted(text: &str) -> String {
    text.split('"').step_by(2).collect()
}

fn is_pull(message: &str) -> bool {
    message.starts_with("Failed to pull image") || message.contains("image name")
}

/// As the node's events count them.
fn failed_pulls(seen: Seen<'_>) -> u32 {
    let pulls = seen.events_of(&["Failed", "InspectFailed"]).filter(|event| is_pull(&event.message));
    let pulls: u32 = pulls.map(|event| event.count).sum();
    let errors = seen.events_of(&["Failed"]).filter(|event| event.message == "Error: ErrImagePull");
    pulls.max(errors.map(|event| event.count).sum())
}

fn sentence(wrong: Wrong, image: &str, reason: &str, told: &str) -> String {
    match wrong {
        Wrong::NotFound if reason == "ErrImageNeverPull" => {
            format!("Image {image} is not on the node, and the pull policy is Never.")
        }
        Wrong::NotFound => format!("Image {image} is not in the registry."),
        Wrong::Unauthorized => format!("The registry refuses to hand out image {image} to the node."),
        Wrong::Invalid if reason == "InvalidImageName" => format!("{image} is not a valid image reference."),
        Wrong::Invalid => format!("The node cannot use image {image}: {}", words::sentence(core(told))),
        Wrong::Platform => format!("Image {image} is not made for the platform of the node."),
        Wrong::Unreachable => {
            format!("The node cannot get image {image} from {}: {}", host(image), words::sentence(core(told)))
        }
    }
}

fn advice(wrong: Wrong, image: &str, reason: &str) -> String {
    match wrong {
        Wrong::NotFound if reason == "ErrImageNeverPull" => {
            "Bring the image to the node, or set another imagePullPolicy.".to_owned()
        }
        Wrong::NotFound => "Check the tag, or build and push it, then run again.".to_owned(),
        Wrong::Unauthorized => {
            format!("Give the workload an imagePullSecrets entry for {}, or mend the one it has.", host(image))
        }
        Wrong::Invalid => "Choose another version, or build and push the image anew.".to_owned(),
        Wrong::Platform => "Build the image for the architecture of the nodes as well.".to_owned(),
        Wrong::Unreachable => {
            format!("See whether {} answers, and whether the node may reach it; the node tries again.", host(image))
        }
    }
}

fn host(image: &str) -> String {
    ImageRef::parse(image).map(|image| image.repository.host().to_owned()).unwrap_or_else(|_| "its registry".to_owned())
}

/// The end of an error chain is where the reason stands.
fn core(told: &str) -> &str {
    let end: Vec<usize> = told.match_indices(": ").map(|(at, _)| at + 2).collect();
    match end.len() {
        0..=1 => told,
        more => &told[end[more - 2]..],
    }
}

#[cfg(test)]
mod tests {
    use super::{Wrong, cause, core};
    use rstest::rstest;

    #[rstest]
    #[case::containerd(r#"rpc error: code = NotFound desc = failed to pull and unpack image "127.0.0.1:5000/shop/web:9": failed to resolve reference "127.0.0.1:5000/shop/web:9": 127.0.0.1:5000/shop/web:9: not found"#, "image_not_found")]
    #[case::with_back_off(
        r#"Back-off pulling image "r/web:9": ErrImagePull: rpc error: code = NotFound desc = r/web:9: not found"#,
        "image_not_found"
    )]
    #[case::docker(
        r"Error response from daemon: manifest for r/web:9 not found: manifest unknown: manifest unknown",
        "image_not_found"
    )]
    #[case::platform(
        "rpc error: code = NotFound desc = failed to pull and unpack image: no match for platform in manifest: not found",
        "wrong_platform"
    )]
    #[case::hub(
        "failed to resolve reference: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
        "image_unauthorized"
    )]
    #[case::basic(
        "failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized",
        "image_unauthorized"
    )]
    #[case::no_credentials("unexpected status code: 401: no basic auth credentials", "image_unauthorized")]
    #[case::refused(r#"failed to do request: Head "http://127.0.0.1:5999/v2/web/manifests/1": dial tcp 127.0.0.1:5999: connect: connection refused"#, "image_registry_unreachable")]
    #[case::name("dial tcp: lookup registry.invalid: no such host", "image_registry_unreachable")]
    #[case::certificate(
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
        "image_registry_unreachable"
    )]
    #[case::rate(
        "429 Too Many Requests - toomanyrequests: You have reached your pull rate limit",
        "image_registry_unreachable"
    )]
    #[case::down("unexpected status code 503: 503 Service Unavailable", "image_registry_unreachable")]
    #[case::schema(
        "media type \"application/vnd.docker.distribution.manifest.v1+prettyjws\" is no longer supported: schema 1",
        "image_invalid"
    )]
    #[case::named_like_a_word(
        r#"failed to resolve reference "r/denied/not-found:401": dial tcp 10.0.0.1:443: i/o timeout"#,
        "image_registry_unreachable"
    )]
    fn reads_what_registries_say(#[case] message: &str, #[case] expected: &str) {
        assert_eq!(cause("ErrImagePull", message, "").map(|wrong| wrong.code().as_str()), Some(expected));
    }

    #[rstest]
    #[case("InvalidImageName", "image_invalid")]
    #[case("ErrImageNeverPull", "image_not_found")]
    #[case("RegistryUnavailable", "image_registry_unreachable")]
    fn some_reasons_say_enough(#[case] reason: &str, #[case] expected: &str) {
        assert_eq!(cause(reason, "", "").map(|wrong| wrong.code().as_str()), Some(expected));
    }

    #[test]
    fn the_event_tells_what_the_status_does_not() {
        let told = "Failed to pull image \"r/web:9\": manifest unknown";
        let message = "Back-off pulling image \"r/web:9\"";
        assert_eq!(cause("ImagePullBackOff", message, told), Some(Wrong::NotFound));
        assert_eq!(cause("ImagePullBackOff", message, ""), None);
    }

    #[test]
    fn keeps_the_end_of_a_chain() {
        assert_eq!(core("a: b: connect: connection refused"), "connect: connection refused");
        assert_eq!(core("whole"), "whole");
    }
}
