//! The step that builds and pushes the image, and confirms that the registry has it.

use super::{
    execute::{Work, say},
    flow::needs,
    image_facts,
    record::Made,
    step_end::StepEnd,
};
use crate::{
    docker::{BuiltImage, DockerEngine, Dockerfile, ImageBuild, ImagePush, RegistryCredentials},
    hub::RegistryEntry,
    image::ImageRef,
    line::Lines,
    registry::Reference,
};
use secrecy::SecretString;
use std::collections::BTreeMap;
use types::{
    Digest,
    build::{GitStep, ImageStep, Step},
    build_run::BuildCause,
};

/// Builds, pushes, and asks the registry what the tag resolves to now.
pub(crate) async fn run(work: &mut Work, step: &ImageStep, lines: &Lines) -> Result<(), StepEnd> {
    let registry = work.engine.registry_entry(work.row.registry_id).await?;
    let engine = work.docker().await?;
    check_engine(work, step, &engine)?;
    let tag = work.values.tag.clone().ok_or_else(|| StepEnd::failed(BuildCause::StepFailed, "no step gave the tag"))?;
    let image = match work.is_try() {
        true => engine.try_image(&work.row.id.to_string()),
        false => format!("{}:{tag}", work.row.repository),
    };
    let dockerfile = match &step.inline {
        Some(text) => Dockerfile::Inline(text.clone()),
        None => Dockerfile::Path(step.dockerfile.clone()),
    };
    let context = work.context(&engine, &step.context, &dockerfile).await?;
    let sign_in = sign_in(&registry, work.row.repository.split('/').next().unwrap_or_default()).await?;
    // What is only tried leaves no cache for others.
    let kept = step.cache_to.iter().filter(|_| !work.is_try()).filter_map(|image| ImageRef::parse(image).ok());
    let kept: Vec<ImagePush> = kept.filter_map(|image| cache_push(image, sign_in.as_ref())).collect();
    let caches = kept.iter().map(|push| format!("{}:{}", push.repository, push.tag));
    let build = ImageBuild {
        dockerfile,
        build_args: build_args(work, step)?,
        target: step.target.clone(),
        no_cache: step.no_cache || work.params.no_cache,
        labels: labels(work),
        platforms: step.platforms.clone(),
        cache_from: step.cache_from.clone(),
        keep_cache: !kept.is_empty(),
        secrets: secrets(work, step)?,
        tags: std::iter::once(image.clone()).chain(caches).collect(),
        run_label: work.row.id.to_string(),
        credentials: sign_in.clone().into_iter().collect(),
    };
    say(lines, format!("Builds {image} on engine {}", work.row.engine_name)).await?;
    let built = engine.build_image(build, context, lines, &work.cancel).await?;
    if work.is_try() {
        // What stays because a container has it goes with the next look at what is left over.
        engine.remove_image(&image).await?;
        return say(lines, "The image was built, and is not pushed: the step is only tried".to_owned()).await;
    }
    say(lines, format!("Pushes {image}")).await?;
    let push = ImagePush { repository: work.row.repository.clone(), tag: tag.clone(), credentials: sign_in };
    let pushed = engine.push(push, lines, &work.cancel).await?;
    work.made = Some(confirm(work, &registry, &tag, &pushed, &built).await?);
    say(lines, format!("The registry has {image} as {pushed}")).await?;
    for push in kept {
        best_effort_keep_cache(work, &engine, push, lines).await?;
    }
    Ok(())
}

/// What was not known of the engine when the build was saved is known by now.
fn check_engine(work: &Work, step: &ImageStep, engine: &DockerEngine) -> Result<(), StepEnd> {
    match needs(step).into_iter().find(|need| !engine.can(need.capability)) {
        Some(need) => {
            let (field, capability) = (need.field, need.capability.as_str());
            let words = format!("{field}: needs {capability}, which engine {} lacks", work.row.engine_name);
            Err(StepEnd::failed(BuildCause::StepFailed, words))
        }
        None => Ok(()),
    }
}

/// The secrets of a step with their values.
pub(super) fn secrets(work: &Work, step: &ImageStep) -> Result<BTreeMap<String, SecretString>, StepEnd> {
    let gone = |why: String| StepEnd::failed(BuildCause::StepFailed, format!("secret {why}"));
    let values = work.values.expand_all(&step.secrets).map_err(gone)?;
    Ok(values.into_iter().map(|(id, value)| (id, value.into())).collect())
}

/// The image under another name: it says itself which instructions made its layers.
fn cache_push(image: ImageRef, sign_in: Option<&RegistryCredentials>) -> Option<ImagePush> {
    let host = image.written.split('/').next().unwrap_or_default().to_owned();
    let credentials = sign_in.map(|known| RegistryCredentials { host, ..known.clone() });
    Some(ImagePush { repository: image.written, tag: image.tag?, credentials })
}

/// The image is made and pushed already: without its cache the next build only takes longer.
async fn best_effort_keep_cache(
    work: &Work,
    engine: &DockerEngine,
    push: ImagePush,
    lines: &Lines,
) -> Result<(), StepEnd> {
    let image = format!("{}:{}", push.repository, push.tag);
    say(lines, format!("Keeps the layers in {image}")).await?;
    match engine.push(push, lines, &work.cancel).await {
        Ok(_) => Ok(()),
        Err(why) => say(lines, format!("They are not kept there: {why}")).await,
    }
}

/// The digest counts only when the registry resolves the tag to it.
async fn confirm(
    work: &Work,
    registry: &RegistryEntry,
    tag: &str,
    pushed: &Digest,
    built: &BuiltImage,
) -> Result<Made, StepEnd> {
    let path = path_of(&work.row.repository);
    let unconfirmed = |why: String| StepEnd::failed(BuildCause::DigestUnconfirmed, why);
    let resolved = registry.observe(registry.client.resolve(&path, &Reference::Tag(tag.to_owned())).await);
    let resolved = resolved.map_err(|why| unconfirmed(format!("pushed {pushed}, but: {why}")))?;
    if resolved.digest != *pushed {
        return Err(unconfirmed(format!("pushed {pushed}, but the registry resolves {tag} to {}", resolved.digest)));
    }
    let found = registry.observe(registry.client.facts(&path, pushed).await);
    let found = found.map_err(|why| unconfirmed(format!("pushed {pushed}, but: {why}")))?;
    let facts = image_facts::of(registry, &path, &found, built.last_stage.as_ref()).await;
    Ok(Made { digest: resolved.digest, size_bytes: found.size_bytes, platforms: found.platforms, facts })
}

/// The path of a repository that was checked when the build was saved.
pub(crate) fn path_of(repository: &str) -> String {
    repository.split_once('/').map_or(repository, |(_, path)| path).to_owned()
}

fn build_args(work: &Work, step: &ImageStep) -> Result<BTreeMap<String, String>, StepEnd> {
    let mut args = step.build_args.clone();
    args.extend(work.params.build_args.clone());
    let gone = |why: String| StepEnd::failed(BuildCause::StepFailed, format!("build argument {why}"));
    work.values.expand_all(&args).map_err(gone)
}

/// Where the image comes from, in the words of the OCI image specification.
fn labels(work: &Work) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let mut label = |name: &str, value: Option<&String>| {
        if let Some(value) = value {
            labels.insert(format!("{}{name}", image_facts::ANNOTATION), value.clone());
        }
    };
    label("revision", work.values.commit.as_ref());
    label("version", work.values.tag.as_ref());
    let source = work.flow.steps.iter().find_map(|step| {
        let Step::Git(GitStep { url, enabled: true, .. }) = step else { return None };
        Some(url)
    });
    label("source", source);
    label("created", Some(&types::Time::from_millis(work.row.created_at).to_string()));
    labels
}

/// The name and password of a registry, for an engine that knows it by `host`.
pub(super) async fn sign_in(registry: &RegistryEntry, host: &str) -> Result<Option<RegistryCredentials>, StepEnd> {
    let refused = |why| StepEnd::failed(BuildCause::PushFailed, format!("sign-in at the registry: {why}"));
    registry.credentials(host).await.map_err(refused)
}
