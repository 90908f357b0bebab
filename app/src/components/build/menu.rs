//! What can be done with a build, in a menu at the end of its row.

use crate::{
    components::{
        any::view,
        icon::icon,
        menu::{Face, Menu},
    },
    text,
};
use leptos::prelude::*;

/// See the module.
#[component]
pub(crate) fn BuildMenu(
    name: String,
    /// Address of the newest log.
    log: Option<String>,
    on_delete: Callback<()>,
) -> impl IntoView {
    let label = text::actions_for(&name);
    let lines = move || {
        let sure = RwSignal::new(false);
        let delete = move |_| if sure.get_untracked() { on_delete.run(()) } else { sure.set(true) };
        let link = |href: String, mark: &'static str, word: &'static str| {
            view! { <a class="row menu-item" role="menuitem" href=href>{icon(mark)}{word}</a> }
        };
        view! {
            {link(format!("/builds/{name}/edit"), "edit", text::edit())}
            {link(format!("/builds/{name}/runs"), "history", text::history())}
            {log.clone().map(|log| link(log, "lines", text::open_log()))}
            <hr/>
            <button class="row menu-item" type="button" role="menuitem" on:click=delete>
                {icon("trash")}
                {move || if sure.get() { text::delete_for_good() } else { text::delete() }}
            </button>
        }
    };
    let face = Face {
        id: None,
        class: "button button-plain button-icon",
        label: Some(Signal::stored(label)),
        shown: icon("more"),
    };
    Menu::new().view(face, lines)
}
