//! The button that hands out the address of what is chosen on the page.

use crate::components::any::view;
use crate::{
    components::{copy::copy, icon::icon},
    pages::pipeline::{choose::Start, link, pieces},
    text,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// Copies the address of a page of the map. What is too long for one is stored as a plan, which is opened: from
/// there its address can be copied at any time.
pub(crate) fn link_button(start: Start, page: &'static str, label: &'static str, class: &'static str) -> AnyView {
    let (board, copied, storing) = (start.board, RwSignal::new(false), RwSignal::new(false));
    let go = use_navigate();
    let words = move || if copied.get() { text::copied() } else { label };
    let press = move |_| match link::address(board, page) {
        Ok(address) => {
            copy(address);
            copied.set(true);
        }
        Err(_) if storing.get_untracked() => {}
        Err(run) => {
            storing.set(true);
            let go = go.clone();
            spawn_local(async move {
                let stored = match pieces::store(board.map.get_value(), run).await {
                    Ok(stored) => stored.await,
                    Err(unfetched) => Err(unfetched.into()),
                };
                storing.try_set(false);
                match stored {
                    Ok(path) => go(&path, NavigateOptions::default()),
                    Err(refused) => {
                        start.error.try_set(Some(refused));
                    }
                }
            });
        }
    };
    view! {
        <button class=format!("button button-plain button-icon {class}") type="button" aria-label=words title=words aria-busy=move || storing.get().to_string() on:click=press>
            {move || icon(if copied.get() { "check" } else { "link" })}
        </button>
    }
    .into_any()
}
