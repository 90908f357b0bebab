//! Steps that were removed just now, with the way to take it back.

use super::{
    focus::focus_soon,
    form::{BuildForm, Removed},
};
use crate::{
    components::{
        any::view,
        field::{Refusal, forget},
        toasts::toast,
    },
    text,
};
use leptos::prelude::*;

/// See the module.
#[derive(Clone, Copy)]
pub(super) struct Removals {
    form: BuildForm,
    refusal: Refusal,
    list: RwSignal<Vec<Removed>>,
}

impl Removals {
    pub(super) fn new(form: BuildForm, refusal: Refusal) -> Self {
        Self { form, refusal, list: RwSignal::new(Vec::new()) }
    }

    /// Takes a step out; the focus goes to the one that stands in its place then.
    pub(super) fn remove(self, key: usize) {
        let Some(removed) = self.form.remove(key) else { return };
        forget(self.refusal, &removed.step.at());
        self.list.update(|list| list.push(removed));
        let keys = self.form.keys();
        match keys.get(removed.at).or(keys.last()) {
            Some(next) => focus_soon(format!("#step-{next} .step-grip")),
            None => focus_soon("#add-step".to_owned()),
        }
    }

    fn close(self, key: usize) {
        self.list.update(|list| list.retain(|removed| removed.step.key != key));
    }

    pub(super) fn view(self) -> AnyView {
        let one = move |removed: Removed| {
            let key = removed.step.key;
            let undo = move |_| {
                self.form.restore(removed);
                self.close(key);
                focus_soon(format!("#step-{key} .step-grip"));
            };
            let said = view! {
                <span>{text::step_removed(&removed.step.name.get_untracked())}</span>
                <button class="text-button" type="button" on:click=undo>{text::undo()}</button>
            };
            toast(move || self.close(key), said, ().into_any())
        };
        view! {
            <ul class="toasts" role="list" aria-live="polite">
                <For each=move || self.list.get() key=|removed| removed.step.key children=one/>
            </ul>
        }
    }
}
