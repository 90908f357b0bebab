//! Why a workload was not changed, and what to tell people about it.

use super::Applied;
use types::run::{Cause, Evidence, Failure};

/// What stands in the template instead of the planned source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub container: String,
    pub image: String,
    /// The field manager that wrote it, where the cluster says so.
    pub by: Option<String>,
}

/// Why a workload was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PatchError {
    #[error("container {} runs {}, which is neither the planned source nor the target{}", .0.container, .0.image, written(.0.by.as_deref()))]
    Conflict(Conflict),
    /// Deleted, or another one of the same name.
    #[error("the workload is gone: it was deleted, or deleted and made anew")]
    WorkloadGone,
    /// A container is not in the template.
    #[error("the workload has no container {0} any more")]
    ContainerGone(String),
    #[error("the cluster's admission refuses the change: {0}")]
    AdmissionDenied(String),
    /// The cluster was changed, but not to what was sent.
    #[error("the cluster's admission wrote {image} instead of {sent}")]
    AdmissionChanged { sent: String, image: String, applied: Applied },
    #[error("Slipway may not change it: {0}")]
    Forbidden(String),
    /// 409, 429, 5xx and broken connections outlasted the tries; what became of the last one is not known.
    #[error("the cluster did not take the change yet: {0}")]
    Unavailable(String),
}

impl PatchError {
    /// Whether asking again later may do, after a look at what is there.
    pub fn is_retryable(&self) -> bool {
        match self {
            PatchError::Unavailable(_) => true,
            PatchError::Conflict(_)
            | PatchError::WorkloadGone
            | PatchError::ContainerGone(_)
            | PatchError::AdmissionDenied(_)
            | PatchError::AdmissionChanged { .. }
            | PatchError::Forbidden(_) => false,
        }
    }

    /// The failure of an item that ends with this error.
    pub fn failure(&self) -> Failure {
        let (code, advice) = self.meaning();
        let evidence = Evidence { kind: "api".to_owned(), name: "patch".to_owned(), text: self.to_string() };
        Failure {
            code,
            message: sentence(&self.to_string()),
            evidence: vec![evidence],
            advice: Some(advice.to_owned()),
            at_deadline: false,
        }
    }

    fn meaning(&self) -> (Cause, &'static str) {
        match self {
            PatchError::Conflict(_) => {
                (Cause::Conflict, "Somebody else changed the image meanwhile. Look at what runs, then run it again.")
            }
            PatchError::WorkloadGone => (Cause::WorkloadGone, "Nothing is left to roll out to. Look who deleted it."),
            PatchError::ContainerGone(_) => {
                (Cause::WorkloadGone, "The owner of the workload removed the container. Choose another task.")
            }
            PatchError::AdmissionDenied(_) => (
                Cause::AdmissionDenied,
                "Ask whoever sets the rules of the cluster, or choose an image that they allow.",
            ),
            PatchError::AdmissionChanged { .. } => {
                (Cause::AdmissionChanged, "A webhook of the cluster rewrites images. Ask whoever runs it.")
            }
            PatchError::Forbidden(_) => (
                Cause::ClusterForbidden,
                "Give the account that Slipway uses the right to patch this kind of workload.",
            ),
            PatchError::Unavailable(_) => {
                (Cause::ClusterUnreachable, "See whether the cluster's API server answers, then run it again.")
            }
        }
    }
}

fn written(by: Option<&str>) -> String {
    by.map(|by| format!(" (written by {by})")).unwrap_or_default()
}

/// Errors are phrases; people read sentences.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
