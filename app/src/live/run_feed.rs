//! A run as it changes, and what is done about it after it has ended.

use super::{Liveness, map_feed::use_map_feed, map_frame::MapNews};
use crate::api::runs::run;
use leptos::{prelude::*, task::spawn_local};
use types::run::Run;

/// Follows a run for as long as its page is open.
pub(crate) fn use_run_feed(first: &Run) -> (Signal<Run>, Signal<Liveness>) {
    let (id, shown) = (first.id, RwSignal::new(first.clone()));
    // Counts what was told, so that an answer that is older than the last of it is dropped.
    let told = StoredValue::new(0_u32);
    let read = move || {
        let before = told.get_value();
        spawn_local(async move {
            match run(id).await {
                Ok(now) if told.try_get_value() == Some(before) => {
                    shown.try_set(now);
                }
                Ok(_) => {}
                Err(error) => leptos::logging::warn!("{error}"),
            }
        });
    };
    // No `seq` is any that the server knows: it answers that all may have changed, and so it may have.
    let liveness = use_map_feed(first.map.clone(), String::new(), move |news| match news {
        MapNews::Run(run) if run.id == id => {
            told.update_value(|told| *told += 1);
            shown.set(*run);
        }
        MapNews::Resync => read(),
        MapNews::Run(_) | MapNews::Task(_) | MapNews::Workload(_) | MapNews::Cluster(_) | MapNews::Removed(_) => {}
    });
    let liveness = move || match shown.with(|run| run.status.is_settled()) {
        true => Liveness::Over,
        false => liveness.get(),
    };
    (shown.into(), Signal::derive(liveness))
}
