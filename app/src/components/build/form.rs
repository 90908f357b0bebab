//! A build while it is edited: a signal per field, and back to what is sent.

use crate::api::{builds::EditedBuild, connections::AllConnections};
use leptos::prelude::*;
use std::collections::BTreeMap;
use types::build::{
    BUILD_TIME_LIMIT_MS, Build, Credentials, GitStep, ImageStep, LogRetention, Param, STEP_TIME_LIMIT_MS, Step, TagRule,
};

const MINUTE_MS: u64 = 60_000;

/// A line of text that is edited.
pub(crate) type Text = RwSignal<String>;

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct BuildForm {
    /// Name and revision of the stored build; null: a new one.
    pub(crate) stored: StoredValue<Option<(String, i64)>>,
    pub(crate) name: Text,
    pub(crate) description: Text,
    pub(crate) registry: Text,
    pub(crate) repository: Text,
    pub(crate) engine: Text,
    /// `sequence`, `datetime`, `git`, `typed`
    pub(crate) rule: Text,
    pub(crate) prefix: Text,
    pub(crate) time_limit_min: Text,
    max_parallel: StoredValue<u32>,
    log_retention: StoredValue<Option<LogRetention>>,
    params: StoredValue<BTreeMap<String, Param>>,
    pub(crate) steps: RwSignal<Vec<StepForm>>,
}

/// A step while it is edited. Its `key` tells it from the others while they move.
#[derive(Clone, Copy)]
pub(crate) struct StepForm {
    pub(crate) key: usize,
    pub(crate) name: Text,
    pub(crate) enabled: RwSignal<bool>,
    pub(crate) open: RwSignal<bool>,
    time_limit_ms: u64,
    pub(crate) kind: StepKind,
}

/// The fields of each type.
#[derive(Clone, Copy)]
pub(crate) enum StepKind {
    Git {
        url: Text,
        reference: Text,
        folder: Text,
        depth: Text,
        submodules: RwSignal<bool>,
        username: Text,
        password: Text,
    },
    Image {
        context: Text,
        dockerfile: Text,
        target: Text,
        build_args: Text,
        no_cache: RwSignal<bool>,
        stored: StoredValue<ImageStep>,
    },
    /// A step that has no fields here: it is kept as it is.
    Other(StoredValue<Step>),
}

fn text(words: &str) -> Text {
    RwSignal::new(words.to_owned())
}

fn some(signal: Text) -> Option<String> {
    let words = signal.get_untracked();
    (!words.trim().is_empty()).then(|| words.trim().to_owned())
}

impl BuildForm {
    /// A build that clones a repository and makes its image, on the first registry and engine.
    pub(crate) fn new(found: &AllConnections) -> Self {
        let registry = found.registries.first().map(|registry| registry.name.to_string()).unwrap_or_default();
        let engine = found.engines.first().map(|engine| engine.name.to_string()).unwrap_or_default();
        let form = Self {
            stored: StoredValue::new(None),
            name: text(""),
            description: text(""),
            registry: text(&registry),
            repository: text(""),
            engine: text(&engine),
            rule: text("sequence"),
            prefix: text(""),
            time_limit_min: text(&(BUILD_TIME_LIMIT_MS / MINUTE_MS).to_string()),
            max_parallel: StoredValue::new(1),
            log_retention: StoredValue::new(None),
            params: StoredValue::new(BTreeMap::new()),
            steps: RwSignal::new(Vec::new()),
        };
        form.steps.set(vec![StepForm::git(0), StepForm::image(1)]);
        form
    }

    pub(crate) fn of(edited: EditedBuild) -> Self {
        let EditedBuild { build, revision } = edited;
        let (rule, prefix) = match &build.tag_rule {
            TagRule::Typed {} => ("typed", ""),
            TagRule::Sequence { prefix } => ("sequence", prefix.as_str()),
            TagRule::Datetime { prefix } => ("datetime", prefix.as_str()),
            TagRule::Git { prefix } => ("git", prefix.as_str()),
        };
        let steps = build.steps.iter().enumerate().map(|(key, step)| StepForm::of(key, step)).collect();
        Self {
            stored: StoredValue::new(Some((build.name.clone(), revision))),
            name: text(&build.name),
            description: text(build.description.as_deref().unwrap_or_default()),
            registry: text(&build.registry),
            repository: text(&build.repository),
            engine: text(&build.engine),
            rule: text(rule),
            prefix: text(prefix),
            time_limit_min: text(&(build.time_limit_ms / MINUTE_MS).to_string()),
            max_parallel: StoredValue::new(build.max_parallel),
            log_retention: StoredValue::new(build.log_retention),
            params: StoredValue::new(build.params),
            steps: RwSignal::new(steps),
        }
    }

    /// What is sent.
    pub(crate) fn build(self) -> Build {
        let prefix = self.prefix.get_untracked().trim().to_owned();
        let minutes = self.time_limit_min.get_untracked().trim().parse::<u64>().unwrap_or(0);
        Build {
            name: self.name.get_untracked().trim().to_owned(),
            description: some(self.description),
            registry: self.registry.get_untracked(),
            repository: self.repository.get_untracked().trim().to_owned(),
            engine: self.engine.get_untracked(),
            tag_rule: match self.rule.get_untracked().as_str() {
                "typed" => TagRule::Typed {},
                "datetime" => TagRule::Datetime { prefix },
                "git" => TagRule::Git { prefix },
                _ => TagRule::Sequence { prefix },
            },
            max_parallel: self.max_parallel.get_value(),
            time_limit_ms: minutes * MINUTE_MS,
            log_retention: self.log_retention.get_value(),
            params: self.params.get_value(),
            steps: self.steps.with_untracked(|steps| steps.iter().map(|step| step.step()).collect()),
        }
    }

    pub(crate) fn add(self, make: fn(usize) -> StepForm) {
        self.steps.update(|steps| {
            let key = steps.iter().map(|step| step.key + 1).max().unwrap_or(0);
            steps.push(make(key));
        });
    }

    /// Moves a step by one place, as far as there is one.
    pub(crate) fn shift(self, key: usize, down: bool) {
        self.steps.update(|steps| {
            let Some(at) = steps.iter().position(|step| step.key == key) else { return };
            let to = if down { at + 1 } else { at.wrapping_sub(1) };
            if to < steps.len() {
                steps.swap(at, to);
            }
        });
    }

    pub(crate) fn remove(self, key: usize) {
        self.steps.update(|steps| steps.retain(|step| step.key != key));
    }
}

impl StepForm {
    pub(crate) fn git(key: usize) -> Self {
        Self::of(
            key,
            &Step::Git(GitStep {
                name: if key == 0 { "source".to_owned() } else { format!("source-{key}") },
                enabled: true,
                time_limit_ms: STEP_TIME_LIMIT_MS,
                url: String::new(),
                reference: "main".to_owned(),
                folder: String::new(),
                depth: 1,
                submodules: false,
                credentials: None,
            }),
        )
    }

    pub(crate) fn image(key: usize) -> Self {
        Self::of(
            key,
            &Step::Image(ImageStep {
                name: if key <= 1 { "image".to_owned() } else { format!("image-{key}") },
                enabled: true,
                time_limit_ms: STEP_TIME_LIMIT_MS,
                context: String::new(),
                dockerfile: "Dockerfile".to_owned(),
                inline: None,
                build_args: BTreeMap::new(),
                secrets: BTreeMap::new(),
                target: None,
                platforms: Vec::new(),
                no_cache: false,
                cache_from: Vec::new(),
                cache_to: Vec::new(),
            }),
        )
    }

    fn of(key: usize, step: &Step) -> Self {
        Self {
            key,
            name: text(step.name()),
            enabled: RwSignal::new(step.enabled()),
            open: RwSignal::new(key == 0),
            time_limit_ms: step.time_limit_ms(),
            kind: StepKind::of(step),
        }
    }

    fn step(self) -> Step {
        let Self { key: _, name, enabled, open: _, time_limit_ms, kind } = self;
        let (name, enabled) = (name.get_untracked().trim().to_owned(), enabled.get_untracked());
        let trimmed = |signal: Text| signal.get_untracked().trim().to_owned();
        match kind {
            StepKind::Git { url, reference, folder, depth, submodules, username, password } => {
                let credentials =
                    some(username).map(|username| Credentials { username, password: password.get_untracked() });
                Step::Git(GitStep {
                    name,
                    enabled,
                    time_limit_ms,
                    url: trimmed(url),
                    reference: trimmed(reference),
                    folder: trimmed(folder),
                    depth: trimmed(depth).parse().unwrap_or(0),
                    submodules: submodules.get_untracked(),
                    credentials,
                })
            }
            StepKind::Image { context, dockerfile, target, build_args, no_cache, stored } => Step::Image(ImageStep {
                name,
                enabled,
                time_limit_ms,
                context: trimmed(context),
                dockerfile: trimmed(dockerfile),
                build_args: pairs(&build_args.get_untracked()),
                target: some(target),
                no_cache: no_cache.get_untracked(),
                ..stored.get_value()
            }),
            StepKind::Other(stored) => {
                let mut step = stored.get_value();
                step.set_name(name);
                step.set_enabled(enabled);
                step
            }
        }
    }
}

impl StepKind {
    fn of(step: &Step) -> Self {
        match step {
            Step::Git(git) => {
                let credentials = git.credentials.clone().unwrap_or_default();
                StepKind::Git {
                    url: text(&git.url),
                    reference: text(&git.reference),
                    folder: text(&git.folder),
                    depth: text(&git.depth.to_string()),
                    submodules: RwSignal::new(git.submodules),
                    username: text(&credentials.username),
                    password: text(&credentials.password),
                }
            }
            Step::Image(image) => {
                let lines = image.build_args.iter().map(|(key, value)| format!("{key}={value}"));
                StepKind::Image {
                    context: text(&image.context),
                    dockerfile: text(&image.dockerfile),
                    target: text(image.target.as_deref().unwrap_or_default()),
                    build_args: text(&lines.collect::<Vec<_>>().join("\n")),
                    no_cache: RwSignal::new(image.no_cache),
                    stored: StoredValue::new(image.clone()),
                }
            }
            Step::Transfer(_) | Step::Http(_) | Step::Script(_) | Step::Container(_) => {
                StepKind::Other(StoredValue::new(step.clone()))
            }
        }
    }
}

/// `KEY=value`, one a line.
fn pairs(lines: &str) -> BTreeMap<String, String> {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| line.split_once('=').unwrap_or((line, "")))
        .map(|(key, value)| (key.trim().to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::build::ScriptStep;

    #[test]
    fn a_stored_build_comes_back_as_it_was() {
        let owner = Owner::new();
        owner.with(|| {
            let git = GitStep {
                name: "source".to_owned(),
                enabled: false,
                time_limit_ms: 5,
                url: "https://git.example/a.git".to_owned(),
                reference: "main".to_owned(),
                folder: "a".to_owned(),
                depth: 0,
                submodules: true,
                credentials: Some(Credentials { username: "ci".to_owned(), password: "***".to_owned() }),
            };
            let image = ImageStep {
                name: "image".to_owned(),
                enabled: true,
                time_limit_ms: 7,
                context: "a".to_owned(),
                dockerfile: "b/Dockerfile".to_owned(),
                inline: Some("FROM scratch".to_owned()),
                build_args: BTreeMap::from([("A".to_owned(), "1=2".to_owned())]),
                secrets: BTreeMap::from([("npmrc".to_owned(), "${secret:NPMRC}".to_owned())]),
                target: Some("app".to_owned()),
                platforms: vec!["linux/arm64".to_owned()],
                no_cache: true,
                cache_from: vec!["registry.example/cache".to_owned()],
                cache_to: vec!["registry.example/cache:2".to_owned()],
            };
            let script = ScriptStep {
                name: "lint".to_owned(),
                enabled: false,
                time_limit_ms: 9,
                image: "tools".to_owned(),
                script: "make lint".to_owned(),
                environment: BTreeMap::from([("CI".to_owned(), "1".to_owned())]),
                working_folder: "a".to_owned(),
                caches: Vec::new(),
            };
            let build = Build {
                name: "api".to_owned(),
                description: Some("API".to_owned()),
                registry: "local".to_owned(),
                repository: "shop/api".to_owned(),
                engine: "local".to_owned(),
                tag_rule: TagRule::Git { prefix: "v".to_owned() },
                max_parallel: 3,
                time_limit_ms: 30 * MINUTE_MS,
                log_retention: Some(LogRetention { days: Some(90), ..LogRetention::default() }),
                params: BTreeMap::from([("CHANNEL".to_owned(), Param::default())]),
                steps: vec![Step::Git(git), Step::Script(script), Step::Image(image)],
            };
            let form = BuildForm::of(EditedBuild { build: build.clone(), revision: 4 });
            assert_eq!(form.build(), build);
        });
    }
}
