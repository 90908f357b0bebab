//! Names with what belongs to each, while they are edited: one row each.

use super::{Text, keeper::Keeper};
use leptos::prelude::*;

/// A row. Its `key` tells it from the others while they come and go.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) key: usize,
    pub(crate) name: Text,
    pub(crate) value: Text,
    /// What some rows have besides.
    pub(crate) more: Text,
    pub(crate) flag: RwSignal<bool>,
}

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    pub(crate) list: RwSignal<Vec<Row>>,
    next: StoredValue<usize>,
    keeper: Keeper,
}

impl Rows {
    pub(super) fn new() -> Self {
        Self { list: RwSignal::new(Vec::new()), next: StoredValue::new(0), keeper: Keeper::new() }
    }

    pub(super) fn of<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let rows = Self::new();
        for (name, value) in pairs {
            rows.add().fill(name.as_ref(), value.as_ref());
        }
        rows
    }

    /// A row that holds nothing yet, at the end.
    pub(crate) fn add(self) -> Row {
        let key = self.next.get_value();
        self.next.set_value(key + 1);
        let text = || RwSignal::new(String::new());
        let row =
            self.keeper.keep(|| Row { key, name: text(), value: text(), more: text(), flag: RwSignal::new(false) });
        self.list.update(|rows| rows.push(row));
        row
    }

    pub(crate) fn remove(self, key: usize) {
        self.list.update(|rows| rows.retain(|row| row.key != key));
    }

    /// Where a row stands among those that hold something: so do errors count them.
    pub(crate) fn place(self, key: usize) -> Option<usize> {
        self.filled().iter().position(|row| row.key == key)
    }

    /// The rows that hold something.
    pub(super) fn filled(self) -> Vec<Row> {
        let holds = |text: Text| text.with(|text| !text.trim().is_empty());
        self.list.with(|rows| {
            rows.iter().copied().filter(|row| holds(row.name) || holds(row.value) || holds(row.more)).collect()
        })
    }
}

impl Row {
    pub(super) fn fill(self, name: &str, value: &str) {
        self.name.set(name.to_owned());
        self.value.set(value.to_owned());
    }
}
