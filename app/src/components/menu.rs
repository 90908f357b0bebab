//! A menu that opens below its button and closes when the focus goes elsewhere.

use crate::components::{any::view, icon::icon};
use leptos::{
    ev::{FocusEvent, KeyboardEvent},
    html,
    prelude::*,
};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct Menu {
    open: RwSignal<bool>,
    button: NodeRef<html::Button>,
}

/// The button of a menu.
pub(crate) struct Face {
    pub(crate) id: Option<&'static str>,
    pub(crate) class: &'static str,
    /// Where it shows no words.
    pub(crate) label: Option<Signal<String>>,
    pub(crate) shown: AnyView,
}

impl Menu {
    pub(crate) fn new() -> Self {
        Self { open: RwSignal::new(false), button: NodeRef::new() }
    }

    /// Closes it and gives the focus back to its button.
    pub(crate) fn close(self) {
        self.open.set(false);
        if self.button.get_untracked().is_some_and(|button| button.focus().is_err()) {
            leptos::logging::debug_warn!("the button takes no focus");
        }
    }

    /// A line that does something.
    pub(crate) fn line(self, mark: &'static str, words: &'static str, act: impl Fn() + 'static) -> AnyView {
        let press = move |_| {
            self.close();
            act();
        };
        view! { <button class="row menu-item" type="button" role="menuitem" on:click=press>{icon(mark)}{words}</button> }
    }

    /// The button, and its lines while it is open: they are made anew each time.
    pub(crate) fn view(self, face: Face, lines: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
        let open = self.open;
        let Face { id, class, label, shown } = face;
        let left = move |event: FocusEvent| {
            let to = event.related_target().and_then(|to| to.dyn_into::<Node>().ok());
            let here = event.current_target().and_then(|here| here.dyn_into::<Node>().ok());
            if !here.is_some_and(|here| here.contains(to.as_ref())) {
                open.try_set(false);
            }
        };
        let keys = move |event: KeyboardEvent| match event.key().as_str() {
            "Escape" if open.get_untracked() => {
                event.stop_propagation();
                self.close();
            }
            "ArrowDown" | "ArrowUp" if open.get_untracked() => {
                event.prevent_default();
                event.stop_propagation();
                let here = event.current_target().and_then(|here| here.dyn_into::<HtmlElement>().ok());
                if let Some(here) = here {
                    step(&here, event.key() == "ArrowDown");
                }
            }
            _ => {}
        };
        view! {
            <div class="menu-cell" on:focusout=left on:keydown=keys>
                <button
                    class=class
                    id=id
                    type="button"
                    node_ref=self.button
                    aria-haspopup="menu"
                    aria-expanded=move || open.get().to_string()
                    aria-label=move || label.map(|label| label.get())
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    {shown}
                </button>
                {move || open.get().then(|| view! { <div class="menu" role="menu">{lines()}</div> })}
            </div>
        }
    }
}

/// The line before or after the one that has the focus, around the ends.
pub(crate) fn step(menu: &HtmlElement, down: bool) {
    let Ok(lines) = menu.query_selector_all("[role=menuitem]") else { return };
    let n = lines.length();
    let active = document().active_element();
    let at = (0..n).find(|at| lines.get(*at).as_ref() == active.as_ref().map(AsRef::as_ref));
    let next = match (at, down) {
        (None, true) => 0,
        (None, false) => n.saturating_sub(1),
        (Some(at), true) => (at + 1) % n,
        (Some(at), false) => (at + n - 1) % n,
    };
    let line = lines.get(next).and_then(|line| line.dyn_into::<HtmlElement>().ok());
    if line.is_some_and(|line| line.focus().is_err()) {
        leptos::logging::debug_warn!("the line takes no focus");
    }
}
