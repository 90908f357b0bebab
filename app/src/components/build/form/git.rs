//! The fields of a code repository.

use super::{
    Text,
    common::{Base, CredentialsForm},
    line,
    reader::{Reader, trimmed},
};
use leptos::prelude::*;
use types::build::GitStep;

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct GitForm {
    pub(crate) url: Text,
    pub(crate) reference: Text,
    pub(crate) folder: Text,
    pub(crate) depth: Text,
    pub(crate) submodules: RwSignal<bool>,
    pub(crate) credentials: CredentialsForm,
}

impl GitForm {
    pub(super) fn of(step: &GitStep) -> Self {
        Self {
            url: line(&step.url),
            reference: line(&step.reference),
            folder: line(&step.folder),
            depth: line(&step.depth.to_string()),
            submodules: RwSignal::new(step.submodules),
            credentials: CredentialsForm::of(step.credentials.as_ref()),
        }
    }

    pub(super) fn read(self, Base { name, enabled, time_limit_ms }: Base, reader: &mut Reader) -> GitStep {
        GitStep {
            name,
            enabled,
            time_limit_ms,
            url: trimmed(self.url),
            reference: trimmed(self.reference),
            folder: trimmed(self.folder),
            depth: reader.number("depth", self.depth),
            submodules: self.submodules.get(),
            credentials: self.credentials.read(),
        }
    }
}
