//! The reader's clipboard.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen_futures::JsFuture;

/// Copies a text; a browser that does not allow it says so in its console.
pub(crate) fn copy(text: String) {
    let promise = window().navigator().clipboard().write_text(&text);
    spawn_local(async move {
        if JsFuture::from(promise).await.is_err() {
            leptos::logging::warn!("the browser does not allow copying");
        }
    });
}
