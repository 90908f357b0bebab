//! A step while it is edited: what all of them have, and the fields of each type.

use super::{
    Text,
    common::Base,
    container::{ContainerForm, ScriptForm},
    git::GitForm,
    http::HttpForm,
    image::ImageForm,
    line,
    reader::{Reader, limit_words, trimmed},
    transfer::TransferForm,
};
use leptos::prelude::*;
use std::collections::BTreeMap;
use types::build::{
    ContainerStep, GitStep, HttpMethod, HttpStep, ImageStep, STEP_TIME_LIMIT_MS, ScriptStep, Step, TransferDirection,
    TransferProtocol, TransferStep,
};

/// See the module. Its `key` tells it from the others while they move.
#[derive(Clone, Copy)]
pub(crate) struct StepForm {
    pub(crate) key: usize,
    pub(crate) name: Text,
    pub(crate) enabled: RwSignal<bool>,
    pub(crate) open: RwSignal<bool>,
    pub(crate) time_limit: Text,
    pub(crate) kind: StepKind,
}

/// The fields of each type.
#[derive(Clone, Copy)]
pub(crate) enum StepKind {
    Git(GitForm),
    Transfer(TransferForm),
    Http(HttpForm),
    Script(ScriptForm),
    Container(ContainerForm),
    Image(ImageForm),
}

impl StepForm {
    pub(super) fn of(key: usize, step: &Step) -> Self {
        Self {
            key,
            name: line(step.name()),
            enabled: RwSignal::new(step.enabled()),
            open: RwSignal::new(false),
            time_limit: line(&limit_words(step.time_limit_ms())),
            kind: StepKind::of(step),
        }
    }

    /// Before the path of each field of it: errors stay with a step that moves.
    pub(crate) fn at(self) -> String {
        format!("steps[{}].", self.key)
    }

    pub(super) fn read(self, reader: &mut Reader) -> Step {
        reader.within(self.at());
        let base = Base {
            name: trimmed(self.name),
            enabled: self.enabled.get(),
            time_limit_ms: reader.limit("time_limit_ms", self.time_limit),
        };
        match self.kind {
            StepKind::Git(form) => Step::Git(form.read(base, reader)),
            StepKind::Transfer(form) => Step::Transfer(form.read(base, reader)),
            StepKind::Http(form) => Step::Http(form.read(base, reader)),
            StepKind::Script(form) => Step::Script(form.read(base, reader)),
            StepKind::Container(form) => Step::Container(form.read(base, reader)),
            StepKind::Image(form) => Step::Image(form.read(base, reader)),
        }
    }
}

impl StepKind {
    fn of(step: &Step) -> Self {
        match step {
            Step::Git(step) => StepKind::Git(GitForm::of(step)),
            Step::Transfer(step) => StepKind::Transfer(TransferForm::of(step)),
            Step::Http(step) => StepKind::Http(HttpForm::of(step)),
            Step::Script(step) => StepKind::Script(ScriptForm::of(step)),
            Step::Container(step) => StepKind::Container(ContainerForm::of(step)),
            Step::Image(step) => StepKind::Image(ImageForm::of(step)),
        }
    }
}

/// What can be added, in the order of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepType {
    Git,
    Transfer,
    Http,
    Script,
    Container,
    Image,
}

impl StepType {
    pub(crate) const ALL: [StepType; 6] =
        [StepType::Git, StepType::Transfer, StepType::Http, StepType::Script, StepType::Container, StepType::Image];

    /// What a step of this type is called until somebody says otherwise.
    pub(super) fn name(self) -> &'static str {
        match self {
            StepType::Git => "source",
            StepType::Transfer => "files",
            StepType::Http => "call",
            StepType::Script => "script",
            StepType::Container => "task",
            StepType::Image => "image",
        }
    }

    /// A step that does nothing yet.
    pub(super) fn step(self, name: String) -> Step {
        let (enabled, time_limit_ms) = (true, STEP_TIME_LIMIT_MS);
        match self {
            StepType::Git => Step::Git(GitStep {
                name,
                enabled,
                time_limit_ms,
                url: String::new(),
                reference: "main".to_owned(),
                folder: String::new(),
                depth: 1,
                submodules: false,
                credentials: None,
            }),
            StepType::Transfer => Step::Transfer(TransferStep {
                name,
                enabled,
                time_limit_ms,
                protocol: TransferProtocol::Sftp,
                host: String::new(),
                port: None,
                host_key: None,
                direction: TransferDirection::Fetch,
                remote_path: String::new(),
                local_path: String::new(),
                insecure: false,
                credentials: None,
            }),
            StepType::Http => Step::Http(HttpStep {
                name,
                enabled,
                time_limit_ms,
                method: HttpMethod::Get,
                url: String::new(),
                headers: BTreeMap::new(),
                body: None,
                expected_status: vec![200],
                extract: BTreeMap::new(),
            }),
            StepType::Script => Step::Script(ScriptStep {
                name,
                enabled,
                time_limit_ms,
                image: String::new(),
                script: String::new(),
                environment: BTreeMap::new(),
                working_folder: String::new(),
                caches: Vec::new(),
            }),
            StepType::Container => Step::Container(ContainerStep {
                name,
                enabled,
                time_limit_ms,
                image: String::new(),
                command: Vec::new(),
                environment: BTreeMap::new(),
                working_folder: String::new(),
                caches: Vec::new(),
            }),
            StepType::Image => Step::Image(ImageStep {
                name,
                enabled,
                time_limit_ms,
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
        }
    }
}

impl StepKind {
    pub(crate) fn kind(self) -> StepType {
        match self {
            StepKind::Git(_) => StepType::Git,
            StepKind::Transfer(_) => StepType::Transfer,
            StepKind::Http(_) => StepType::Http,
            StepKind::Script(_) => StepType::Script,
            StepKind::Container(_) => StepType::Container,
            StepKind::Image(_) => StepType::Image,
        }
    }
}
