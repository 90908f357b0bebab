//! The browser's entry: takes over the page that the server rendered.

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

/// Called by the page's script once the module is there. What else the page is made of comes first:
/// it is taken over in one go.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    spawn_local(async {
        app::fetch_page().await;
        app::guard_history();
        leptos::mount::hydrate_body(app::App);
    });
}
