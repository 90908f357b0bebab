//! The bar above the log.

use super::viewer::{Times, Viewer};
use crate::{
    components::{any::view, copy::copy, icon::icon, live_mark::LiveMark},
    live::Liveness,
    text,
};
use leptos::prelude::*;

/// See the module.
#[component]
pub(crate) fn Tools(viewer: Viewer, liveness: Signal<Liveness>) -> impl IntoView {
    let change = move |event| {
        viewer.times.set(match event_target_value(&event).as_str() {
            "start" => Times::SinceStart,
            "off" => Times::Off,
            _ => Times::Clock,
        });
    };
    let copy_link = move |_| copy(window().location().href().unwrap_or_default());
    let marked = move || {
        viewer.mark.get().map(|mark| {
            view! {
                <button class="filter" type="button" aria-pressed="true" title=text::copy_link() on:click=copy_link>
                    {icon("link")}{text::lines_marked(mark.first, mark.last)}
                </button>
            }
        })
    };
    let failed = move || {
        viewer.failure().map(|_| {
            view! {
                <button class="filter" type="button" data-state="bad" aria-keyshortcuts="e" on:click=move |_| viewer.show_failure()>
                    {icon("failed")}{text::failed_step()}<kbd>"E"</kbd>
                </button>
            }
        })
    };
    let follow = move || {
        (!viewer.complete.get()).then(|| {
            let pressed = move || viewer.following.get().to_string();
            view! {
                <button class="filter" type="button" aria-pressed=pressed on:click=move |_| viewer.follow()>
                    {icon("end")}{text::follow()}
                </button>
            }
        })
    };
    view! {
        <div class="row action-bar log-tools" role="toolbar" aria-label=text::log()>
            <span class="sub">{move || text::lines(viewer.total.get())}</span>
            <div class="filters">{failed}{marked}</div>
            <div class="row push">
                <select class="select log-times wide-only" aria-label=text::time_stamps() on:change=change>
                    <option value="clock">{text::clock_time()}</option>
                    <option value="start">{text::since_start()}</option>
                    <option value="off">{text::no_times()}</option>
                </select>
                {follow}
                <LiveMark liveness/>
            </div>
        </div>
    }
}
