//! The runs of a build, newest first.

use crate::{
    api::builds::{build_runs, start_build_run},
    api::read::read,
    clock::clock,
    components::{
        any::view,
        awaited::awaited,
        build::{
            editor::tabs,
            run_dialog::{self, Begun},
        },
        icon::icon,
        over::{Part, over},
        problem::error_line,
        time::ago,
    },
    format,
    pages::{log::build_state, params::name_param},
    text,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::{use_navigate, use_query_map};
use std::sync::Arc;
use types::{
    ApiError, ErrorCode, Page,
    build_run::{BuildRun, NewBuildRun},
};

/// See the module.
#[component]
pub(crate) fn BuildRuns() -> impl IntoView {
    let (build, query) = (name_param("build"), use_query_map());
    let cursor = move || query.with(|query| query.get("cursor"));
    let page = read(move || (build.get(), cursor()), |(build, cursor)| async move { build_runs(build?, cursor).await });
    let name = move || build.get().map(|build| build.to_string()).unwrap_or_default();
    let error = RwSignal::new(None::<ApiError>);
    let navigate = StoredValue::new(use_navigate());
    let over = over();
    let ask = move |begun: Begun| {
        let Ok(build) = build.get_untracked() else { return };
        over.open(Part::Own(Arc::new(move || run_dialog::dialog(build.clone(), begun.clone()))));
    };
    let run = move |_| {
        let Ok(build) = build.get_untracked() else { return };
        spawn_local(async move {
            match start_build_run(build.clone(), NewBuildRun::default()).await {
                Ok(run) => navigate.with_value(|navigate| {
                    navigate(&format!("/builds/{build}/runs/{}/log", run.number), Default::default());
                }),
                // What it needs is asked for.
                Err(refused) if matches!(refused.code, ErrorCode::Invalid | ErrorCode::TagRequired) => {
                    ask(Begun { refused: Some(refused), again: None });
                }
                Err(refusal) => error.set(Some(refusal)),
            }
        });
    };
    view! {
        <Title text=move || text::runs_of(&name())/>
        <header class="page-head">
            <div class="row"><a class="crumb" href="/builds">{text::builds()}</a><h1>{name}</h1></div>
            {move || tabs(&name(), "runs")}
            <div class="row push">
                <button class="button" type="button" on:click=move |_| ask(Begun::default())>{text::run_dots()}</button>
                <button class="button button-primary" type="button" on:click=run>{icon("play")}{text::run()}</button>
            </div>
        </header>
        {move || error_line(error.get())}
        {awaited(page, table)}
    }
}

fn table(page: Page<BuildRun>) -> AnyView {
    let Page { items, next_cursor } = page;
    if items.is_empty() {
        return view! { <p class="sub empty">{text::never_built()}</p> };
    }
    let next = next_cursor.map(|cursor| {
        view! { <p class="row more"><a class="button" href=format!("?cursor={cursor}")>{text::older()}</a></p> }
    });
    view! {
        <div class="card table-wrap">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{text::run()}</th>
                        <th scope="col">{text::status()}</th>
                        <th scope="col" class="fill">{text::tag()}</th>
                        <th scope="col">{text::commit()}</th>
                        <th scope="col">{text::started()}</th>
                        <th scope="col" class="number">{text::duration()}</th>
                        <th scope="col" class="number">{text::size()}</th>
                        <th scope="col"><span class="hidden-text">{text::log()}</span></th>
                    </tr>
                </thead>
                <tbody>{items.into_iter().map(line).collect_view()}</tbody>
            </table>
        </div>
        {next}
    }
}

fn line(run: BuildRun) -> AnyView {
    let address = format!("/builds/{}/runs/{}", run.build, run.number);
    let time = match (run.duration_ms, run.started_at) {
        (Some(ms), _) => format::duration(ms).into_any(),
        (None, Some(since)) => (move || clock().elapsed(since)).into_any(),
        (None, None) => ().into_any(),
    };
    let why = run.failure.as_ref().map(|failure| failure.message.clone()).or_else(|| run.reason.clone());
    let commit = run.commit.as_ref().map(|commit| commit.chars().take(7).collect::<String>());
    let state = build_state(&run);
    view! {
        <tr>
            <th scope="row"><a class="strong" href=address.clone()>"#"{run.number}</a></th>
            <td><a href=format!("{address}/log")>{state}</a><div class="sub clip run-why" title=why.clone()>{why.clone()}</div></td>
            <td class="fill"><code class="clip">{run.tag}</code><div class="sub clip">{run.note}</div></td>
            <td><code>{commit}</code><div class="sub">{run.reference}</div></td>
            <td>{ago(run.created_at)}<div class="sub">{run.requested_by}</div></td>
            <td class="number">{time}</td>
            <td class="number">{run.size_bytes.map(format::size)}</td>
            <td><a class="button button-plain" href=format!("{address}/log")>{icon("lines")}{text::log()}</a></td>
        </tr>
    }
}
