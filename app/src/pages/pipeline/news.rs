//! What the map's socket tells, taken over into the page.

use super::board::Board;
use crate::{
    api::maps::map_tasks,
    live::{Liveness, map_feed::follow_map, map_frame::MapNews},
};
use leptos::{prelude::*, task::spawn_local};
use types::Name;

/// Takes over what the socket tells; reads the page again where that is not enough.
pub(super) fn follow(board: Board, map: Name, seq: String, liveness: RwSignal<Liveness>) {
    // The reader may have left the page before this code came.
    if board.cards.try_get_untracked().is_none() {
        return;
    }
    let reading = StoredValue::new(false);
    let again = map.clone();
    let on_news = move |news| {
        if !take(board, news) || reading.get_value() {
            return;
        }
        reading.set_value(true);
        let map = again.clone();
        spawn_local(async move {
            match map_tasks(map).await {
                Ok(tasks) => board.replace(tasks),
                Err(error) => leptos::logging::warn!("{error}"),
            }
            reading.set_value(false);
        });
    };
    follow_map(map, seq, liveness, Box::new(on_news));
}

/// Takes over what a frame says; true where the page has to be read again.
fn take(board: Board, news: MapNews) -> bool {
    match news {
        MapNews::Task(task) => return !board.update_task(*task),
        MapNews::Workload(workload) => board.put(*workload),
        MapNews::Run(run) => board.take_run(*run),
        MapNews::Cluster(cluster) => board.cluster.set(cluster),
        MapNews::Removed(removed) => {
            board.cards.update(|cards| cards.retain(|card| card.key() != removed.workload));
        }
        MapNews::Resync => return true,
    }
    false
}
