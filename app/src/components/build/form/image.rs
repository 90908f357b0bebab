//! The fields of the step that makes the image.

use super::{
    Text,
    common::Base,
    line,
    reader::{Reader, list, some, some_lines, trimmed},
    rows::Rows,
};
use leptos::prelude::*;
use types::build::ImageStep;

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct ImageForm {
    pub(crate) context: Text,
    pub(crate) dockerfile: Text,
    pub(crate) inline: Text,
    pub(crate) build_args: Rows,
    pub(crate) secrets: Rows,
    pub(crate) target: Text,
    pub(crate) platforms: Text,
    pub(crate) no_cache: RwSignal<bool>,
    pub(crate) cache_from: Text,
    pub(crate) cache_to: Text,
}

impl ImageForm {
    pub(super) fn of(step: &ImageStep) -> Self {
        Self {
            context: line(&step.context),
            dockerfile: line(&step.dockerfile),
            inline: line(step.inline.as_deref().unwrap_or_default()),
            build_args: Rows::of(&step.build_args),
            secrets: Rows::of(&step.secrets),
            target: line(step.target.as_deref().unwrap_or_default()),
            platforms: line(&step.platforms.join(", ")),
            no_cache: RwSignal::new(step.no_cache),
            cache_from: line(&step.cache_from.join(", ")),
            cache_to: line(&step.cache_to.join(", ")),
        }
    }

    pub(super) fn read(self, Base { name, enabled, time_limit_ms }: Base, reader: &mut Reader) -> ImageStep {
        ImageStep {
            name,
            enabled,
            time_limit_ms,
            context: trimmed(self.context),
            dockerfile: trimmed(self.dockerfile),
            inline: some_lines(self.inline),
            build_args: reader.pairs("build_args", self.build_args),
            secrets: reader.pairs("secrets", self.secrets),
            target: some(self.target),
            platforms: list(self.platforms),
            no_cache: self.no_cache.get(),
            cache_from: list(self.cache_from),
            cache_to: list(self.cache_to),
        }
    }
}
