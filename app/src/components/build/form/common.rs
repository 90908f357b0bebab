//! What steps of several types have.

use super::{
    Text, line,
    reader::{Reader, some, trimmed},
    rows::Rows,
};
use leptos::prelude::*;
use std::collections::BTreeMap;
use types::build::{Cache, Credentials};

/// What every step has, as it is read.
pub(super) struct Base {
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) time_limit_ms: u64,
}

/// User name and password.
#[derive(Clone, Copy)]
pub(crate) struct CredentialsForm {
    pub(crate) username: Text,
    pub(crate) password: Text,
}

impl CredentialsForm {
    pub(super) fn of(credentials: Option<&Credentials>) -> Self {
        let Credentials { username, password } = credentials.cloned().unwrap_or_default();
        Self { username: RwSignal::new(username), password: RwSignal::new(password) }
    }

    /// Nothing where neither was typed.
    pub(super) fn read(self) -> Option<Credentials> {
        let (username, password) = (some(self.username), self.password.get());
        (username.is_some() || !password.is_empty())
            .then(|| Credentials { username: username.unwrap_or_default(), password })
    }
}

/// The container that a step runs in.
#[derive(Clone, Copy)]
pub(crate) struct RoomForm {
    pub(crate) image: Text,
    pub(crate) environment: Rows,
    pub(crate) working_folder: Text,
    pub(crate) caches: Rows,
}

/// What is read of it.
pub(super) struct Room {
    pub(super) image: String,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) working_folder: String,
    pub(super) caches: Vec<Cache>,
}

impl RoomForm {
    pub(super) fn of(
        image: &str,
        environment: &BTreeMap<String, String>,
        working_folder: &str,
        caches: &[Cache],
    ) -> Self {
        Self {
            image: line(image),
            environment: Rows::of(environment),
            working_folder: line(working_folder),
            caches: Rows::of(caches.iter().map(|cache| (&cache.name, &cache.path))),
        }
    }

    pub(super) fn read(self, reader: &mut Reader) -> Room {
        let caches = self.caches.filled().into_iter();
        Room {
            image: trimmed(self.image),
            environment: reader.pairs("environment", self.environment),
            working_folder: trimmed(self.working_folder),
            caches: caches.map(|row| Cache { name: trimmed(row.name), path: trimmed(row.value) }).collect(),
        }
    }
}
