//! The place of a card in a list that may be long. Only what is in view, or nearly, is drawn: five
//! hundred cards are five hundred light places.

use super::card::{WorkloadCard, kind_icon};
use crate::components::any::view;
use crate::reactive::{effect, memo};
use crate::{
    components::icon::icon,
    pages::pipeline::{
        alive::{self, Errand},
        board::{Board, Card},
        filter::Filter,
    },
};
use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{HtmlElement, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

/// Cards that stand from the first paint on, with those that the server draws.
const FIRST: usize = 16;
/// How far beyond the window a card is drawn: a screen ahead of one who scrolls.
const AHEAD: &str = "900px 0px";

/// Name of the property of a place that holds what to tell.
const TELL: &str = "slipwayNear";

thread_local! {
    /// One for all places, made by the first: it forgets those that leave the document.
    static OBSERVER: Option<IntersectionObserver> = begin();
}

/// Draws the card whenever its place comes near the window, and takes it away where it leaves.
/// Called by the later module alone.
pub(crate) fn watch(place: HtmlElement, drawn: RwSignal<bool>) {
    let Some(owner) = Owner::current() else { return };
    let kept = place.clone();
    let near = move |near: bool| owner.with(|| turn(&kept, drawn, near));
    let tell = Closure::<dyn Fn(bool)>::new(near).into_js_value();
    if js_sys::Reflect::set(&place, &JsValue::from_str(TELL), &tell).is_err() {
        leptos::logging::warn!("the browser keeps no property of an element");
    }
    OBSERVER.with(|observer| match observer {
        Some(observer) => observer.observe(&place),
        None => leptos::logging::warn!("the browser does not say what is in view"),
    });
}

fn begin() -> Option<IntersectionObserver> {
    let told = Closure::<dyn Fn(js_sys::Array)>::new(|entries: js_sys::Array| {
        for entry in entries.iter().filter_map(|entry| entry.dyn_into::<IntersectionObserverEntry>().ok()) {
            let tell = js_sys::Reflect::get(&entry.target(), &JsValue::from_str(TELL)).ok();
            let Some(tell) = tell.and_then(|tell| tell.dyn_into::<js_sys::Function>().ok()) else { continue };
            if tell.call1(&JsValue::NULL, &JsValue::from_bool(entry.is_intersecting())).is_err() {
                leptos::logging::debug_warn!("a place is gone");
            }
        }
    });
    let options = IntersectionObserverInit::new();
    options.set_root_margin(AHEAD);
    let told = told.into_js_value();
    IntersectionObserver::new_with_options(told.unchecked_ref(), &options).ok()
}

/// See the module. `at` is where the card stood when the page was opened.
#[component]
pub(crate) fn Place(board: Board, card: Card, filter: Filter, at: usize) -> impl IntoView {
    let drawn = RwSignal::new(at < FIRST);
    let place = NodeRef::<html::Li>::new();
    let hidden = memo(move || !filter.shows(card));
    effect(move || {
        if let Some(place) = place.get() {
            alive::send(Errand::Card(place.into(), drawn));
        }
    });
    let tone = move || crate::components::state::of_workload(card.head.with(|head| head.status)).tone;
    let (name, kind) = card.head.with_untracked(|head| (head.name.clone(), head.kind));
    let id = name.clone();
    view! {
        <li
            class="workload card"
            node_ref=place
            data-card=card.key()
            data-marked=move || card.marked.get().then_some("")
            id=id
            data-state=tone
            hidden=move || hidden.get()
            tabindex="-1"
        >
            {move || match drawn.get() {
                true => view! { <WorkloadCard board card/> }.into_any(),
                // Its name can be found by the browser's own search, and read out.
                false => view! { <div class="row task-line">{icon(kind_icon(kind))}<h2 class="clip">{name.clone()}</h2></div> }.into_any(),
            }}
        </li>
    }
}

/// A card that goes leaves its height behind, so that nothing moves; one that the focus is in stays.
fn turn(place: &HtmlElement, drawn: RwSignal<bool>, near: bool) {
    let holds_focus = || place.contains(document().active_element().as_deref());
    if drawn.try_get_untracked() == Some(near) || (!near && (holds_focus() || place.hidden())) {
        return;
    }
    let height = if near { String::new() } else { format!("{}px", place.offset_height()) };
    if place.style().set_property("height", &height).is_err() {
        leptos::logging::debug_warn!("the place keeps no height");
    }
    drawn.try_set(near);
}
