//! A press of a button that starts something.
//!
//! Each press has a key of its own, which goes with the call. Where the answer was lost, the next
//! press of the same thing takes the same key: the server then answers with what the first one
//! started, and nothing starts twice.

use super::Answer;
use leptos::prelude::*;
use types::ErrorCode;

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct Press {
    busy: RwSignal<bool>,
    /// What was asked and the key it was asked with, while nobody knows what became of it.
    open: StoredValue<Option<(String, String)>>,
}

impl Press {
    pub(crate) fn new() -> Self {
        Self { busy: RwSignal::new(false), open: StoredValue::new(None) }
    }

    /// Whether an answer is awaited.
    pub(crate) fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// The key to ask with; nothing while an answer is awaited. `what` tells one thing from another.
    pub(crate) fn begin(self, what: String) -> Option<String> {
        if self.busy.get_untracked() {
            return None;
        }
        self.busy.set(true);
        let known = self.open.get_value().filter(|(before, _)| *before == what);
        let (what, key) = known.unwrap_or_else(|| (what, new_key()));
        self.open.set_value(Some((what, key.clone())));
        Some(key)
    }

    /// The call was answered, or its answer was lost.
    pub(crate) fn end<T>(self, answer: &Answer<T>) {
        let lost = answer.as_ref().is_err_and(|error| error.code == ErrorCode::Stopping);
        if !lost {
            self.open.try_set_value(None);
        }
        self.busy.try_set(false);
    }
}

/// Not a secret: it only has to differ from the reader's other keys. (The browser's own source of
/// ids is closed to pages over plain HTTP.)
fn new_key() -> String {
    let random = || (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
    format!("page-{:x}-{:08x}{:08x}", js_sys::Date::now() as u64, random(), random())
}
