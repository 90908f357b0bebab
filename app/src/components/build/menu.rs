//! What can be done with a build, in a menu at the end of its row.

use crate::{
    components::{any::view, icon::icon},
    text,
};
use leptos::{ev::FocusEvent, prelude::*};
use wasm_bindgen::JsCast;

/// See the module.
#[component]
pub(crate) fn BuildMenu(
    name: String,
    /// Address of the newest log.
    log: Option<String>,
    on_delete: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let sure = RwSignal::new(false);
    // The menu closes when the focus goes elsewhere.
    let left = move |event: FocusEvent| {
        let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
        let cell = event.current_target().and_then(|cell| cell.dyn_into::<web_sys::Node>().ok());
        if !cell.is_some_and(|cell| cell.contains(to.as_ref())) {
            open.set(false);
            sure.set(false);
        }
    };
    let delete = move |_| if sure.get_untracked() { on_delete.run(()) } else { sure.set(true) };
    let label = text::actions_for(&name);
    let menu = move || {
        open.get().then(|| {
            let link = |href: String, mark: &'static str, word: &'static str| {
                view! { <a class="row menu-item" role="menuitem" href=href>{icon(mark)}{word}</a> }
            };
            view! {
                <div class="menu" role="menu">
                    {link(format!("/builds/{name}/edit"), "edit", text::edit())}
                    {link(format!("/builds/{name}/runs"), "history", text::history())}
                    {log.clone().map(|log| link(log, "lines", text::open_log()))}
                    <hr/>
                    <button class="row menu-item" type="button" role="menuitem" on:click=delete>
                        {icon("trash")}
                        {move || if sure.get() { text::delete_for_good() } else { text::delete() }}
                    </button>
                </div>
            }
        })
    };
    view! {
        <div class="menu-cell" on:focusout=left on:keydown=move |event| if event.key() == "Escape" { open.set(false) }>
            <button
                class="button button-plain button-icon"
                type="button"
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                aria-label=label
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {icon("more")}
            </button>
            {menu}
        </div>
    }
}
