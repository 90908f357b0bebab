//! What a flow must be, and how its secrets are kept.

use super::values;
use crate::{
    Error,
    git::{GitReference, GitUrl},
    secrets::Secrets,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use types::{
    ErrorCode, FieldError,
    build::{Build, Credentials, GitStep, ImageStep, Step},
};

/// Steps of a build.
const STEPS_MAX: usize = 50;
/// Build arguments of a step.
const BUILD_ARGS_MAX: usize = 100;
/// Bytes of a build argument.
const VALUE_MAX: usize = 32 * 1024;
/// Bytes of an inline Dockerfile.
const INLINE_MAX: usize = 256 * 1024;
/// Characters of a description.
const TEXT_MAX: usize = 1000;
/// Most milliseconds of a time limit: a day.
const TIME_LIMIT_MAX_MS: u64 = 86_400_000;
/// Runs of one build at once.
const PARALLEL_MAX: u32 = 16;

/// Shown instead of a stored password; sent back, it keeps the stored one.
const HIDDEN: &str = "***";

/// Refuses a build that cannot run, field by field.
pub(crate) fn check(build: &Build) -> Result<(), Error> {
    let mut fields = Fields(Vec::new());
    let long = build.description.as_ref().is_some_and(|text| text.chars().count() > TEXT_MAX);
    fields.when(long, "description", format!("must be at most {TEXT_MAX} characters"));
    fields.when(
        !(1..=PARALLEL_MAX).contains(&build.max_parallel),
        "max_parallel",
        format!("must be 1 to {PARALLEL_MAX}"),
    );
    fields.time_limit("time_limit_ms", build.time_limit_ms);
    if let Err(why) = crate::image::Repository::parse(&format!("host.invalid/{}", build.repository)) {
        fields.add("repository", why);
    }
    if let Err(why) = super::tag::check_rule(&build.tag_rule) {
        fields.add("tag_rule.prefix", why);
    }
    let steps = build.steps.len();
    fields.when(steps == 0 || steps > STEPS_MAX, "steps", format!("must be 1 to {STEPS_MAX} steps"));
    let images = build.steps.iter().filter(|step| step.enabled() && matches!(step, Step::Image(_))).count();
    fields.when(images != 1, "steps", "must have exactly one image step that is on".to_owned());
    let mut names = BTreeSet::new();
    for (at, step) in build.steps.iter().enumerate() {
        let path = format!("steps[{at}]");
        fields.when(
            !is_step_name(step.name()),
            &format!("{path}.name"),
            "must be lower-case letters, digits and hyphens, and begin with a letter or digit".to_owned(),
        );
        fields.when(!names.insert(step.name()), &format!("{path}.name"), "is the name of another step too".to_owned());
        fields.time_limit(&format!("{path}.time_limit_ms"), step.time_limit_ms());
        match step {
            Step::Git(step) => check_git(&mut fields, &path, step),
            Step::Image(step) => check_image(&mut fields, &path, step)?,
            Step::Transfer(_) | Step::Http(_) | Step::Script(_) | Step::Container(_) => {
                fields.add(&format!("{path}.type"), format!("{} steps cannot be run yet", step.kind()));
            }
        }
    }
    if fields.0.is_empty() { Ok(()) } else { Err(Error::Invalid(fields.0)) }
}

struct Fields(Vec<FieldError>);

impl Fields {
    fn add(&mut self, path: &str, message: String) {
        self.0.push(FieldError { path: path.to_owned(), message });
    }

    fn when(&mut self, wrong: bool, path: &str, message: String) {
        if wrong {
            self.add(path, message);
        }
    }

    fn time_limit(&mut self, path: &str, ms: u64) {
        self.when(!(1000..=TIME_LIMIT_MAX_MS).contains(&ms), path, format!("must be 1000 to {TIME_LIMIT_MAX_MS}"));
    }
}

fn check_git(fields: &mut Fields, path: &str, step: &GitStep) {
    if let Err(why) = GitUrl::parse(&step.url) {
        fields.add(&format!("{path}.url"), why);
    }
    if let Err(why) = GitReference::parse(&step.reference) {
        fields.add(&format!("{path}.reference"), why);
    }
    if let Err(why) = super::context::check_path(&step.folder) {
        fields.add(&format!("{path}.folder"), why);
    }
}

fn check_image(fields: &mut Fields, path: &str, step: &ImageStep) -> Result<(), Error> {
    for (name, text) in [("context", &step.context), ("dockerfile", &step.dockerfile)] {
        if let Err(why) = super::context::check_path(text) {
            fields.add(&format!("{path}.{name}"), why);
        }
    }
    fields.when(
        step.dockerfile.is_empty() && step.inline.is_none(),
        &format!("{path}.dockerfile"),
        "is needed".to_owned(),
    );
    let long = step.inline.as_ref().is_some_and(|text| text.len() > INLINE_MAX);
    fields.when(long, &format!("{path}.inline"), format!("must be at most {INLINE_MAX} bytes"));
    check_args(fields, &format!("{path}.build_args"), &step.build_args)
}

/// Refuses build arguments that are too many, too long, or would put a secret into the image.
fn check_args(fields: &mut Fields, path: &str, args: &std::collections::BTreeMap<String, String>) -> Result<(), Error> {
    fields.when(args.len() > BUILD_ARGS_MAX, path, format!("must be at most {BUILD_ARGS_MAX}"));
    for (name, value) in args {
        let path = format!("{path}.{name}");
        fields.when(value.len() > VALUE_MAX, &path, format!("must be at most {VALUE_MAX} bytes"));
        if value.contains("${secret:") {
            let words = "A build argument stays in the image's history. Give the secret to the image step as a secret.";
            let field = FieldError { path, message: "must not hold a secret".to_owned() };
            return Err(Error::Refused {
                code: ErrorCode::SecretInBuildArg,
                detail: words.to_owned(),
                fields: vec![field],
            });
        }
        if let Err(why) = values::check(value) {
            fields.add(&path, why);
        }
    }
    Ok(())
}

/// Refuses build arguments of a run.
pub(crate) fn check_run_args(args: &std::collections::BTreeMap<String, String>) -> Result<(), Error> {
    let mut fields = Fields(Vec::new());
    check_args(&mut fields, "build_args", args)?;
    if fields.0.is_empty() { Ok(()) } else { Err(Error::Invalid(fields.0)) }
}

fn is_step_name(name: &str) -> bool {
    let word = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    !name.is_empty()
        && name.len() <= 63
        && name.as_bytes().first().copied().is_some_and(word)
        && name.bytes().all(|c| word(c) || c == b'-')
}

/// The steps as they are kept: passwords sealed, those sent back as `***` taken from `before`.
pub(crate) fn seal(secrets: &Secrets, build: &str, steps: &[Step], before: &[Step]) -> Result<Vec<Step>, Error> {
    let mut sealed = steps.to_vec();
    for (at, step) in sealed.iter_mut().enumerate() {
        let Step::Git(step) = step else { continue };
        let Some(credentials) = &mut step.credentials else { continue };
        if credentials.password == HIDDEN {
            credentials.password = kept_password(before, step.name.as_str(), step.url.as_str(), at)?;
        } else {
            let cipher = secrets.seal(&identity(build, &step.name), &credentials.password)?;
            credentials.password = BASE64.encode(cipher);
        }
    }
    Ok(sealed)
}

/// The stored password of a step; another host needs it again, or it would be sent there.
fn kept_password(before: &[Step], name: &str, url: &str, at: usize) -> Result<String, Error> {
    let known = before.iter().find_map(|step| match step {
        Step::Git(step) if step.name == name => step.credentials.as_ref().map(|known| (&step.url, &known.password)),
        Step::Git(_) | Step::Transfer(_) | Step::Http(_) | Step::Script(_) | Step::Container(_) | Step::Image(_) => {
            None
        }
    });
    match known {
        Some((known_url, password)) if origin(known_url) == origin(url) => Ok(password.clone()),
        _ => Err(Error::Refused {
            code: ErrorCode::SecretRequired,
            detail: "Another host needs the password again.".to_owned(),
            fields: vec![FieldError {
                path: format!("steps[{at}].credentials.password"),
                message: "is needed again".to_owned(),
            }],
        }),
    }
}

/// Scheme, host and port of an address.
fn origin(url: &str) -> &str {
    let after = url.find("://").map_or(0, |at| at + 3);
    let end = url[after..].find('/').map_or(url.len(), |at| after + at);
    &url[..end]
}

/// The steps as they are shown: no password.
pub(crate) fn shown(steps: &[Step]) -> Vec<Step> {
    let mut shown = steps.to_vec();
    for step in &mut shown {
        if let Step::Git(GitStep { credentials: Some(Credentials { password, .. }), .. }) = step {
            HIDDEN.clone_into(password);
        }
    }
    shown
}

/// The passwords of the steps, opened for a run, by the name of the step.
pub(crate) fn open_secrets(
    secrets: &Secrets,
    build: &str,
    steps: &[Step],
) -> Result<Vec<(String, SecretString)>, Error> {
    let mut opened = Vec::new();
    for step in steps {
        let Step::Git(GitStep { name, credentials: Some(credentials), .. }) = step else { continue };
        let cipher =
            BASE64.decode(&credentials.password).map_err(|why| Error::Internal(format!("step {name}: {why}")))?;
        let secret = secrets.open(&identity(build, name), &cipher)?;
        opened.push((name.clone(), SecretString::from(secret.expose_secret().to_owned())));
    }
    Ok(opened)
}

fn identity(build: &str, step: &str) -> String {
    format!("build/{build}/{step}/password")
}

#[cfg(test)]
mod tests {
    use super::{check, seal, shown};
    use crate::{Error, secrets::Secrets};
    use rstest::rstest;
    use serde_json::json;
    use types::{
        ErrorCode,
        build::{Build, Step},
    };

    fn build(steps: serde_json::Value) -> Build {
        let text = json!({"name": "web", "registry": "local", "repository": "shop/web", "engine": "local",
            "tag_rule": {"type": "sequence", "prefix": "1."}, "steps": steps});
        serde_json::from_value(text).expect("a build")
    }

    #[rstest]
    #[case(json!([{"type": "image", "name": "image"}]), None)]
    #[case(json!([]), Some("steps"))]
    #[case(json!([{"type": "image", "name": "image", "enabled": false}]), Some("steps"))]
    #[case(json!([{"type": "image", "name": "a"}, {"type": "image", "name": "b"}]), Some("steps"))]
    #[case(json!([{"type": "image", "name": "Image"}]), Some("steps[0].name"))]
    #[case(json!([{"type": "image", "name": "image", "dockerfile": "../Dockerfile"}]), Some("steps[0].dockerfile"))]
    #[case(json!([{"type": "image", "name": "image", "context": "/etc"}]), Some("steps[0].context"))]
    #[case(json!([{"type": "image", "name": "image", "build_args": {"A": "${nothing}"}}]), Some("steps[0].build_args.A"))]
    #[case(json!([{"type": "image", "name": "image", "time_limit_ms": 1}]), Some("steps[0].time_limit_ms"))]
    fn names_the_wrong_field(#[case] steps: serde_json::Value, #[case] field: Option<&str>) {
        let found = match check(&build(steps)) {
            Ok(()) => None,
            Err(Error::Invalid(fields)) => fields.first().map(|field| field.path.clone()),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(found.as_deref(), field);
    }

    #[test]
    fn a_secret_is_no_build_argument() {
        let steps = json!([{"type": "image", "name": "image", "build_args": {"A": "${secret:NPM}"}}]);
        let error = check(&build(steps)).expect_err("refused");
        assert_eq!(error.code(), ErrorCode::SecretInBuildArg);
    }

    #[test]
    fn a_password_is_sealed_hidden_and_stays_with_its_host() {
        let folder = tempfile::tempdir().expect("a folder");
        let secrets = Secrets::load(&folder.path().join("key")).expect("a key");
        let step = |url: &str, password: &str| -> Vec<Step> {
            serde_json::from_value(json!([{"type": "git", "name": "source", "url": url,
                "credentials": {"username": "ci", "password": password}}]))
            .expect("a step")
        };
        let kept = seal(&secrets, "web", &step("https://git.example/a.git", "hush-hush"), &[]).expect("sealed");
        assert!(!format!("{kept:?}").contains("hush-hush"));
        assert!(format!("{:?}", shown(&kept)).contains("***"));
        let again = seal(&secrets, "web", &step("https://git.example/b.git", "***"), &kept).expect("the same host");
        assert!(!format!("{again:?}").contains("***"));
        let moved = seal(&secrets, "web", &step("https://evil.example/b.git", "***"), &kept).expect_err("another host");
        assert_eq!(moved.code(), ErrorCode::SecretRequired);
    }
}
