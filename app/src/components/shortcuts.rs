//! Keys of all pages: Ctrl or ⌘ K opens the palette, `?` says what the keys do.

use super::over::{Part, over};
use crate::reactive::effect;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Listens as long as there is a page.
pub(crate) fn listen() {
    let over = over();
    effect(move || {
        let handle = window_event_listener(ev::keydown, move |event| {
            let command = event.ctrl_key() || event.meta_key();
            match event.key().as_str() {
                "k" | "K" if command && !event.shift_key() && !event.alt_key() => {
                    event.prevent_default();
                    over.open(Part::Palette);
                }
                "?" if !command && !over.is_open() && !in_a_control(&event) => {
                    event.prevent_default();
                    over.open(Part::Keys);
                }
                _ => {}
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// Whether the key belongs to what is typed.
pub(crate) fn in_a_control(event: &ev::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA"))
}
