//! The steps beside the log: state, name, duration; a click leads to their first line.

use super::viewer::Viewer;
use crate::{
    clock::clock,
    components::{any::view, state},
    format, text,
};
use leptos::prelude::*;
use types::build_run::{StepRun, StepStatus};

/// See the module; nothing where a log has no steps.
#[component]
pub(crate) fn StepList(viewer: Viewer) -> impl IntoView {
    let line = move |step: StepRun| {
        let first = step.first_line;
        let href = first.map(|first| format!("#L{first}"));
        let go = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            if let Some(first) = first {
                viewer.go_to(first);
            }
        };
        let time = match (step.status, step.duration_ms, step.started_at) {
            (StepStatus::Skipped, _, _) => text::off().into_any(),
            (_, Some(ms), _) => format::duration(ms).into_any(),
            (_, None, Some(since)) => {
                let usual = step.usual_ms.map(|ms| text::of_usual(&format::duration(ms)));
                view! { {move || clock().elapsed(since)}{usual} }
            }
            (_, None, None) => ().into_any(),
        };
        view! {
            <li>
                <a class="row nav-link" href=href aria-disabled=first.is_none().then_some("true") on:click=go>
                    {state::bare_state(state::of_step(step.status), text::step_status(step.status).to_owned())}
                    <span class="clip" title=step.name.clone()>{step.name.clone()}</span>
                    <span class="sub push">{time}</span>
                </a>
            </li>
        }
    };
    view! {
        <nav class="log-steps wide-only" aria-label=text::steps()>
            <ol>{move || viewer.steps.get().into_iter().map(line).collect_view()}</ol>
        </nav>
    }
}
