//! Where a version leads to, from what builds made and registries told.

use super::scene::{KnownBuild, Scene};
use crate::{
    Engine,
    bus::Change,
    hub::RegistryEntry,
    image::{ImageRef, Repository},
    kube::{ContainerView, PodView, WorkloadView, proof},
    registry::{DigestSet, Reference, RegistryError, Resolved},
    state::runnable::{Facts, Found, Target, TargetImage},
    store::build_run,
};
use std::{collections::HashMap, sync::Arc};
use types::{Digest, Image, Version, WorkloadKind, map::WrittenForm, run::ProofState, task::WorkloadStatus};

/// How a registry is asked: at once from what is known (the page), or afresh (a plan).
pub(crate) type Recall<'a> = dyn Fn(&Repository, &Reference) -> Asked + Send + Sync + 'a;

/// What is known of a reference.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    /// No registry of Slipway has that host, or it was not asked yet.
    Unknown,
    Answer(Result<Resolved, RegistryError>),
}

/// A version with all that was found out about it.
pub(crate) struct Chosen {
    pub(crate) target: Target,
    /// None while a build has to make it, and for a restart or nothing.
    pub(crate) image: Option<Image>,
    pub(crate) digests: DigestSet,
}

impl Engine {
    /// Answers at once; what is old is asked for behind, and the page is told when it differs.
    pub(crate) fn recall<'a>(
        &self,
        scene: &'a Scene,
    ) -> impl Fn(&Repository, &Reference) -> Asked + Send + Sync + use<'a> {
        let engine = self.clone();
        let map_id = scene.map.id;
        move |repository, reference| {
            let Some(entry) = scene.registry(repository) else { return Asked::Unknown };
            let bus = engine.bus.clone();
            let changed = move || bus.tell(Change::Map { id: map_id });
            entry.recall(repository.path(), reference, changed).map_or(Asked::Unknown, Asked::Answer)
        }
    }
}

/// Asks the registry of an image now.
pub(crate) async fn ask(entry: Option<&Arc<RegistryEntry>>, repository: &Repository, reference: &Reference) -> Asked {
    match entry {
        Some(entry) => Asked::Answer(entry.resolve(repository.path(), reference).await),
        None => Asked::Unknown,
    }
}

/// The reference that a version needs from a registry, if it needs one.
pub(crate) fn reference_of(version: &Version, build: Option<&KnownBuild>) -> Option<Reference> {
    let of_run = |run: Option<&build_run::Model>| {
        let digest = run.and_then(|run| run.digest.as_deref())?;
        Digest::parse(digest).ok().map(Reference::Digest)
    };
    match version {
        Version::Tag(tag) => Some(Reference::Tag(tag.clone())),
        Version::Digest(digest) => Some(Reference::Digest(digest.clone())),
        Version::BuildRun(number) => {
            let number = i32::try_from(*number).ok()?;
            of_run(build.and_then(|build| build.appointed.get(&number)))
        }
        Version::Latest(_) => of_run(build.and_then(|build| build.newest_success.as_ref())),
        Version::Build(_) | Version::Restart(_) => None,
    }
}

/// Where a version of a container leads to.
pub(crate) fn choose(
    container: &ImageRef,
    version: Option<&Version>,
    build: Option<&KnownBuild>,
    form: WrittenForm,
    recall: &Recall<'_>,
) -> Chosen {
    let nothing = |target: Target| Chosen { target, image: None, digests: DigestSet::new() };
    let Some(version) = version else { return nothing(Target::Nothing) };
    let tag = match version {
        Version::Restart(_) => return nothing(Target::Restart),
        Version::Build(params) => {
            let typed = build.is_some_and(|build| build.tag_typed) && params.tag.is_none();
            return nothing(if typed { Target::TagRequired } else { Target::Build });
        }
        Version::Tag(tag) => Some(tag.clone()),
        Version::Digest(_) => None,
        Version::BuildRun(number) => {
            let run = build.zip(i32::try_from(*number).ok()).and_then(|(build, number)| build.appointed.get(&number));
            match run.filter(|run| run.digest.is_some()) {
                Some(run) => run.tag.clone(),
                None => return nothing(Target::NoSuccessfulBuild(Some(*number))),
            }
        }
        Version::Latest(_) => match build.and_then(|build| build.newest_success.as_ref()) {
            Some(run) => run.tag.clone(),
            None => return nothing(Target::NoSuccessfulBuild(None)),
        },
    };
    let Some(reference) = reference_of(version, build) else { return nothing(Target::NoSuccessfulBuild(None)) };
    let mut chosen = resolved(container, tag, reference, form, recall);
    if let Target::Image(image) = &mut chosen.target {
        image.build_number = build.and_then(|build| build.number_of(image.tag.as_deref(), &image.digests));
    }
    chosen
}

fn resolved(
    container: &ImageRef,
    tag: Option<String>,
    reference: Reference,
    form: WrittenForm,
    recall: &Recall<'_>,
) -> Chosen {
    let by_tag = matches!(reference, Reference::Tag(_));
    let recorded = match &reference {
        Reference::Digest(digest) => Some(digest.clone()),
        Reference::Tag(_) => None,
    };
    let asked = recall(&container.repository, &reference);
    let platforms = match &asked {
        Asked::Answer(Ok(resolved)) => resolved.platforms.clone(),
        Asked::Answer(Err(_)) | Asked::Unknown => Vec::new(),
    };
    let (found, digest, digests) = match asked {
        Asked::Answer(Ok(resolved)) => (Found::Yes, Some(resolved.digest), resolved.digest_set),
        Asked::Answer(Err(why)) => (not_found(&why, by_tag), recorded.clone(), recorded.into_iter().collect()),
        Asked::Unknown => (Found::Unknown, recorded.clone(), recorded.into_iter().collect()),
    };
    let written = write(&container.written, tag.as_deref(), digest.as_ref(), form);
    let image = Image {
        image: written.clone(),
        repository: container.repository.to_string(),
        tag: tag.clone(),
        digest: digest.clone(),
    };
    let repository = container.repository.clone();
    let target =
        TargetImage { repository, tag, digests: digests.clone(), found, platforms, build_number: None, written };
    Chosen { target: Target::Image(target), image: Some(image), digests }
}

fn not_found(why: &RegistryError, by_tag: bool) -> Found {
    match why {
        RegistryError::NotFound(_) if by_tag => Found::TagNotFound,
        RegistryError::NotFound(_) => Found::Gone,
        RegistryError::Unauthorized(why) => Found::Unauthorized(why.clone()),
        RegistryError::Unreachable(why) | RegistryError::Invalid(why) => Found::Unreachable(why.clone()),
    }
}

/// The reference that goes into the pod template.
pub(crate) fn write(repository: &str, tag: Option<&str>, digest: Option<&Digest>, form: WrittenForm) -> String {
    match (form, tag, digest) {
        (WrittenForm::TagDigest, Some(tag), Some(digest)) => format!("{repository}:{tag}@{digest}"),
        (WrittenForm::Digest, _, Some(digest)) | (WrittenForm::TagDigest | WrittenForm::Tag, None, Some(digest)) => {
            format!("{repository}@{digest}")
        }
        (WrittenForm::Tag, Some(tag), _) | (_, Some(tag), None) => format!("{repository}:{tag}"),
        (_, None, None) => repository.to_owned(),
    }
}

/// Where a recorded image leads to, asked by its digest where that is known.
pub(crate) fn recorded(image: &Image, digests: &DigestSet, form: WrittenForm, recall: &Recall<'_>) -> Option<Chosen> {
    let parsed = ImageRef::parse(&image.image).ok()?;
    let reference = recorded_reference(image)?;
    let mut chosen = resolved(&parsed, image.tag.clone(), reference, form, recall);
    let Target::Image(target) = &mut chosen.target else { return None };
    target.digests.extend(digests.iter().cloned());
    chosen.digests.clone_from(&target.digests);
    Some(chosen)
}

/// What a registry is asked for a recorded image.
pub(crate) fn recorded_reference(image: &Image) -> Option<Reference> {
    let by_tag = || image.tag.clone().map(Reference::Tag);
    image.digest.clone().map(Reference::Digest).or_else(by_tag)
}

/// The source as an item writes it when it goes back: by its digest, if it can be pulled by that.
pub(crate) fn way_back(container: &ContainerView, running: &Running, form: WrittenForm) -> Image {
    let digest = running.digest.as_ref().filter(|_| running.pullable && running.image.digest.is_none());
    let image = match digest {
        Some(digest) => write(&running.image.written, running.image.tag.as_deref(), Some(digest), form),
        None => container.image.clone(),
    };
    Image {
        image,
        repository: running.image.repository.to_string(),
        tag: running.image.tag.clone(),
        digest: running.digest.clone(),
    }
}

/// What a container runs now: the template's image, and what the pods show.
pub(crate) struct Running {
    pub(crate) image: ImageRef,
    pub(crate) digest: Option<Digest>,
    /// Every digest that stands for it.
    pub(crate) digests: DigestSet,
    pub(crate) pods: u32,
    pub(crate) pods_proven: u32,
    pub(crate) mixed: bool,
    pub(crate) complete: bool,
    /// The registry has `digest`: it can be pulled by it.
    pub(crate) pullable: bool,
}

/// Reads what runs from the template and the pods; none: the image cannot be parsed.
pub(crate) fn running(
    workload: &WorkloadView,
    pods: &[Arc<PodView>],
    container: &ContainerView,
    recall: &Recall<'_>,
) -> Option<Running> {
    let image = ImageRef::parse(&container.image).ok()?;
    let shown = digests_of_pods(pods, &container.name);
    let reference = match (&image.digest, &image.tag) {
        (Some(digest), _) => Reference::Digest(digest.clone()),
        (None, tag) => Reference::Tag(tag.clone().unwrap_or_else(|| "latest".to_owned())),
    };
    let told = match recall(&image.repository, &reference) {
        Asked::Answer(Ok(resolved)) => Some(resolved),
        Asked::Answer(Err(_)) | Asked::Unknown => None,
    };
    let mut set: DigestSet = image.digest.iter().cloned().collect();
    // What a tag stands for now says nothing about pods that began before it moved.
    let told_set = told.as_ref().map(|told| told.digest_set.clone()).unwrap_or_default();
    if image.digest.is_some() || !shown.is_disjoint(&told_set) {
        set.extend(told_set);
    }
    let planned = proof::Planned {
        container: container.name.clone(),
        image: container.image.clone(),
        digest: image.digest.clone(),
        set: set.clone(),
    };
    let progress = crate::kube::rollout::progress(workload, workload.generation);
    let proving = proof::prove(&planned, workload, pods, progress.replicas, &HashMap::new());
    let contradicted = proving.proof.state == ProofState::Contradicted;
    let settled = progress.complete && workload.status != WorkloadStatus::Failed && !contradicted;
    let mixed = shown.len() > 1 && !shown.is_subset(&set);
    if settled && !mixed {
        set.extend(shown.iter().cloned());
    }
    let digest =
        image.digest.clone().or_else(|| told.filter(|told| set.contains(&told.digest)).map(|told| told.digest));
    let pullable = digest.is_some();
    let digest = digest.or_else(|| shown.into_iter().next().filter(|_| settled && !mixed));
    let by_schedule = workload.key.kind == WorkloadKind::CronJob;
    Some(Running {
        image,
        digest,
        digests: set,
        pods: if by_schedule { 0 } else { proving.proof.pods },
        pods_proven: proving.proof.pods_proven,
        mixed,
        complete: settled,
        pullable,
    })
}

/// The digests that nodes report for a container, over all its pods that are not on their way out.
fn digests_of_pods(pods: &[Arc<PodView>], container: &str) -> DigestSet {
    let of = |pod: &Arc<PodView>| {
        let reported = pod.container(container)?.image_id.clone()?;
        Digest::parse(reported.rsplit('@').next().unwrap_or_default().trim_start_matches("docker://")).ok()
    };
    pods.iter().filter(|pod| !pod.deleting).filter_map(of).collect()
}

/// The facts of a container that decide whether it can run.
pub(crate) fn facts<'a>(workload: &'a WorkloadView, container: &'a ContainerView, running: &'a Running) -> Facts<'a> {
    use crate::kube::workload::{PullPolicy, UpdatePolicy};
    let partition = match workload.update {
        UpdatePolicy::Rolling { partition } => partition,
        UpdatePolicy::Recreate | UpdatePolicy::OnDelete | UpdatePolicy::NextJob => 0,
    };
    Facts {
        image: &running.image,
        running: &running.digests,
        complete: running.complete,
        built: false,
        paused: workload.paused,
        pods: workload.replicas.wanted > 0,
        cron_job: workload.key.kind == WorkloadKind::CronJob,
        suspended: workload.suspended,
        on_delete: workload.update == UpdatePolicy::OnDelete,
        partition,
        managed_by: workload.managed_by.as_deref(),
        never_pulls: container.pull_policy == PullPolicy::Never,
        currents: &[],
        held: None,
        frozen: None,
        cluster_forbidden: None,
        nodes: None,
        selector: &workload.platform,
        build_number: None,
        seen: None,
        any_repository: false,
        forbidden: None,
        cluster_error: None,
    }
}

#[cfg(test)]
mod tests {
    use super::write;
    use rstest::rstest;
    use types::{Digest, map::WrittenForm};

    #[rstest]
    #[case(WrittenForm::TagDigest, Some("1"), true, "web:1@sha256:")]
    #[case(WrittenForm::TagDigest, Some("1"), false, "web:1")]
    #[case(WrittenForm::TagDigest, None, true, "web@sha256:")]
    #[case(WrittenForm::Digest, Some("1"), true, "web@sha256:")]
    #[case(WrittenForm::Digest, Some("1"), false, "web:1")]
    #[case(WrittenForm::Tag, Some("1"), true, "web:1")]
    #[case(WrittenForm::Tag, None, true, "web@sha256:")]
    fn is_written(#[case] form: WrittenForm, #[case] tag: Option<&str>, #[case] known: bool, #[case] expected: &str) {
        let digest = Digest::parse(&format!("sha256:{}", "0".repeat(64))).expect("a digest");
        let written = write("web", tag, known.then_some(&digest), form);
        assert!(written.starts_with(expected), "{written}");
        assert_eq!(written.contains('@'), expected.contains('@'));
    }
}
