//! Whether there is a newer version than the one that runs: of a build, the newest successful run; of a common
//! image, the highest tag of the same form. Registries are read behind, never for a read of the page.

use super::{
    scene::{KnownBuild, Scene},
    target::{Asked, Recall, Running},
};
use crate::{Engine, bus::Change, hub::TagList, image::Repository, registry::Reference};
use types::task::Newer;

/// What the tags of a repository are known to be.
pub(crate) type RecallTags<'a> = dyn Fn(&Repository) -> Option<TagList> + Send + Sync + 'a;

impl Engine {
    /// Answers at once; what is old is read behind, and the page is told when it differs.
    pub(crate) fn recall_tags<'a>(
        &self,
        scene: &'a Scene,
    ) -> impl Fn(&Repository) -> Option<TagList> + Send + Sync + use<'a> {
        let (bus, map_id) = (self.bus.clone(), scene.map.id);
        move |repository| {
            let entry = scene.registry(repository)?;
            let bus = bus.clone();
            entry.recall_tags(repository.path(), move || bus.tell(Change::Map { id: map_id }))
        }
    }
}

/// A newer version than what runs.
pub(super) fn newer(
    running: &Running,
    build: Option<&KnownBuild>,
    tags: Option<&TagList>,
    recall: &Recall<'_>,
) -> Option<Newer> {
    match build {
        Some(build) => newer_run(running, build),
        None => newer_tag(running, tags).or_else(|| moved(running, recall)),
    }
}

/// A later successful run of the build.
fn newer_run(running: &Running, build: &KnownBuild) -> Option<Newer> {
    let success = build.success.as_ref()?;
    let digest = success.digest.clone()?;
    let newest = i32::try_from(success.number).ok();
    let runs = build.number_of(running.image.tag.as_deref(), &running.digests);
    let is_newer = match (newest, runs) {
        (Some(newest), Some(runs)) => newest > runs,
        (Some(_) | None, _) => !running.digests.contains(&digest),
    };
    is_newer.then(|| Newer { tag: success.tag.clone(), digest: Some(digest) })
}

fn newer_tag(running: &Running, tags: Option<&TagList>) -> Option<Newer> {
    let tag = tags?.highest.above(running.image.tag.as_deref()?)?;
    Some(Newer { tag: tag.clone(), digest: None })
}

/// A tag without a number in it, such as `latest`, that stands for something else by now. Of one with a number
/// nothing is asked: that a version is made anew is an exception, and each container would cost a question.
fn moved(running: &Running, recall: &Recall<'_>) -> Option<Newer> {
    let tag = running.image.tag.as_ref().filter(|tag| !tag.bytes().any(|c| c.is_ascii_digit()))?;
    if running.digests.is_empty() {
        return None;
    }
    match recall(&running.image.repository, &Reference::Tag(tag.clone())) {
        Asked::Answer(Ok(now)) if now.digest_set.is_disjoint(&running.digests) => {
            Some(Newer { tag: tag.clone(), digest: Some(now.digest) })
        }
        Asked::Answer(Ok(_) | Err(_)) | Asked::Unknown => None,
    }
}
