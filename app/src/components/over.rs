//! What lies over a page: a sheet, a dialog, the palette. One at a time; the page under it rests.

use crate::reactive::effect;
use crate::{
    components::pipeline::{
        build_options, card_menu, hold, restart, roll_back,
        suggest::{self, List},
        task_settings, way_back,
    },
    components::{dialog, palette, toasts},
    pages::{
        pipeline::{
            board::{Board, Card, Row},
            pieces,
        },
        plan,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use std::sync::Arc;
use types::{
    Name, TaskId,
    task::{Hold, TaskSettings},
};
use wasm_bindgen::JsCast;

/// A task with its map.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) map: Name,
    pub(crate) task: TaskId,
}

/// A part of a page that is drawn when it is asked for.
#[derive(Clone)]
pub(crate) enum Part {
    Plan(Board),
    /// All versions that the task could go back to; that of the tag or digest is chosen first.
    RollBack(Place, Option<String>),
    /// The button of the way back to what ran before, by its tag.
    WayBack(Place, Option<String>),
    Hold(Place, Option<Hold>),
    Settings(Place, Option<TaskSettings>),
    BuildOptions(Board, Row),
    Restart(Board, Card),
    /// Drawn by who asks for it.
    Own(Arc<dyn Fn() -> AnyView + Send + Sync>),
    CardMenu(Board, Card, RwSignal<bool>),
    /// The list of that id and name, and what choosing a line does.
    Suggestions(List, String, String, Callback<String>),
    Toasts(Board),
    Palette,
    Keys,
}

impl Part {
    /// Called by the later module alone, so that all of it is cut off with it.
    pub(crate) fn draw(self) -> AnyView {
        match self {
            Part::Plan(board) => plan::sheet(board),
            Part::RollBack(place, tag) => roll_back::dialog(place, tag),
            Part::WayBack(place, tag) => way_back::way_back(place, tag),
            Part::Hold(place, hold) => hold::dialog(place, hold),
            Part::Settings(place, own) => task_settings::dialog(place, own),
            Part::BuildOptions(board, row) => build_options::dialog(board, row),
            Part::Restart(board, card) => restart::dialog(board, card),
            Part::Own(draw) => draw(),
            Part::CardMenu(board, card, open) => card_menu::menu(board, card, open),
            Part::Suggestions(list, id, label, pick) => suggest::lines(list, id, label, pick),
            Part::Toasts(board) => toasts::list(board),
            Part::Palette => palette::palette(),
            Part::Keys => dialog::keys(),
        }
    }
}

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct Over(RwSignal<Option<Part>>);

impl Over {
    pub(crate) fn open(self, part: Part) {
        self.0.set(Some(part));
    }

    /// Closes the dialog, which then says that it is gone: only so does the browser give the focus back.
    pub(crate) fn close(self) {
        if !self.is_open() {
            return;
        }
        let dialog = document().query_selector("dialog[open]").ok().flatten();
        match dialog.and_then(|dialog| dialog.dyn_into::<web_sys::HtmlDialogElement>().ok()) {
            Some(dialog) => dialog.close(),
            None => self.gone(),
        }
    }

    /// Said by a dialog that has closed.
    pub(crate) fn gone(self) {
        self.0.set(None);
    }

    /// Whether something lies over the page just now.
    pub(crate) fn is_open(self) -> bool {
        self.0.with_untracked(Option::is_some)
    }
}

/// What lies over the page that asks.
pub(crate) fn over() -> Over {
    use_context().unwrap_or_else(|| Over(RwSignal::new(None)))
}

/// Where it is drawn. Another page takes it away.
#[component]
pub(crate) fn Layer() -> impl IntoView {
    let over = over();
    let path = use_location().pathname;
    effect(move || {
        path.track();
        over.close();
    });
    move || over.0.get().map(pieces::part)
}

/// Makes the layer known to all that is rendered below.
pub(crate) fn provide() {
    provide_context(Over(RwSignal::new(None)));
}
