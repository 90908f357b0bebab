//! Why the last run of a task failed: cause, evidence, what now, and the way back beside it.

use crate::reactive::memo;
use crate::{
    components::{
        any::{live, view},
        failure::{Cause, failure},
        icon::icon,
        over::{Part, Place},
        time::ago,
    },
    pages::pipeline::{board::Row, choose::Start, filter::is_rolling, pieces},
    text,
};
use leptos::prelude::*;
use types::{Version, task::LastFailure};

/// See the module; nothing while the task is well or a run has it in hand.
#[component]
pub(crate) fn FailureCard(start: Start, row: Row) -> impl IntoView {
    let failed = memo(move || row.task.with(|task| task.last_failure.is_some()) && !is_rolling(row));
    live(move || failed.get().then(|| pieces::failure(start, row)))
}

/// Called by the later module alone.
pub(crate) fn card(start: Start, row: Row) -> AnyView {
    let last = memo(move || row.task.with(|task| task.last_failure.clone()));
    live(move || last.get().filter(|_| !is_rolling(row)).map(|last| one(start, row, last)))
}

fn one(start: Start, row: Row, last: LastFailure) -> AnyView {
    let LastFailure { run, item, at, failure: why, from_tag, to_tag } = last;
    let retry = to_tag.map(|tag| {
        let words = text::retry(&tag);
        let go = move |_| start.version(row, Version::Tag(tag.clone()));
        view! {
            <button class="button" type="button" aria-disabled=move || start.press.is_busy().then_some("true") on:click=go>
                {icon("retry")}{words}
            </button>
        }
    });
    let place = Place { map: start.board.map.get_value(), task: row.id() };
    let actions = view! {
        <div class="way-back">{pieces::part(Part::WayBack(place, from_tag))}</div>
        {retry}
        <a class="button" href=format!("/runs/{run}/items/{item}/log")>{icon("lines")}{text::open_log()}</a>
    };
    let when = at.map(|at| view! { <a class="sub" href=format!("/runs/{run}")>{ago(at)}</a> });
    let container = row.task.with_untracked(|task| task.container.clone());
    failure(Cause { of: container, failure: why, when }, Some(actions.into_any()))
}
