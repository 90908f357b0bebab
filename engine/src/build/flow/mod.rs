//! What a flow must be, and how its passwords are kept.

mod fields;
mod image;
mod params;
mod passwords;
mod steps;

pub(crate) use image::{CachePlace, check_cache, check_engine, needs};
pub(crate) use params::{check_given, in_run};
pub(crate) use passwords::{open_secrets, seal, seal_one, shown};

use super::values::{Known, Place};
use crate::{Error, image::Repository};
use fields::{Fields, Settings};
use std::collections::{BTreeMap, BTreeSet};
use types::{
    ErrorCode, FieldError,
    build::{Build, Step},
};

/// Steps of a build.
const STEPS_MAX: usize = 50;
/// Characters of a description.
const TEXT_MAX: usize = 1000;
/// Runs of one build at once.
const PARALLEL_MAX: u32 = 16;

/// Refuses a build that cannot run, field by field; `secrets` are the names of those that it may use.
pub(crate) fn check(build: &Build, secrets: &BTreeSet<String>) -> Result<(), Error> {
    let mut fields = Fields::default();
    let long = build.description.as_ref().is_some_and(|text| text.chars().count() > TEXT_MAX);
    fields.when(long, "description", format!("must be at most {TEXT_MAX} characters"));
    fields.when(
        !(1..=PARALLEL_MAX).contains(&build.max_parallel),
        "max_parallel",
        format!("must be 1 to {PARALLEL_MAX}"),
    );
    fields.time_limit("time_limit_ms", build.time_limit_ms);
    fields.check("repository", Repository::parse(&format!("host.invalid/{}", build.repository)));
    fields.check("tag_rule.prefix", super::tag::check_rule(&build.tag_rule));
    params::check(&mut fields, build);
    let steps = build.steps.len();
    fields.when(steps == 0 || steps > STEPS_MAX, "steps", format!("must be 1 to {STEPS_MAX} steps"));
    let images = build.steps.iter().filter(|step| step.enabled() && matches!(step, Step::Image(_))).count();
    fields.when(images != 1, "steps", "must have exactly one image step that is on");
    let mut names = BTreeSet::new();
    for (at, step) in build.steps.iter().enumerate() {
        let path = format!("steps[{at}]");
        fields.when(!names.insert(step.name()), &format!("{path}.name"), "is the name of another step too");
        let known = Known { params: &build.params, before: &build.steps[..at], secrets };
        check_one(&mut fields, &path, step, &known)?;
    }
    fields.finish()
}

/// Refuses a step that could not run by itself; `before` are the steps that run before it in the same work space.
pub(crate) fn check_try(build: &Build, before: &[Step], step: &Step, secrets: &BTreeSet<String>) -> Result<(), Error> {
    let mut fields = Fields::default();
    check_one(&mut fields, "step", step, &Known { params: &build.params, before, secrets })?;
    fields.finish()
}

fn check_one(fields: &mut Fields, path: &str, step: &Step, known: &Known<'_>) -> Result<(), Error> {
    fields.check(&format!("{path}.name"), steps::check_name(step.name()));
    fields.time_limit(&format!("{path}.time_limit_ms"), step.time_limit_ms());
    steps::check(fields, path, step, known)
}

/// Refuses build arguments of a run.
pub(crate) fn check_run_args(args: &BTreeMap<String, String>) -> Result<(), Error> {
    let mut fields = Fields::default();
    let (params, secrets) = (BTreeMap::new(), BTreeSet::new());
    check_args(&mut fields, "build_args", args, &Known { params: &params, before: &[], secrets: &secrets })?;
    fields.finish()
}

/// Refuses build arguments that are too many, too long, or would put a secret into the image.
fn check_args(
    fields: &mut Fields,
    path: &str,
    args: &BTreeMap<String, String>,
    known: &Known<'_>,
) -> Result<(), Error> {
    if let Some(name) = args.iter().find_map(|(name, value)| value.contains("${secret:").then_some(name)) {
        let words = "A build argument stays in the image's history. Give the secret to the image step as a secret.";
        return Err(Error::Refused {
            code: ErrorCode::SecretInBuildArg,
            detail: words.to_owned(),
            fields: vec![FieldError { path: format!("{path}.{name}"), message: "must not hold a secret".to_owned() }],
        });
    }
    fields.settings(path, &Settings { values: args, place: Place::Open }, known);
    Ok(())
}

#[cfg(test)]
mod tests;
