//! What is wrong with a flow, field by field.

use super::super::values::{self, Known, Place};
use crate::Error;
use std::collections::BTreeMap;
use types::FieldError;

/// Entries of a map of settings: build arguments, environment.
const ENTRIES_MAX: usize = 100;
/// Bytes of one of its values.
const VALUE_MAX: usize = 32 * 1024;
/// Most milliseconds of a time limit: a day.
const TIME_LIMIT_MAX_MS: u64 = 86_400_000;

/// Collects errors.
#[derive(Default)]
pub(super) struct Fields(Vec<FieldError>);

/// A map of settings, and whether they may hold secrets.
pub(super) struct Settings<'a> {
    pub(super) values: &'a BTreeMap<String, String>,
    pub(super) place: Place,
}

impl Fields {
    pub(super) fn add(&mut self, path: &str, message: impl Into<String>) {
        self.0.push(FieldError { path: path.to_owned(), message: message.into() });
    }

    pub(super) fn when(&mut self, wrong: bool, path: &str, message: impl Into<String>) {
        if wrong {
            self.add(path, message);
        }
    }

    /// Keeps why a check refused.
    pub(super) fn check<T>(&mut self, path: &str, outcome: Result<T, String>) {
        if let Err(why) = outcome {
            self.add(path, why);
        }
    }

    /// Keeps the errors of a part; their paths are within it.
    pub(super) fn within<T>(&mut self, path: &str, outcome: Result<T, Vec<FieldError>>) {
        for FieldError { path: inner, message } in outcome.err().into_iter().flatten() {
            self.add(&format!("{path}.{inner}"), message);
        }
    }

    pub(super) fn time_limit(&mut self, path: &str, ms: u64) {
        self.when(!(1000..=TIME_LIMIT_MAX_MS).contains(&ms), path, format!("must be 1000 to {TIME_LIMIT_MAX_MS}"));
    }

    /// A value must be known and not too long; so must a whole map of them.
    pub(super) fn settings(&mut self, path: &str, settings: &Settings<'_>, known: &Known<'_>) {
        let Settings { values, place } = settings;
        self.when(values.len() > ENTRIES_MAX, path, format!("must be at most {ENTRIES_MAX}"));
        for (name, text) in *values {
            let path = format!("{path}.{name}");
            self.when(text.len() > VALUE_MAX, &path, format!("must be at most {VALUE_MAX} bytes"));
            self.check(&path, values::check(text, known, *place));
        }
    }

    pub(super) fn finish(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}
