//! Why things fail, in two or three words.

use types::run::Cause;

pub(crate) fn cause(code: Cause) -> &'static str {
    match code {
        Cause::ImageNotFound => "Image not found",
        Cause::ImageUnauthorized => "Image not allowed",
        Cause::ImageInvalid => "Image not valid",
        Cause::ImageRegistryUnreachable => "Registry does not answer the node",
        Cause::CrashLoop => "Crash loop",
        Cause::OutOfMemory => "Out of memory",
        Cause::WrongPlatform => "Wrong platform",
        Cause::ConfigMissing => "Configuration missing",
        Cause::VolumeFailed => "Volume failed",
        Cause::QuotaExceeded => "Quota exceeded",
        Cause::PodDenied => "Pod refused",
        Cause::Unschedulable => "No node takes it",
        Cause::ProbeFailing => "Probe fails",
        Cause::DeadlineExceeded => "Deadline passed",
        Cause::ClusterUnreachable => "Cluster does not answer",
        Cause::ClusterForbidden => "Cluster refused",
        Cause::AdmissionDenied => "Admission refused",
        Cause::AdmissionChanged => "Admission changed the image",
        Cause::WorkloadGone => "Workload is gone",
        Cause::Conflict => "Changed by somebody else",
        Cause::DigestMismatch => "Another image runs",
        Cause::BuildFailed => "Build failed",
        Cause::Forbidden => "Not allowed",
        Cause::Held => "Held",
        Cause::Frozen => "Frozen",
        Cause::BlockedByBrokenPod => "Blocked by a broken pod",
        Cause::UndoFailed => "Undo failed",
    }
}

pub(crate) fn why_it_failed(what: &str) -> String {
    format!("Why {what} failed")
}
