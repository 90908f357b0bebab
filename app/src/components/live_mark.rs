//! Whether a page is live, and since when it is not.

use super::state;
use crate::{
    clock::clock,
    components::any::{live, view},
    live::Liveness,
    text,
};
use leptos::prelude::*;

/// `Live`, or "Not live since 14:03, trying again".
#[component]
pub(crate) fn LiveMark(#[prop(into)] liveness: Signal<Liveness>) -> impl IntoView {
    live(move || match liveness.get() {
        Liveness::Live => view! { <span class="live">{text::live()}</span> },
        Liveness::Connecting => ().into_any(),
        Liveness::Stale { since } => {
            let words = move || text::not_live_since(&clock().moment(since));
            state::state(state::WARN, live(words))
        }
        Liveness::Over => ().into_any(),
    })
}
