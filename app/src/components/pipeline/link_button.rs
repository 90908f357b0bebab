//! The button that hands out the address of what is chosen on the page.

use crate::components::any::view;
use crate::{
    api::maps::store_plan,
    components::{copy::copy, icon::icon},
    pages::pipeline::{
        act::{Act, act},
        choose::Start,
        link,
    },
    text,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use types::run::NewRun;

/// Copies the address of a page of the map. What is too long for one is stored as a plan, which is opened: from
/// there its address can be copied at any time.
pub(crate) fn link_button(start: Start, page: &'static str, label: &'static str, class: &'static str) -> AnyView {
    let (copied, storing) = (RwSignal::new(false), RwSignal::new(false));
    let go = use_navigate();
    let go = Callback::new(move |path: String| go(&path, NavigateOptions::default()));
    let words = move || if copied.get() { text::copied() } else { label };
    let press = move |_| act(Act::HandOut(HandOut { start, page, copied, storing, go }));
    view! {
        <button class=format!("button button-plain button-icon {class}") type="button" aria-label=words title=words aria-busy=move || storing.get().to_string() on:click=press>
            {move || icon(if copied.get() { "check" } else { "link" })}
        </button>
    }
    .into_any()
}

/// A press of the button.
#[derive(Clone, Copy)]
pub(crate) struct HandOut {
    pub(crate) start: Start,
    page: &'static str,
    copied: RwSignal<bool>,
    storing: RwSignal<bool>,
    go: Callback<String>,
}

impl HandOut {
    /// Called by the later module alone.
    pub(crate) fn now(self) {
        match link::address(self.start.board, self.page) {
            Ok(address) => {
                copy(address);
                self.copied.set(true);
            }
            Err(_) if self.storing.get_untracked() => {}
            Err(run) => self.store(run),
        }
    }

    fn store(self, run: NewRun) {
        let HandOut { start, storing, go, .. } = self;
        storing.set(true);
        spawn_local(async move {
            let stored = store_plan(start.board.map.get_value(), run).await;
            storing.try_set(false);
            match stored {
                Ok(stored) => go.run(format!("/maps/{}/plans/{}", stored.map, stored.id)),
                Err(refused) => {
                    start.error.try_set(Some(refused));
                }
            }
        });
    }
}
