//! The pipeline page by keyboard: `/` finds, `p` plans, `j` `k` and the arrows move from card to
//! card, `x` marks the card that has the focus and `r` runs it. Keys of a text box stay its own.

use super::{
    act::{Act, act},
    board::{Board, Card},
    choose::Start,
};
use crate::components::{over::over, shortcuts::in_a_control};
use crate::reactive::effect;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

const CARDS: &str = ".workload:not([hidden])";
const KEYS: [&str; 8] = ["/", "p", "j", "k", "x", "r", "ArrowDown", "ArrowUp"];

/// Listens until the page goes.
pub(crate) fn listen(board: Board, on_plan: impl Fn() + Send + Sync + 'static) {
    let on_plan = StoredValue::new(on_plan);
    let over = over();
    effect(move || {
        let handle = window_event_listener(ev::keydown, move |event| {
            let free = !over.is_open() && !event.ctrl_key() && !event.meta_key() && !event.alt_key();
            let key = event.key();
            if free && !in_a_control(&event) && KEYS.contains(&key.as_str()) {
                event.prevent_default();
                match key.as_str() {
                    "p" => on_plan.with_value(|on_plan| on_plan()),
                    _ => act(Act::Press(board, key)),
                }
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// What a key does; `listen` takes `p` itself.
pub(super) fn press(board: Board, key: &str) {
    match key {
        "/" => focus(document().get_element_by_id("filter")),
        "j" | "ArrowDown" => step(1),
        "k" | "ArrowUp" => step(-1),
        "x" => {
            if let Some(card) = focused_card(board) {
                card.marked.update(|marked| *marked = !*marked);
            }
        }
        "r" => run_focused(board),
        _ => {}
    }
}

fn focused() -> Option<Element> {
    document().active_element()?.closest(".workload").ok().flatten()
}

fn focused_card(board: Board) -> Option<Card> {
    let key = focused()?.get_attribute("data-card")?;
    board.cards.get_untracked().into_iter().find(|card| card.key() == key)
}

fn step(by: i32) {
    let Ok(cards) = document().query_selector_all(CARDS) else { return };
    let here = focused();
    let at = (0..cards.length()).find(|at| cards.get(*at).as_ref() == here.as_ref().map(AsRef::as_ref));
    let next = match at {
        Some(at) => at.saturating_add_signed(by).min(cards.length().saturating_sub(1)),
        None => 0,
    };
    focus(cards.get(next).and_then(|card| card.dyn_into().ok()));
}

fn run_focused(board: Board) {
    if let Some(card) = focused_card(board) {
        let start = Start { board, press: card.press, error: card.error };
        start.rows(card.rows.get_untracked());
    }
}

fn focus(element: Option<Element>) {
    let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else { return };
    if element.focus().is_err() {
        leptos::logging::debug_warn!("the element takes no focus");
    }
}
