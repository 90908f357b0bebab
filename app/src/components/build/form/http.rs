//! The fields of a REST call.

use super::{
    Text,
    common::Base,
    line,
    reader::{Reader, some_lines, trimmed},
    rows::Rows,
};
use leptos::prelude::*;
use types::build::{Extract, HttpMethod, HttpStep};

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct HttpForm {
    pub(crate) method: Text,
    pub(crate) url: Text,
    pub(crate) headers: Rows,
    pub(crate) body: Text,
    pub(crate) expected_status: Text,
    pub(crate) extract: Rows,
}

impl HttpForm {
    pub(crate) const METHODS: [HttpMethod; 6] =
        [HttpMethod::Get, HttpMethod::Head, HttpMethod::Post, HttpMethod::Put, HttpMethod::Patch, HttpMethod::Delete];

    pub(super) fn of(step: &HttpStep) -> Self {
        let status: Vec<String> = step.expected_status.iter().map(u16::to_string).collect();
        let extract = Rows::new();
        for (name, Extract { pointer, masked }) in &step.extract {
            let row = extract.add();
            row.fill(name, pointer);
            row.flag.set(*masked);
        }
        Self {
            method: line(step.method.as_str()),
            url: line(&step.url),
            headers: Rows::of(&step.headers),
            body: line(step.body.as_deref().unwrap_or_default()),
            expected_status: line(&status.join(", ")),
            extract,
        }
    }

    pub(super) fn read(self, Base { name, enabled, time_limit_ms }: Base, reader: &mut Reader) -> HttpStep {
        let method = self.method.get();
        HttpStep {
            name,
            enabled,
            time_limit_ms,
            method: Self::METHODS.into_iter().find(|known| known.as_str() == method).unwrap_or_default(),
            url: trimmed(self.url),
            headers: reader.pairs("headers", self.headers),
            body: some_lines(self.body),
            expected_status: reader.numbers("expected_status", self.expected_status),
            extract: reader
                .named("extract", self.extract, |row| Extract { pointer: trimmed(row.value), masked: row.flag.get() }),
        }
    }
}
