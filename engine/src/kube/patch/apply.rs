//! Sends the patch: reads first, decides, sends, and reads again before every further try.

use super::{
    Applied, FIELD_MANAGER, ImageChange, PatchError, PatchOutcome,
    document::{Document, Found, api_path, build_patch, restart_patch},
    refusal::{Refusal, refusal},
};
use crate::{
    image::ImageRef,
    kube::{Cluster, rollout::WorkloadTarget, workload::WorkloadKey},
};
use ::kube::Error;
use http::{Method, Request, header::CONTENT_TYPE};
use serde_json::Value;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// One request to the API server; admission webhooks may take up to 10 s, and 30 s if somebody wished it.
const REQUEST_LIMIT: Duration = Duration::from_secs(35);

/// How often a change is tried, and the pauses between: growing, since a cluster in trouble is not helped by haste.
#[derive(Clone, Copy, Debug)]
pub(in crate::kube) struct Patience {
    pub(in crate::kube) tries: u32,
    pub(in crate::kube) first: Duration,
    pub(in crate::kube) longest: Duration,
    /// For one answer.
    pub(in crate::kube) answer: Duration,
}

impl Default for Patience {
    /// Some ten seconds, then the caller is asked whether to go on.
    fn default() -> Self {
        Self { tries: 7, first: Duration::from_millis(150), longest: Duration::from_secs(4), answer: REQUEST_LIMIT }
    }
}

impl Patience {
    /// Before the first try there is no pause.
    async fn pause(self, tries: u32) {
        if tries > 0 {
            sleep(self.first.saturating_mul(1 << (tries - 1).min(16)).min(self.longest)).await;
        }
    }
}

/// What one try brought.
enum Step<T> {
    Done(T),
    /// Read again; with what was wrong this time.
    Again(String),
}

impl Cluster {
    /// Sets the images by one JSON Patch, or by none if they are there already. With `dry_run` quota and admission
    /// speak and nothing is changed.
    ///
    /// `Unavailable` after some ten seconds of tries: call again when the cluster answers; what an earlier try did
    /// is found by reading.
    pub async fn apply_images(
        &self,
        target: &WorkloadTarget,
        images: &[ImageChange],
        dry_run: bool,
    ) -> Result<PatchOutcome, PatchError> {
        let mut trouble = String::new();
        for n in 0..self.patience().tries {
            self.patience().pause(n).await;
            match self.try_images(target, images, dry_run).await? {
                Step::Done(outcome) => return Ok(outcome),
                Step::Again(words) => trouble = words,
            }
            tracing::debug!(workload = %target.key, trouble, "the change is tried again");
        }
        Err(PatchError::Unavailable(trouble))
    }

    /// Reads how the images stand, without the view: for an item found in `applying` after a restart.
    /// `Some(AlreadyThere)`: every target stands; `None`: the patch may be sent.
    pub async fn read_back(
        &self,
        target: &WorkloadTarget,
        images: &[ImageChange],
    ) -> Result<Option<PatchOutcome>, PatchError> {
        let mut trouble = String::new();
        for n in 0..self.patience().tries {
            self.patience().pause(n).await;
            match read(self, target).await? {
                Step::Done(document) => {
                    return Ok(match document.compare(images)? {
                        Found::AtTarget => Some(PatchOutcome::AlreadyThere(document.applied(images))),
                        Found::Open(_) => None,
                    });
                }
                Step::Again(words) => trouble = words,
            }
        }
        Err(PatchError::Unavailable(trouble))
    }

    /// Sets `kubectl.kubernetes.io/restartedAt` in the pod template. Once sent it is not sent again by itself: a
    /// broken connection is `Unavailable`, since two restarts are worse than none.
    pub async fn restart(&self, target: &WorkloadTarget, dry_run: bool) -> Result<PatchOutcome, PatchError> {
        if let Step::Again(words) = read(self, target).await? {
            return Err(PatchError::Unavailable(words));
        }
        let patch = restart_patch(target.key.kind, &target.uid, &crate::now().to_string());
        let sent = send(self, target, "application/merge-patch+json", &patch, dry_run).await;
        match sent {
            Ok(answer) => {
                let answer = Document::new(target.key.kind, answer);
                let applied =
                    Applied { uid: answer.uid().to_owned(), generation: answer.generation(), images: Vec::new() };
                Ok(PatchOutcome::Applied(applied))
            }
            Err(error) => Err(match refusal(&error) {
                Refusal::TestFailed => PatchError::WorkloadGone,
                Refusal::Again(words) => PatchError::Unavailable(words),
                Refusal::Final(error) => error,
            }),
        }
    }

    async fn try_images(
        &self,
        target: &WorkloadTarget,
        images: &[ImageChange],
        dry_run: bool,
    ) -> Result<Step<PatchOutcome>, PatchError> {
        let document = match read(self, target).await? {
            Step::Done(document) => document,
            Step::Again(words) => return Ok(Step::Again(words)),
        };
        let places = match document.compare(images)? {
            Found::AtTarget => return Ok(Step::Done(PatchOutcome::AlreadyThere(document.applied(images)))),
            Found::Open(places) => places,
        };
        let patch = build_patch(target.key.kind, &target.uid, &places);
        match send(self, target, "application/json-patch+json", &patch, dry_run).await {
            Ok(answer) => {
                let answer = Document::new(target.key.kind, answer);
                let applied = answer.applied(images);
                refuse_other_digest(images, &applied)?;
                Ok(Step::Done(PatchOutcome::Applied(applied)))
            }
            Err(error) => match refusal(&error) {
                Refusal::TestFailed => {
                    Ok(Step::Again("The workload was changed between reading and writing.".to_owned()))
                }
                Refusal::Again(words) => Ok(Step::Again(words)),
                Refusal::Final(error) => Err(error),
            },
        }
    }
}

/// Webhooks rewrite images, for instance to a mirror: that may be, another content may not.
fn refuse_other_digest(images: &[ImageChange], applied: &Applied) -> Result<(), PatchError> {
    for (change, (_, image)) in images.iter().zip(&applied.images) {
        if !is_same(&change.to_image, image) {
            let (sent, image) = (change.to_image.clone(), image.clone());
            return Err(PatchError::AdmissionChanged { sent, image, applied: applied.clone() });
        }
    }
    Ok(())
}

fn is_same(sent: &str, stands: &str) -> bool {
    if sent == stands {
        return true;
    }
    match (ImageRef::parse(sent), ImageRef::parse(stands)) {
        (Ok(sent), Ok(stands)) => match (&sent.digest, &stands.digest) {
            (Some(sent), Some(stands)) => sent == stands,
            // A webhook that resolves tags adds the digest of the very tag that was sent.
            (None, _) => sent.tag == stands.tag && sent.repository == stands.repository,
            (Some(_), None) => false,
        },
        (Err(_), _) | (_, Err(_)) => false,
    }
}

/// The workload as it stands; errors are those that stay.
async fn read(cluster: &Cluster, target: &WorkloadTarget) -> Result<Step<Document>, PatchError> {
    match get(cluster, &target.key).await {
        Ok(value) => {
            let document = Document::new(target.key.kind, value);
            if document.uid() == target.uid { Ok(Step::Done(document)) } else { Err(PatchError::WorkloadGone) }
        }
        Err(error) => match refusal(&error) {
            Refusal::TestFailed => Ok(Step::Again(error.to_string())),
            Refusal::Again(words) => Ok(Step::Again(words)),
            Refusal::Final(error) => Err(error),
        },
    }
}

async fn get(cluster: &Cluster, key: &WorkloadKey) -> Result<Value, Error> {
    let request = Request::get(api_path(key)).body(Vec::new()).map_err(Error::HttpError)?;
    within(cluster, request).await
}

async fn send(
    cluster: &Cluster,
    target: &WorkloadTarget,
    content_type: &str,
    patch: &Value,
    dry_run: bool,
) -> Result<Value, Error> {
    let dry = if dry_run { "&dryRun=All" } else { "" };
    let request = Request::builder()
        .method(Method::PATCH)
        .uri(format!("{}?fieldManager={FIELD_MANAGER}{dry}", api_path(&target.key)))
        .header(CONTENT_TYPE, content_type)
        .body(patch.to_string().into_bytes())
        .map_err(Error::HttpError)?;
    within(cluster, request).await
}

async fn within(cluster: &Cluster, request: Request<Vec<u8>>) -> Result<Value, Error> {
    let limit = cluster.patience().answer;
    match timeout(limit, cluster.client().request(request)).await {
        Ok(answer) => answer,
        Err(_) => Err(Error::Service(format!("no answer within {} s", limit.as_secs()).into())),
    }
}

#[cfg(test)]
mod tests {
    use super::is_same;
    use rstest::rstest;

    const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    #[rstest]
    #[case(format!("r.io/web:1@{A}"), format!("r.io/web:1@{A}"), true)]
    #[case(format!("r.io/web:1@{A}"), format!("mirror.io/web:1@{A}"), true)]
    #[case(format!("r.io/web:1@{A}"), format!("r.io/web:1@{B}"), false)]
    #[case(format!("r.io/web:1@{A}"), "r.io/web:1".to_owned(), false)]
    #[case("r.io/web:1".to_owned(), format!("r.io/web:1@{A}"), true)]
    #[case("r.io/web:1".to_owned(), "r.io/web:2".to_owned(), false)]
    #[case("r.io/web:1".to_owned(), "mirror.io/web:1".to_owned(), false)]
    #[case("r.io/web:1".to_owned(), "Not an image".to_owned(), false)]
    fn only_the_content_counts(#[case] sent: String, #[case] stands: String, #[case] same: bool) {
        assert_eq!(is_same(&sent, &stands), same);
    }
}
