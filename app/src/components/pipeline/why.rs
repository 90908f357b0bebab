//! The line below the chooser: an error, where the choice comes from, why it cannot run, or what is
//! known of it.

use crate::{
    components::{
        any::view,
        problem::error_line,
        state::{self, state},
        time::ago,
    },
    format,
    pages::pipeline::{
        board::{Board, Row},
        choose::choose,
        verdict::Verdict,
    },
    text,
};
use leptos::prelude::*;
use types::{TaskId, Version, task::Task};

/// Id of the line, for the controls that it explains.
pub(crate) fn why_id(task: &TaskId) -> String {
    format!("why-{}-{}-{}", task.kind, task.workload, task.container)
}

/// See the module.
#[component]
pub(crate) fn Why(board: Board, row: Row) -> impl IntoView {
    let id = why_id(&row.id());
    view! {
        <div class="row sub task-sub" id=id>
            {move || match row.error.get() {
                Some(error) => error_line(Some(error)),
                None => words(board, row),
            }}
        </div>
    }
}

fn words(board: Board, row: Row) -> AnyView {
    let Verdict { blocked_by, warnings, .. } = row.verdict.get();
    let link = row.from_link.get().map(|version| from_link(board, row, version));
    let walls = blocked_by.into_iter().map(|wall| (wall.code.as_str(), wall.message));
    let (walls, warnings): (Vec<_>, Vec<_>) =
        (walls.collect(), warnings.into_iter().map(|warned| (warned.code.as_str(), warned.message)).collect());
    let stops = !walls.is_empty();
    let all: Vec<(&'static str, String)> = walls.into_iter().chain(warnings).collect();
    if all.is_empty() {
        return view! { {link}{row.task.with(about)} }.into_any();
    }
    view! { {link}{first_of(all, stops)} }.into_any()
}

/// The first wall or warning in words; the others are counted, and all are told on hover and read out.
fn first_of(all: Vec<(&'static str, String)>, stops: bool) -> AnyView {
    let title = all.iter().map(|(_, message)| message.as_str()).collect::<Vec<_>>().join("\n");
    let more = all.len() - 1;
    let others: Vec<String> = all.iter().skip(1).map(|(code, message)| format!("{message} ({code})")).collect();
    let Some((code, message)) = all.into_iter().next() else { return ().into_any() };
    let words = match stops {
        true => message.into_any(),
        false => state(state::WARN, message),
    };
    let others = (more > 0).then(|| {
        view! { <span class="label" title=title.clone()>"+"{more}<span class="hidden-text">": "{others.join("; ")}</span></span> }
    });
    view! {
        <span class="clip" title=title.clone()>{words}</span>
        <code class="code push">{code}</code>
        {others}
    }
    .into_any()
}

/// A version from the page's address: shown, and stored only when it is taken over.
fn from_link(board: Board, row: Row, version: Version) -> AnyView {
    let take = move |_| choose(board, row, version.clone());
    view! {
        <span class="label">{text::from_link()}</span>
        <button class="text-button" type="button" on:click=take>{text::take_over()}</button>
        <button class="text-button" type="button" on:click=move |_| row.from_link.set(None)>{text::drop_it()}</button>
    }
}

/// Who chose it and when; what a build usually takes.
fn about(task: &Task) -> AnyView {
    let Some(selection) = &task.selection else { return ().into_any() };
    if let (Some(Version::Build(_)), Some(build)) = (&selection.version, &task.build) {
        let usual = build.usual_ms.map(|ms| text::usually(&format::duration(ms)));
        return view! { <span class="clip">{text::builds_and_deploys(&build.name)}{usual}</span> };
    }
    match (&selection.by, selection.at) {
        (Some(by), Some(at)) => view! { <span class="clip">{text::chosen_by(by)}" "{ago(at)}</span> },
        _ => ().into_any(),
    }
}
