//! What an image step must be, and what it needs of its engine.

use super::{
    check_args,
    fields::{Fields, Settings},
};
use crate::{
    Error,
    build::{
        context::check_path,
        values::{Known, Place},
    },
    image::{ImageRef, Repository},
};
use std::collections::BTreeSet;
use types::{
    ErrorCode, FieldError,
    build::{ImageStep, Step},
    engine::Capability,
};

/// Bytes of an inline Dockerfile.
const INLINE_MAX: usize = 256 * 1024;
/// Characters of a stage's name, a secret's id and a platform.
const NAME_MAX: usize = 128;
/// Platforms, and images of a cache: each is a build or a push of its own.
const LIST_MAX: usize = 10;

/// What a setting of the step needs.
pub(crate) struct Need {
    /// The setting.
    pub(crate) field: &'static str,
    pub(crate) capability: Capability,
}

pub(super) fn check_image(fields: &mut Fields, path: &str, step: &ImageStep, known: &Known<'_>) -> Result<(), Error> {
    let ImageStep {
        name: _,
        enabled: _,
        time_limit_ms: _,
        context,
        dockerfile,
        inline,
        build_args,
        secrets,
        target,
        platforms,
        no_cache: _,
        cache_from,
        cache_to,
    } = step;
    fields.check(&format!("{path}.context"), check_path(context));
    fields.check(&format!("{path}.dockerfile"), check_path(dockerfile));
    fields.when(dockerfile.is_empty() && inline.is_none(), &format!("{path}.dockerfile"), "is needed");
    let long = inline.as_ref().is_some_and(|text| text.len() > INLINE_MAX);
    fields.when(long, &format!("{path}.inline"), format!("must be at most {INLINE_MAX} bytes"));
    fields.settings(&format!("{path}.secrets"), &Settings { values: secrets, place: Place::Secret }, known);
    for id in secrets.keys() {
        fields.when(!is_word(id), &format!("{path}.secrets.{id}"), WORD);
    }
    fields.when(target.as_deref().is_some_and(|target| !is_word(target)), &format!("{path}.target"), WORD);
    fields.when(platforms.len() > LIST_MAX, &format!("{path}.platforms"), format!("must be at most {LIST_MAX}"));
    let mut seen = BTreeSet::new();
    for (at, platform) in platforms.iter().enumerate() {
        let path = format!("{path}.platforms[{at}]");
        fields.when(!is_platform(platform), &path, "must be like linux/arm64 or linux/arm/v7");
        fields.when(!seen.insert(platform), &path, "is there twice");
    }
    for (name, images) in [("cache_from", cache_from), ("cache_to", cache_to)] {
        fields.when(images.len() > LIST_MAX, &format!("{path}.{name}"), format!("must be at most {LIST_MAX}"));
        for (at, image) in images.iter().enumerate() {
            fields.check(&format!("{path}.{name}[{at}]"), ImageRef::parse(image));
        }
    }
    check_args(fields, &format!("{path}.build_args"), build_args, known)
}

const WORD: &str =
    "must be letters, digits, dots, hyphens and underscores, and begin with a letter, digit or underscore";

fn is_word(text: &str) -> bool {
    let word = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    text.len() <= NAME_MAX
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|c| word(c) || matches!(c, b'.' | b'-'))
}

/// Several would be told apart by commas.
fn is_platform(text: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'_' | b'.'))
    };
    text.len() <= NAME_MAX && matches!(text.split('/').count(), 2 | 3) && text.split('/').all(word)
}

/// What a step needs that not every engine has.
pub(crate) fn needs(step: &ImageStep) -> Vec<Need> {
    let ImageStep { secrets, platforms, cache_from, cache_to, .. } = step;
    let needs = [
        (!secrets.is_empty(), "secrets", Capability::BuildSecrets),
        (platforms.len() > 1, "platforms", Capability::MultiPlatform),
        (!cache_from.is_empty(), "cache_from", Capability::CacheMounts),
        (!cache_to.is_empty(), "cache_to", Capability::CacheMounts),
    ];
    needs.into_iter().filter(|(needed, ..)| *needed).map(|(_, field, capability)| Need { field, capability }).collect()
}

/// Refuses steps that are on and need more than their engine can.
pub(crate) fn check_engine(steps: &[Step], engine: &str, can: &[Capability]) -> Result<(), Error> {
    for (at, step) in steps.iter().enumerate().filter(|(_, step)| step.enabled()) {
        let Step::Image(image) = step else { continue };
        let missing = needs(image).into_iter().filter(|need| !can.contains(&need.capability));
        let fields: Vec<FieldError> = missing
            .map(|Need { field, capability }| FieldError {
                path: format!("steps[{at}].{field}"),
                message: format!("needs {}, which engine {engine} lacks", capability.as_str()),
            })
            .collect();
        if !fields.is_empty() {
            let detail = format!("Step {} needs what engine {engine} cannot do.", step.name());
            return Err(Error::Refused { code: ErrorCode::MissingCapability, detail, fields });
        }
    }
    Ok(())
}

/// Where the images of a cache may be pushed to.
pub(crate) struct CachePlace<'a> {
    /// Names of the build's registry.
    pub(crate) hosts: &'a [String],
    /// Repositories of other builds, which it must not write to.
    pub(crate) taken: &'a [String],
    pub(crate) may_push: &'a dyn Fn(&str) -> bool,
}

/// Refuses to keep layers where the build may not push to.
pub(crate) fn check_cache(steps: &[Step], place: &CachePlace<'_>) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let Step::Image(ImageStep { cache_to, .. }) = step else { continue };
        for (nth, image) in cache_to.iter().enumerate() {
            let Ok(image) = ImageRef::parse(image) else { continue };
            if let Some(why) = place.refuses(&image) {
                wrong.push(FieldError { path: format!("steps[{at}].cache_to[{nth}]"), message: why.to_owned() });
            }
        }
    }
    wrong
}

impl CachePlace<'_> {
    fn refuses(&self, image: &ImageRef) -> Option<&'static str> {
        let host = |name: &String| {
            Repository::parse(&format!("{name}/x")).is_ok_and(|known| known.host() == image.repository.host())
        };
        if !self.hosts.iter().any(host) {
            return Some("must be in the registry of the build");
        }
        if image.digest.is_some() {
            return Some("must name a tag, not a digest");
        }
        if self.taken.iter().any(|path| path == image.repository.path()) {
            return Some("is the repository of another build");
        }
        (!(self.may_push)(image.repository.path())).then_some("may not be pushed to")
    }
}

#[cfg(test)]
mod tests {
    use super::{CachePlace, check_cache, check_engine};
    use crate::Error;
    use rstest::rstest;
    use serde_json::{Value, json};
    use types::{
        ErrorCode,
        build::Step,
        engine::Capability::{self, BuildSecrets, CacheMounts, MultiPlatform},
    };

    fn image(change: Value) -> Vec<Step> {
        let mut wire = json!({"type": "image", "name": "image"});
        let Value::Object(change) = change else { panic!("an object") };
        wire.as_object_mut().expect("an object").extend(change);
        vec![serde_json::from_value(wire).expect("a step")]
    }

    #[rstest]
    #[case(json!({}), &[], None)]
    #[case(json!({"secrets": {"npm": "x"}}), &[CacheMounts], Some("steps[0].secrets"))]
    #[case(json!({"secrets": {"npm": "x"}}), &[BuildSecrets], None)]
    #[case(json!({"secrets": {"npm": "x"}, "enabled": false}), &[], None)]
    #[case::one_always_works(json!({"platforms": ["linux/arm64"]}), &[], None)]
    #[case(json!({"platforms": ["linux/arm64", "linux/amd64"]}), &[BuildSecrets], Some("steps[0].platforms"))]
    #[case(json!({"platforms": ["linux/arm64", "linux/amd64"]}), &[MultiPlatform], None)]
    #[case(json!({"cache_from": ["a"]}), &[], Some("steps[0].cache_from"))]
    #[case(json!({"cache_to": ["a"]}), &[], Some("steps[0].cache_to"))]
    fn an_engine_is_not_asked_for_what_it_cannot(
        #[case] change: Value,
        #[case] can: &[Capability],
        #[case] field: Option<&str>,
    ) {
        let refused = check_engine(&image(change), "old", can).err();
        assert_eq!(refused.as_ref().map(Error::code), field.map(|_| ErrorCode::MissingCapability));
        if let (Some(Error::Refused { detail, fields, .. }), Some(field)) = (refused, field) {
            assert_eq!(fields[0].path, field);
            assert!(detail.contains("image") && fields[0].message.contains("engine old"), "{detail}");
        }
    }

    #[rstest]
    #[case("registry.example/shop/web:cache", None)]
    #[case("registry.example/shop/web-cache", None)]
    #[case("127.0.0.1:5000/shop/web:cache", None)]
    #[case("elsewhere.example/shop/web:cache", Some("must be in the registry of the build"))]
    #[case("web:cache", Some("must be in the registry of the build"))]
    #[case("registry.example/shop/api:cache", Some("is the repository of another build"))]
    #[case("registry.example/other/web:cache", Some("may not be pushed to"))]
    #[case(
        "registry.example/shop/web@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        Some("must name a tag, not a digest")
    )]
    fn layers_are_kept_where_the_build_may_push(#[case] to: &str, #[case] refused: Option<&str>) {
        let place = CachePlace {
            hosts: &["127.0.0.1:5000".to_owned(), "registry.example".to_owned()],
            taken: &["shop/api".to_owned()],
            may_push: &|path| path.starts_with("shop/"),
        };
        let wrong = check_cache(&image(json!({"cache_to": [to]})), &place);
        assert_eq!(wrong.first().map(|field| field.message.as_str()), refused);
    }
}
