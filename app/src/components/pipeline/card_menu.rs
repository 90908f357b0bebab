//! What else can be done with a workload: history, hold, another version, restart.

use crate::components::any::view;
use crate::{
    components::{
        icon::icon,
        over::{Part, Place, over},
    },
    pages::pipeline::{
        act::{Act, act},
        board::{Board, Card, Row},
        pieces,
    },
    text,
};
use leptos::{
    ev::{FocusEvent, KeyboardEvent},
    prelude::*,
};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};

/// See the module.
#[component]
pub(crate) fn CardMenu(board: Board, card: Card) -> impl IntoView {
    let open = RwSignal::new(false);
    let name = card.head.with_untracked(|head| head.name.clone());
    // The menu closes when the focus goes elsewhere.
    let left = move |event: FocusEvent| {
        let to = event.related_target().and_then(|to| to.dyn_into::<Node>().ok());
        let here = event.current_target().and_then(|here| here.dyn_into::<Node>().ok());
        if !here.is_some_and(|here| here.contains(to.as_ref())) {
            open.try_set(false);
        }
    };
    let is_open = move || open.try_get().unwrap_or_default();
    let keys = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" if open.get_untracked() => {
            event.stop_propagation();
            open.set(false);
        }
        "ArrowDown" | "ArrowUp" if open.get_untracked() => {
            event.prevent_default();
            event.stop_propagation();
            let here = event.current_target().and_then(|here| here.dyn_into::<HtmlElement>().ok());
            if let Some(here) = here {
                act(Act::Step(here, event.key() == "ArrowDown"));
            }
        }
        _ => {}
    };
    view! {
        <div class="menu-cell card-menu" on:focusout=left on:keydown=keys>
            <button
                class="text-button sub"
                type="button"
                aria-haspopup="menu"
                aria-expanded=move || is_open().to_string()
                aria-label=text::actions_for(&name)
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {text::more()}
            </button>
            {move || is_open().then(|| pieces::part_now(Part::CardMenu(board, card, open)))}
        </div>
    }
}

/// Lines of each container, named where there are several; then those of the workload. Called by the
/// later module alone.
pub(crate) fn menu(board: Board, card: Card, open: RwSignal<bool>) -> AnyView {
    let rows = card.rows.get_untracked();
    let several = rows.len() > 1;
    let of_rows = rows.into_iter().map(|row| of_row(board, row, several, open)).collect_view();
    let over = over();
    let restart = move |_| {
        open.set(false);
        over.open(Part::Restart(board, card));
    };
    view! {
        <div class="menu" role="menu">
            {of_rows}
            <hr/>
            <button class="row menu-item" type="button" role="menuitem" on:click=restart>{icon("retry")}{text::restart_it()}</button>
        </div>
    }
    .into_any()
}

fn of_row(board: Board, row: Row, several: bool, open: RwSignal<bool>) -> AnyView {
    let place = Place { map: board.map.get_value(), task: row.id() };
    let heading = several.then(|| {
        let container = place.task.container.clone();
        view! { <div class="menu-heading" role="presentation">{container}</div> }
    });
    let history = format!("/maps/{}/history?task={}", place.map, place.task);
    let over = over();
    let hold = row.task.with_untracked(|task| task.hold.clone());
    let hold_words = if hold.is_some() { text::hold_and_lift() } else { text::hold_it_dots() };
    let back = Part::RollBack(place.clone(), None);
    let own = row.task.with_untracked(|task| task.settings.clone());
    let settings = Part::Settings(place.clone(), own);
    let hold = Part::Hold(place, hold);
    let line = move |mark: &'static str, words: &'static str, part: Part| {
        let press = move |_| {
            open.set(false);
            over.open(part.clone());
        };
        view! { <button class="row menu-item" type="button" role="menuitem" on:click=press>{icon(mark)}{words}</button> }
    };
    view! {
        {heading}
        <a class="row menu-item" role="menuitem" href=history>{icon("history")}{text::history()}</a>
        {line("undo", text::roll_back_dots(), back)}
        {line("held", hold_words, hold)}
        {line("settings", text::settings_dots(), settings)}
    }
    .into_any()
}
