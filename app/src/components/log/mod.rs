//! The log viewer: only the lines that are seen are in the page, however many there are.

mod line;
mod lines;
mod mark;
mod rows;
mod scroll;
mod steps;
mod tools;
mod viewer;

pub(crate) use steps::StepList;
pub(crate) use tools::Tools;
pub(crate) use viewer::{Opened, Viewer};

use crate::{
    components::{any::view, icon::icon},
    text,
};
use leptos::{ev::KeyboardEvent, prelude::*};

/// The lines and what goes with them.
#[component]
pub(crate) fn Lines(viewer: Viewer, label: String) -> impl IntoView {
    viewer.start();
    let keys = move |event: KeyboardEvent| match event.key().as_str() {
        "e" => viewer.show_failure(),
        "End" => viewer.follow(),
        _ => {}
    };
    view! {
        <div class="log-box card">
            <div
                class="log"
                role="log"
                aria-label=label
                aria-live="off"
                tabindex="0"
                node_ref=viewer.port
                on:scroll=move |_| viewer.scrolled()
                on:keydown=keys
            >
                <div class="log-space" node_ref=viewer.space>
                    <ol class="log-lines" node_ref=viewer.window>
                        <For
                            each=move || viewer.shown.get()
                            key=|(_, at)| *at
                            children=move |(_, at)| line::row(viewer, at)
                        />
                    </ol>
                </div>
                {move || (viewer.total.get() == 0).then(|| view! { <p class="sub log-empty">{text::no_lines_yet()}</p> })}
            </div>
            <Notices viewer/>
        </div>
    }
}

/// What lies over the lines: how many are new below, and that a marked line is not there.
#[component]
fn Notices(viewer: Viewer) -> impl IntoView {
    let new = move || viewer.new_lines();
    view! {
        <div class="log-follow">
            {move || {
                (new() > 0).then(|| view! {
                    <button class="button button-primary" type="button" on:click=move |_| viewer.follow()>
                        {move || text::new_lines(new())}{icon("end")}
                    </button>
                })
            }}
        </div>
        {move || viewer.notice.get().map(|words| view! { <p class="log-notice sub" role="status">{words}</p> })}
    }
}
