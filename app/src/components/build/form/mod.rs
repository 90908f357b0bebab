//! A build while it is edited: a signal per field, and back to what is sent.

mod common;
mod container;
mod flow;
mod git;
mod http;
mod image;
mod keeper;
mod reader;
mod rows;
mod step;
#[cfg(test)]
mod tests;
mod transfer;

pub(crate) use common::{CredentialsForm, RoomForm};
pub(crate) use container::{ContainerForm, ScriptForm};
pub(crate) use flow::Removed;
pub(crate) use git::GitForm;
pub(crate) use http::HttpForm;
pub(crate) use image::ImageForm;
pub(crate) use rows::{Row, Rows};
pub(crate) use step::{StepForm, StepKind, StepType};
pub(crate) use transfer::TransferForm;

use crate::{
    api::{builds::EditedBuild, connections::AllConnections},
    text,
};
use keeper::Keeper;
use leptos::prelude::*;
pub(super) use reader::limit_words;
use reader::{Reader, some, trimmed};
use types::{
    ApiError, ErrorCode, FieldError,
    build::{BUILD_TIME_LIMIT_MS, Build, LogRetention, Param, TagRule},
};

/// A text that is edited.
pub(crate) type Text = RwSignal<String>;

fn line(words: &str) -> Text {
    RwSignal::new(words.to_owned())
}

/// What a form holds: what is sent, and what of it could not be read.
pub(crate) type Held = (Build, Vec<FieldError>);

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct BuildForm {
    pub(crate) name: Text,
    pub(crate) description: Text,
    pub(crate) registry: Text,
    pub(crate) repository: Text,
    pub(crate) engine: Text,
    /// `sequence`, `datetime`, `git`, `typed`
    pub(crate) rule: Text,
    pub(crate) prefix: Text,
    pub(crate) time_limit: Text,
    pub(crate) max_parallel: Text,
    pub(crate) params: Rows,
    pub(crate) steps: RwSignal<Vec<StepForm>>,
    log_retention: StoredValue<Option<LogRetention>>,
    next_key: StoredValue<usize>,
    keeper: Keeper,
    /// What was read when it was opened; null: a new build.
    stored: StoredValue<Option<EditedBuild>>,
}

impl BuildForm {
    /// A build that clones a repository and makes its image, on the first registry and engine.
    pub(crate) fn new(found: &AllConnections) -> Self {
        let registry = found.registries.first().map(|registry| registry.name.to_string()).unwrap_or_default();
        let engine = found.engines.first().map(|engine| engine.name.to_string()).unwrap_or_default();
        let form = Self::filled(&Build {
            name: String::new(),
            description: None,
            registry,
            repository: String::new(),
            engine,
            tag_rule: TagRule::Sequence { prefix: String::new() },
            max_parallel: 1,
            time_limit_ms: BUILD_TIME_LIMIT_MS,
            log_retention: None,
            params: Default::default(),
            steps: Vec::new(),
        });
        form.add(StepType::Git).open.set(true);
        form.add(StepType::Image);
        form
    }

    pub(crate) fn of(edited: EditedBuild) -> Self {
        let form = Self::filled(&edited.build);
        if let Some(first) = form.steps.with_untracked(|steps| steps.first().copied()) {
            first.open.set(true);
        }
        form.stored.set_value(Some(edited));
        form
    }

    /// Another build than the one that is stored, to be saved over it.
    pub(crate) fn instead(build: &Build, stored: Option<EditedBuild>) -> Self {
        let form = Self::filled(build);
        form.stored.set_value(stored);
        form
    }

    fn filled(build: &Build) -> Self {
        let (rule, prefix) = match &build.tag_rule {
            TagRule::Typed {} => ("typed", ""),
            TagRule::Sequence { prefix } => ("sequence", prefix.as_str()),
            TagRule::Datetime { prefix } => ("datetime", prefix.as_str()),
            TagRule::Git { prefix } => ("git", prefix.as_str()),
        };
        let params = Rows::new();
        for (name, Param { default, description }) in &build.params {
            let row = params.add();
            row.fill(name, default.as_deref().unwrap_or_default());
            row.more.set(description.clone().unwrap_or_default());
            row.flag.set(default.is_none());
        }
        let steps: Vec<StepForm> = build.steps.iter().enumerate().map(|(key, step)| StepForm::of(key, step)).collect();
        Self {
            name: line(&build.name),
            description: line(build.description.as_deref().unwrap_or_default()),
            registry: line(&build.registry),
            repository: line(&build.repository),
            engine: line(&build.engine),
            rule: line(rule),
            prefix: line(prefix),
            time_limit: line(&limit_words(build.time_limit_ms)),
            max_parallel: line(&build.max_parallel.to_string()),
            params,
            next_key: StoredValue::new(steps.len()),
            keeper: Keeper::new(),
            steps: RwSignal::new(steps),
            log_retention: StoredValue::new(build.log_retention.clone()),
            stored: StoredValue::new(None),
        }
    }

    /// What it holds now. It reads as an effect does.
    pub(crate) fn read(self) -> Held {
        let mut reader = Reader::default();
        let prefix = trimmed(self.prefix);
        let build = Build {
            name: trimmed(self.name),
            description: some(self.description),
            registry: self.registry.get(),
            repository: trimmed(self.repository),
            engine: self.engine.get(),
            tag_rule: match self.rule.get().as_str() {
                "typed" => TagRule::Typed {},
                "datetime" => TagRule::Datetime { prefix },
                "git" => TagRule::Git { prefix },
                _ => TagRule::Sequence { prefix },
            },
            max_parallel: reader.number("max_parallel", self.max_parallel),
            time_limit_ms: reader.limit("time_limit_ms", self.time_limit),
            log_retention: self.log_retention.get_value(),
            params: reader.named("params", self.params, |row| Param {
                default: (!row.flag.get()).then(|| row.value.get()),
                description: some(row.more),
            }),
            steps: self.steps.with(|steps| steps.iter().map(|step| step.read(&mut reader)).collect()),
        };
        (build, reader.finish())
    }

    /// The build that was read when it was opened; nothing for a new one.
    pub(crate) fn stored(self) -> Option<EditedBuild> {
        self.stored.try_get_value().flatten()
    }

    /// Goes on from another revision: what is stored there is saved over.
    pub(crate) fn goes_on_from(self, edited: EditedBuild) {
        self.stored.try_set_value(Some(edited));
    }

    fn next_key(self) -> usize {
        let key = self.next_key.get_value();
        self.next_key.set_value(key + 1);
        key
    }

    /// The keys of the steps in their order now.
    pub(crate) fn keys(self) -> Vec<usize> {
        self.steps.with_untracked(|steps| steps.iter().map(|step| step.key).collect())
    }
}

/// What is said of fields that cannot be read: they were not sent.
pub(crate) fn not_sent(wrong: Vec<FieldError>) -> ApiError {
    ApiError { fields: wrong, ..ApiError::new(ErrorCode::Invalid, text::not_saved()) }
}

/// An answer of the server, whose paths count the steps as they were sent: here they name them by their keys, and an
/// element of a list is shown at its list.
pub(crate) fn placed(mut error: ApiError, sent: &[usize]) -> ApiError {
    for field in &mut error.fields {
        let step = field.path.strip_prefix("steps[").and_then(|rest| rest.split_once(']'));
        let Some((at, rest)) = step else { continue };
        let rest = if rest.ends_with(']') { rest.split('[').next().unwrap_or_default() } else { rest };
        if let Some(key) = at.parse().ok().and_then(|at: usize| sent.get(at)) {
            field.path = format!("steps[{key}]{rest}");
        }
    }
    error
}
