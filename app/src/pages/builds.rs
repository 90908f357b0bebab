//! Builds: how each stands, and Run.

use crate::reactive::effect;
use crate::{
    api::builds::{builds, cancel_build_run, delete_build, start_build_run},
    api::read::read,
    components::{
        any::view,
        awaited::awaited,
        build::{menu::BuildMenu, spark::spark},
        icon::icon,
        pipeline::{shout, squares},
        problem::error_line,
        state::{self, state},
        time::ago,
    },
    format::{self, split_repository},
    text,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use std::time::Duration;
use types::{
    ApiError, ErrorCode, Name,
    build::BuildSummary,
    build_run::{BuildRunStatus, NewBuildRun},
    task::BuildRunBrief,
};

/// The list has no stream of its own: it is read again while something runs.
const AGAIN: Duration = Duration::from_secs(2);

/// See the module.
#[component]
pub(crate) fn Builds() -> impl IntoView {
    let list = read(|| (), |()| builds());
    let running = StoredValue::new(false);
    effect(move || {
        let tick = move || {
            if running.get_value() {
                list.refetch();
            }
        };
        if let Ok(handle) = set_interval_with_handle(tick, AGAIN) {
            on_cleanup(move || handle.clear());
        }
    });
    let find = RwSignal::new(String::new());
    view! {
        <Title text=text::builds()/>
        <header class="page-head"><h1>{text::builds()}</h1></header>
        <div class="row action-bar" role="toolbar" aria-label=text::filter_and_create()>
            <div class="find">
                {icon("search")}
                <input class="input" type="search" placeholder=text::filter() aria-label=text::filter_builds_by() on:input=move |event| find.set(event_target_value(&event))/>
            </div>
            <div class="row push action-bar-end"><a class="button button-primary" href="/builds/new">{icon("plus")}{text::new_build()}</a></div>
        </div>
        {awaited(list, move |builds| {
            running.set_value(builds.iter().any(is_running));
            table(builds, find, Callback::new(move |()| list.refetch()))
        })}
    }
}

fn is_running(build: &BuildSummary) -> bool {
    build.newest_run.as_ref().is_some_and(|run| !run.status.is_final())
}

fn table(builds: Vec<BuildSummary>, find: RwSignal<String>, again: Callback<()>) -> AnyView {
    if builds.is_empty() {
        return view! { <p class="sub empty">{text::no_builds_yet()}</p> };
    }
    let lines = builds.into_iter().map(|build| view! { <Line of=build find again/> }).collect_view();
    view! {
        <div class="card table-wrap">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{text::build_column()}</th>
                        <th scope="col" class="fill">{text::image()}</th>
                        <th scope="col">{text::status()}</th>
                        <th scope="col">{text::last_run()}</th>
                        <th scope="col" class="number">{text::duration()}</th>
                        <th scope="col">{text::last_runs()}</th>
                        <th scope="col" class="number">{text::size()}</th>
                        <th scope="col"><span class="hidden-text">{text::actions()}</span></th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Line(of: BuildSummary, find: RwSignal<String>, again: Callback<()>) -> impl IntoView {
    let build = of;
    let error = RwSignal::new(None::<ApiError>);
    let words = format!("{} {}", build.name, build.image).to_lowercase();
    let hidden = move || find.with(|find| !words.contains(&find.trim().to_lowercase()));
    let name = build.name.clone();
    let delete = Callback::new({
        let name = name.clone();
        move |()| act(delete_build(name.clone()), error, again)
    });
    let log = build.newest_run.as_ref().map(|run| format!("/builds/{name}/runs/{}/log", run.number));
    let (start, end) = split_repository(&build.image);
    let tag = build.newest_run.as_ref().map(|run| run.tag.clone());
    let newest = build.durations.last().map(|run| format::duration(run.duration_ms));
    view! {
        <tr hidden=hidden>
            <th scope="row"><a class="strong" href=format!("/builds/{name}/edit")>{name.to_string()}</a><div class="sub">{build.description.clone()}</div></th>
            <td class="fill">
                <div class="image" title=build.image.clone()><span class="clip">{start}</span><span class="clip">{end}</span></div>
                <code>{tag}</code>
            </td>
            <td>{status(&build, log.clone())}{move || error_line(error.get())}</td>
            <td>{build.last_run_at.map(ago)}</td>
            <td class="number">{newest}</td>
            <td>{spark(&build.durations)}</td>
            <td class="number">{build.size_bytes.map(format::size)}</td>
            <td class="row-actions">
                <span class="row">
                    {run_button(&build, error, again)}
                    <BuildMenu name=name.to_string() log on_delete=delete/>
                </span>
            </td>
        </tr>
    }
}

/// `RUNNING 2/6` with a square per step; `6 steps` where nothing runs.
fn status(build: &BuildSummary, log: Option<String>) -> AnyView {
    let Some(run) = &build.newest_run else {
        return view! { <span class="sub">{text::never_built()}</span><div class="sub">{text::steps_of(build.steps)}</div> };
    };
    let words = shout(run.status, &run.progress);
    let second = match steps_done(run) {
        Some((done, all)) => squares(done, all),
        None => text::steps_of(build.steps).into_any(),
    };
    view! { <a class="strong" href=log>{state(state::of_build_run(run.status), words)}</a><div class="sub row">{second}</div> }
}

/// Steps that are done, and all, while a run is on.
fn steps_done(run: &BuildRunBrief) -> Option<(u32, u32)> {
    let (begun, all) = run.progress.split_once('/')?;
    let (begun, all): (u32, u32) = (begun.parse().ok()?, all.parse().ok()?);
    (run.status == BuildRunStatus::Running).then_some((begun.saturating_sub(1), all))
}

/// Run, or Cancel while a run is on.
fn run_button(build: &BuildSummary, error: RwSignal<Option<ApiError>>, again: Callback<()>) -> AnyView {
    let name = build.name.clone();
    match build.newest_run.as_ref().filter(|run| !run.status.is_final()) {
        Some(run) => {
            let number = run.number;
            let cancel = move |_| act(cancel_build_run(name.clone(), number), error, again);
            view! { <button class="button" type="button" on:click=cancel>{icon("stopped")}{text::cancel()}</button> }
        }
        None => view! { <RunBuild name error again/> },
    }
}

/// Run; where tags are typed, the server asks for one and the row gets a box for it.
#[component]
fn RunBuild(name: Name, error: RwSignal<Option<ApiError>>, again: Callback<()>) -> impl IntoView {
    let tag = RwSignal::new(String::new());
    let needs_tag = move || {
        error.with(|error| {
            error.as_ref().is_some_and(|error| matches!(error.code, ErrorCode::TagRequired | ErrorCode::TagTaken))
        })
    };
    let run = move |_| {
        let new =
            NewBuildRun { tag: Some(tag.get_untracked()).filter(|tag| !tag.is_empty()), ..NewBuildRun::default() };
        act(start_build_run(name.clone(), new), error, again);
    };
    view! {
        {move || needs_tag().then(|| view! {
            <input class="input input-code" placeholder=text::tag() aria-label=text::tag_of_the_new_image() on:input=move |event| tag.set(event_target_value(&event))/>
        })}
        <button class="button" type="button" on:click=run>{icon("play")}{text::run()}</button>
    }
}

fn act<T: 'static>(
    answer: impl Future<Output = crate::api::Answer<T>> + 'static,
    error: RwSignal<Option<ApiError>>,
    again: Callback<()>,
) {
    spawn_local(async move {
        match answer.await {
            Ok(_) => {
                error.set(None);
                again.run(());
            }
            Err(refusal) => error.set(Some(refusal)),
        }
    });
}
