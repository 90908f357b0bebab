//! What was read of a map, kept as it is now: any news of the map means that it is read again.

use super::{Liveness, map_feed::use_map_feed, map_frame::MapNews, wait};
use crate::api::Answer;
use leptos::{prelude::*, task::spawn_local};
use std::{pin::Pin, time::Duration};
use types::Name;

/// Between two readings: a rollout brings many news at once.
const PAUSE: Duration = Duration::from_millis(300);

/// A `seq` that is none of the server's: it answers that all may have changed.
const NO_SEQ: &str = "none";

/// A question to the server.
pub(crate) type Reading<T> = Pin<Box<dyn Future<Output = Answer<T>>>>;

/// Begins with what the page was rendered with, which may be old by the time the browser listens: the first thing
/// that is done is to read it again.
pub(crate) fn keep<T>(
    first: T,
    map: Name,
    read: impl Fn() -> Reading<T> + Send + Sync + 'static,
) -> (Signal<T>, Signal<Liveness>)
where
    T: PartialEq + Send + Sync + 'static,
{
    let (shown, read) = (RwSignal::new(first), StoredValue::new(read));
    // One reading at a time; what changes meanwhile is read once more afterwards.
    let (reading, again) = (StoredValue::new(false), StoredValue::new(false));
    let look = move || {
        if reading.get_value() {
            return again.set_value(true);
        }
        reading.set_value(true);
        spawn_local(async move {
            while take(shown, read.try_with_value(|read| read())).await && again.try_get_value() == Some(true) {
                again.set_value(false);
                wait(PAUSE).await;
            }
            reading.try_set_value(false);
        });
    };
    let liveness = use_map_feed(map, NO_SEQ.to_owned(), move |news| match news {
        MapNews::Task(_) | MapNews::Workload(_) | MapNews::Run(_) | MapNews::Removed(_) | MapNews::Resync => look(),
        MapNews::Cluster(_) => {}
    });
    (shown.into(), liveness)
}

/// Shows what was read if it is something else; false where the page has gone.
async fn take<T: PartialEq + Send + Sync + 'static>(shown: RwSignal<T>, asked: Option<Reading<T>>) -> bool {
    let Some(asked) = asked else { return false };
    match asked.await {
        Ok(now) if shown.try_with_untracked(|known| *known != now) == Some(true) => {
            shown.try_set(now);
        }
        Ok(_) => {}
        Err(error) => leptos::logging::warn!("{error}"),
    }
    !shown.is_disposed()
}
