//! What a hand does on the pipeline page, for the module that comes later: the first load knows how
//! to say it, not how it is done.

use super::{
    board::{Board, Row},
    choose::{self, Start},
    keys, link, pieces,
};
use crate::{
    clock::Clock,
    components::{
        menu,
        pipeline::{
            link_button::HandOut,
            suggest::List,
            suggestions::{self, TagsAsked},
            tag_box::Asking,
        },
    },
    pages::later::Unfetched,
};
use futures::FutureExt;
use leptos::{prelude::*, reactive::computed::ScopedFuture, task::spawn_local};
use types::{ApiError, Digest, Name, Version};
use web_sys::HtmlElement;

/// See the module.
pub(crate) enum Act {
    Choose(Board, Row, Version),
    Clear(Board, Row),
    Run(Start, Vec<Row>),
    /// Puts the versions of the page's address before the stored ones.
    ShowLink(Board, Vec<String>),
    HandOut(HandOut),
    /// A key of the page.
    Press(Board, String),
    /// To the next line of a menu, or to the one before.
    Step(HtmlElement, bool),
    /// The newest tags of a repository, for the question of that number.
    Tags(Asking, TagsAsked, u32),
    /// The newest successful runs of a build.
    Runs(List, Name, Option<Digest>, Clock),
}

impl Act {
    /// Called by the later module alone, so that all of it is cut off with it.
    pub(super) fn done(self) {
        match self {
            Act::Choose(board, row, version) => choose::choose_now(board, row, version),
            Act::Clear(board, row) => choose::clear_now(board, row),
            Act::Run(start, rows) => start.rows_now(&rows),
            Act::ShowLink(board, versions) => link::show(board, &versions),
            Act::HandOut(link) => link.now(),
            Act::Press(board, key) => keys::press(board, &key),
            Act::Step(lines, down) => menu::step(&lines, down),
            Act::Tags(asking, asked, turn) => asking.ask(asked, turn),
            Act::Runs(list, build, deployed, clock) => suggestions::show_runs(list, build, deployed, clock),
        }
    }

    /// Where it is said that it cannot be done.
    fn error(&self) -> Option<RwSignal<Option<ApiError>>> {
        match self {
            Act::Choose(_, row, _) | Act::Clear(_, row) => Some(row.error),
            Act::Run(start, _) => Some(start.error),
            Act::HandOut(link) => Some(link.start.error),
            Act::ShowLink(..) | Act::Press(..) | Act::Step(..) | Act::Tags(..) | Act::Runs(..) => None,
        }
    }
}

/// Does it: at once where the module is there, else as soon as it is.
pub(crate) fn act(act: Act) {
    let error = act.error();
    let mut doing = Box::pin(ScopedFuture::new_untracked(pieces::perform(act)));
    match doing.as_mut().now_or_never() {
        Some(done) => refuse(done, error),
        None => spawn_local(async move { refuse(doing.await, error) }),
    }
}

fn refuse(done: Result<(), Unfetched>, error: Option<RwSignal<Option<ApiError>>>) {
    let Err(unfetched) = done else { return };
    match error {
        Some(error) => drop(error.try_set(Some(unfetched.into()))),
        None => leptos::logging::warn!("a part of the page did not come"),
    }
}
