//! What keeps an open page alive: the news of its map, which cards are near the window, and what is
//! read again.
//!
//! A module of its own, fetched as soon as the page has been taken over, or before, where a run has a
//! task in hand (`pieces.rs`).

use super::{board::Board, news};
use crate::{
    api::{self, Answer, session},
    components::{pipeline::shelf, sidebar::leave},
    live::{Liveness, wait},
    pages::later::{TRY_AGAIN, later},
};
use leptos::{prelude::*, reactive::computed::ScopedFuture, task::spawn_local};
use std::pin::Pin;
use types::{
    Name,
    map::{MapSummary, ServiceMap},
    task::MapTasks,
};
use web_sys::HtmlElement;

/// What the module is sent to do.
#[derive(Clone)]
pub(crate) enum Errand {
    /// Follows the map as long as there is what asks for it.
    News {
        board: Board,
        map: Name,
        seq: String,
        liveness: RwSignal<Liveness>,
    },
    /// Whether a card's place is near the window.
    Card(HtmlElement, RwSignal<bool>),
    SignOut,
}

later! {
    fn run in live, fetched by fetch_run(errand: Errand) -> () {
        match errand {
            Errand::News { board, map, seq, liveness } => news::follow(board, map, seq, liveness),
            Errand::Card(place, drawn) => shelf::watch(place, drawn),
            Errand::SignOut => sign_out(),
        }
    }
}

/// Sends the module, as often as it takes until it has come.
pub(crate) fn send(errand: Errand) {
    spawn_local(ScopedFuture::new_untracked(async move {
        while run(errand.clone()).await.is_err() {
            leptos::logging::warn!("a part of the page did not come; it is fetched again");
            wait(TRY_AGAIN).await;
        }
    }));
}

fn sign_out() {
    spawn_local(async {
        match session::sign_out().await {
            Ok(()) => leave("/sign-in"),
            Err(error) => leptos::logging::warn!("{error}"),
        }
    });
}

type Reading<T> = Pin<Box<dyn Future<Output = Answer<T>> + Send>>;

later! {
    fn read_maps in live, fetched by fetch_maps() -> Reading<Vec<MapSummary>> { Box::pin(api::maps::maps()) }
}

later! {
    fn read_map in live, fetched by fetch_map(name: Name) -> Reading<(ServiceMap, MapTasks)> {
        Box::pin(async move {
            // Two questions at once: neither needs the other's answer.
            let (map, tasks) = futures::join!(api::maps::map(name.clone()), api::maps::map_tasks(name));
            Ok((map?, tasks?))
        })
    }
}

/// The first load has what the server read; it knows by itself how to read no more than that.
pub(crate) async fn maps() -> Answer<Vec<MapSummary>> {
    read_maps().await?.await
}

/// A map and its tasks; see `maps`.
pub(crate) async fn map(name: Name) -> Answer<(ServiceMap, MapTasks)> {
    read_map(name).await?.await
}
