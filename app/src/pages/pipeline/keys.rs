//! The pipeline page by keyboard: `/` finds, `p` plans, `j` `k` and the arrows move from card to
//! card, `r` runs the card that has the focus. Keys of a text box stay its own.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

const CARDS: &str = ".workload:not([hidden])";

/// Listens until the page goes.
pub(crate) fn listen(planning: RwSignal<bool>, on_plan: impl Fn() + Send + Sync + 'static) {
    let on_plan = StoredValue::new(on_plan);
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            let free = !planning.get_untracked() && !event.ctrl_key() && !event.meta_key() && !event.alt_key();
            if free && !in_a_control(&event) {
                press(&event, || on_plan.with_value(|on_plan| on_plan()));
            }
        });
        on_cleanup(move || handle.remove());
    });
}

fn press(event: &KeyboardEvent, plan: impl Fn()) {
    match event.key().as_str() {
        "/" => focus(document().get_element_by_id("filter")),
        "p" => plan(),
        "j" | "ArrowDown" => step(1),
        "k" | "ArrowUp" => step(-1),
        "r" => run_focused(),
        _ => return,
    }
    event.prevent_default();
}

fn in_a_control(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA"))
}

fn focused_card() -> Option<Element> {
    document().active_element()?.closest(".workload").ok().flatten()
}

fn step(by: i32) {
    let Ok(cards) = document().query_selector_all(CARDS) else { return };
    let here = focused_card();
    let at = (0..cards.length()).find(|at| cards.get(*at).as_ref() == here.as_ref().map(AsRef::as_ref));
    let next = match at {
        Some(at) => at.saturating_add_signed(by).min(cards.length().saturating_sub(1)),
        None => 0,
    };
    focus(cards.get(next).and_then(|card| card.dyn_into().ok()));
}

fn run_focused() {
    let button = focused_card().and_then(|card| card.query_selector(".workload-run .button").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        button.click();
    }
}

fn focus(element: Option<Element>) {
    let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else { return };
    if element.focus().is_err() {
        leptos::logging::debug_warn!("the element takes no focus");
    }
}
