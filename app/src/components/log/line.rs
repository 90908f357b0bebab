//! One row of the log: the head of a section, or a line with its number, time and text.

use super::{
    rows::At,
    viewer::{Times, Viewer},
};
use crate::reactive::memo;
use crate::{
    ansi,
    clock::clock,
    components::{any::view, icon::small_icon, state},
    format, text,
};
use leptos::{ev::MouseEvent, prelude::*};
use types::{build_run::StepRun, log::LogLine};

pub(crate) fn row(viewer: Viewer, at: At) -> AnyView {
    match at {
        At::Head(step) => head(viewer, step),
        At::Line(n) => line(viewer, n),
    }
}

fn line(viewer: Viewer, n: u64) -> AnyView {
    let held = memo(move || viewer.line(n));
    let marked = move || viewer.mark.get().is_some_and(|mark| mark.holds(n)).then_some("");
    let choose = move |event: MouseEvent| {
        event.prevent_default();
        viewer.choose(n, event.shift_key());
    };
    let stream = move || held.with(|line| line.as_ref().map(|line| line.stream.as_str()));
    view! {
        <li id=format!("L{n}") data-marked=marked data-stream=stream>
            <a href=format!("#L{n}") on:click=choose>{n}</a>
            {move || held.with(|line| line.as_ref().map(|line| time(viewer, line)))}
            <code>{move || held.with(|line| line.as_ref().map(|line| spans(&line.text)))}</code>
        </li>
    }
}

fn time(viewer: Viewer, line: &LogLine) -> AnyView {
    let at = line.at;
    let words = move || match (viewer.times.get(), viewer.started_at) {
        (Times::SinceStart, Some(start)) => format!("+{}", format::duration(at.since_ms(start))),
        (Times::Clock | Times::SinceStart, _) => clock().stamp(at),
        (Times::Off, _) => String::new(),
    };
    view! { <time>{words}</time> }
}

fn spans(line: &str) -> AnyView {
    let span = |span: ansi::Span| match (span.link, span.class.is_empty()) {
        (true, _) => view! {
            <a class=span.class href=span.text.clone() target="_blank" rel="noopener noreferrer nofollow">{span.text.clone()}</a>
        },
        (false, false) => view! { <span class=span.class>{span.text}</span> },
        (false, true) => span.text.into_any(),
    };
    ansi::spans(line).into_iter().map(span).collect_view().into_any()
}

/// Number, name, state, lines and duration of a step; folds its lines.
fn head(viewer: Viewer, index: u32) -> AnyView {
    let step = memo(move || viewer.steps.with(|steps| steps.iter().find(|step| step.index == index).cloned()));
    let folded = move || viewer.is_folded(index);
    view! {
        <li class="log-head">
            <button class="row" type="button" aria-expanded=move || (!folded()).to_string() on:click=move |_| viewer.fold(index)>
                {move || small_icon(if folded() { "right" } else { "down" })}
                {move || step.get().map(step_words)}
            </button>
        </li>
    }
}

fn step_words(step: StepRun) -> AnyView {
    let look = state::of_step(step.status);
    let lines = step.first_line.zip(step.last_line).map(|(first, last)| text::lines_from_to(first, last));
    let failure = step.failure.map(|failure| view! { <span class="clip log-failure">{failure.message}</span> });
    view! {
        {state::bare_state(look, text::step_status(step.status).to_owned())}
        <span class="strong clip">{format!("{} {}", step.index + 1, step.name)}</span>
        {failure}
        <span class="sub push">{lines}</span>
        <span class="sub">{step.duration_ms.map(format::duration)}</span>
    }
}
