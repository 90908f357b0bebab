//! Steps that move: dragged by their handles, or by keys. What came of it is said.

use super::{
    focus::keep_focus,
    form::{BuildForm, StepForm},
};
use crate::{components::any::view, text};
use leptos::{
    ev::{DragEvent, KeyboardEvent},
    prelude::*,
};
use wasm_bindgen::JsCast;
use web_sys::Element;

/// See the module.
#[derive(Clone, Copy)]
pub(super) struct Moving {
    form: BuildForm,
    /// The step that is on its way.
    dragged: RwSignal<Option<usize>>,
    /// Before which place it would be dropped.
    gap: RwSignal<Option<usize>>,
    said: RwSignal<String>,
}

impl Moving {
    pub(super) fn new(form: BuildForm) -> Self {
        let none = || RwSignal::new(None);
        Self { form, dragged: none(), gap: none(), said: RwSignal::new(String::new()) }
    }

    pub(super) fn start(self, event: &DragEvent, step: StepForm) {
        self.dragged.set(Some(step.key));
        let Some(load) = event.data_transfer() else { return };
        load.set_effect_allowed("move");
        // Firefox drags nothing that carries nothing; no field takes what this is.
        if load.set_data("application/x-slipway-step", &step.name.get_untracked()).is_err() {
            leptos::logging::debug_warn!("the drag carries nothing");
        }
        let handle = event.current_target().and_then(|handle| handle.dyn_into::<Element>().ok());
        if let Some(head) = handle.and_then(|handle| handle.parent_element()) {
            load.set_drag_image(&head, 12, 20);
        }
    }

    /// The pointer is over a step: it would drop before or below it.
    pub(super) fn over(self, event: &DragEvent, key: usize) {
        if self.dragged.get_untracked().is_none() {
            return;
        }
        event.prevent_default();
        let below = event.current_target().and_then(|card| card.dyn_into::<Element>().ok()).is_some_and(|card| {
            let rect = card.get_bounding_client_rect();
            f64::from(event.client_y()) > rect.top() + rect.height() / 2.0
        });
        let gap = self.form.place(key).map(|at| at + usize::from(below));
        if self.gap.get_untracked() != gap {
            self.gap.set(gap);
        }
    }

    /// Between two steps what was said last stays.
    pub(super) fn between(self, event: &DragEvent) {
        if self.gap.get_untracked().is_some() {
            event.prevent_default();
        }
    }

    pub(super) fn drop(self, event: &DragEvent) {
        if let (Some(key), Some(gap)) = (self.dragged.get_untracked(), self.gap.get_untracked()) {
            event.prevent_default();
            if let Some(at) = self.form.put(key, gap) {
                self.say(key, at);
            }
        }
        self.end();
    }

    pub(super) fn end(self) {
        self.dragged.set(None);
        self.gap.set(None);
    }

    /// Where the line of the drop stands at a step: nowhere where the dragged one would stay.
    pub(super) fn mark(self, place: usize, last: bool) -> Option<&'static str> {
        let (dragged, gap) = (self.dragged.get()?, self.gap.get()?);
        let from = self.form.place(dragged)?;
        if gap == from || gap == from + 1 {
            return None;
        }
        let after = last && gap == place + 1;
        (gap == place).then_some("before").or(after.then_some("after"))
    }

    /// The arrow keys on a handle, and with Alt on a head.
    pub(super) fn key(self, event: &KeyboardEvent, step: StepForm, on_handle: bool) {
        let down = match event.key().as_str() {
            "ArrowDown" => true,
            "ArrowUp" => false,
            _ => return,
        };
        if event.alt_key() == on_handle {
            return;
        }
        event.prevent_default();
        self.by_one(step.key, down);
    }

    pub(super) fn by_one(self, key: usize, down: bool) {
        keep_focus();
        if let Some(at) = self.form.shift(key, down) {
            self.say(key, at);
        }
    }

    fn say(self, key: usize, at: usize) {
        let (name, of) = self.form.steps.with_untracked(|steps| {
            let step = steps.iter().find(|step| step.key == key);
            (step.map(|step| step.name.get_untracked()).unwrap_or_default(), steps.len())
        });
        self.said.set(text::step_moved(&name, at + 1, of));
    }

    /// For those who do not see it.
    pub(super) fn view(self) -> AnyView {
        view! { <p class="hidden-text" role="status">{move || self.said.get()}</p> }
    }
}
