//! Where the focus goes when something has come, gone or moved.

use crate::components::field::id_of;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Gives the focus to what a selector finds first, once the page is drawn.
pub(super) fn focus_soon(selector: String) {
    request_animation_frame(move || {
        let found = document().query_selector(&selector).ok().flatten();
        focus(found.and_then(|found| found.dyn_into().ok()));
    });
}

/// Gives the focus back to what has it now: the browser takes it from what moves.
pub(super) fn keep_focus() {
    let active = document().active_element().and_then(|active| active.dyn_into::<HtmlElement>().ok());
    request_animation_frame(move || focus(active));
}

fn focus(element: Option<HtmlElement>) {
    if element.is_some_and(|element| element.focus().is_err()) {
        leptos::logging::debug_warn!("the element takes no focus");
    }
}

/// Gives the focus to the field of a path, else to the nearest that it lies in.
pub(super) fn focus_field(path: &str) {
    let path = path.to_owned();
    request_animation_frame(move || {
        let mut within = path.as_str();
        loop {
            if let Some(found) = document().get_element_by_id(&id_of(within)) {
                return focus(found.dyn_into().ok());
            }
            match within.rfind(['.', '[']) {
                Some(end) => within = &within[..end],
                None => return,
            }
        }
    });
}
