//! A run as it changes.
//!
//! Any event of the run's stream means that it has changed; the page then reads it whole, so that
//! what it shows never depends on having seen every event.

use super::Liveness;
use crate::{
    api::{Answer, runs::run},
    clock::clock,
};
use leptos::{prelude::*, task::spawn_local};
use types::run::Run;
use uuid::Uuid;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::EventSource;

/// The names of events that mean a change.
const CHANGES: [&str; 5] = ["run", "item", "phase", "trouble", "end"];

/// Follows a run until it is settled.
pub(crate) fn use_run_feed(first: &Run) -> (Signal<Run>, Signal<Liveness>) {
    let shown = RwSignal::new(first.clone());
    let settled = first.status.is_settled();
    let liveness = RwSignal::new(if settled { Liveness::Over } else { Liveness::Connecting });
    let id = first.id;
    Effect::new(move |_| {
        if !settled {
            open(id, shown, liveness);
        }
    });
    (shown.into(), liveness.into())
}

fn open(id: Uuid, shown: RwSignal<Run>, liveness: RwSignal<Liveness>) {
    let Ok(source) = EventSource::new(&format!("/api/v1/runs/{id}/events")) else { return };
    let clock = clock();
    // One reading at a time; what changes meanwhile is read once more afterwards.
    let reading = StoredValue::new(false);
    let again = StoredValue::new(false);
    let stop = source.clone();
    let read = move || {
        if reading.get_value() {
            return again.set_value(true);
        }
        reading.set_value(true);
        let stop = stop.clone();
        spawn_local(async move {
            while take(run(id).await, shown, liveness, &stop) && again.get_value() {
                again.set_value(false);
            }
            reading.set_value(false);
        });
    };
    let on_change = Closure::<dyn Fn()>::new(read);
    let on_open = Closure::<dyn Fn()>::new(move || liveness.set(Liveness::Live));
    let on_error = Closure::<dyn Fn()>::new(move || {
        if liveness.get_untracked() != Liveness::Over {
            liveness.set(Liveness::Stale { since: clock.now() });
        }
    });
    for name in CHANGES {
        if source.add_event_listener_with_callback(name, on_change.as_ref().unchecked_ref()).is_err() {
            leptos::logging::warn!("the browser does not listen to {name}");
        }
    }
    source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    let open = StoredValue::new_local((source, on_change, on_open, on_error));
    on_cleanup(move || open.with_value(|(source, ..)| source.close()));
}

/// Shows what was read; says whether more may follow.
fn take(read: Answer<Run>, shown: RwSignal<Run>, liveness: RwSignal<Liveness>, source: &EventSource) -> bool {
    let Ok(run) = read else { return false };
    let settled = run.status.is_settled();
    shown.set(run);
    if settled {
        liveness.set(Liveness::Over);
        source.close();
    }
    !settled
}
