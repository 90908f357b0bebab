//! The log of a build run, and of an item of a run.

use crate::{
    api::read::read,
    api::{
        builds::{build_run, cancel_build_run},
        logs::{LogOf, log_window},
        runs::run,
    },
    clock::clock,
    components::{
        any::view,
        awaited::awaited,
        icon::icon,
        log::{Lines, Opened, StepList, Tools, Viewer},
        pipeline::shout,
        problem::error_line,
        state::{self, state},
        time::moment,
    },
    format,
    live::Liveness,
    pages::params::{name_param, param},
    text,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use types::{
    ApiError,
    build_run::{BuildRun, StepStatus},
    log::LogWindow,
    run::{Item, Run},
};
use uuid::Uuid;

/// Lines that come with the page.
const FIRST: u32 = 250;

/// The log of a build run.
#[component]
pub(crate) fn BuildLog() -> impl IntoView {
    let (build, number) = (name_param("build"), param::<u32>("number"));
    let page = read(
        move || (build.get(), number.get()),
        |(build, number)| async move {
            let (build, number) = (build?, number?);
            let log = LogOf::BuildRun { build: build.clone(), number };
            let (run, window) = futures::join!(build_run(build, number), log_window(log, 1, FIRST));
            Ok((run?, window?))
        },
    );
    awaited(page, |(run, window)| view! { <OpenBuildLog run window/> })
}

#[component]
fn OpenBuildLog(run: BuildRun, window: LogWindow) -> impl IntoView {
    let (build, number) = (run.build.clone(), run.number);
    let log = LogOf::BuildRun { build: build.clone(), number };
    let raw = format!("{}.txt", log.rest_path());
    let viewer = Viewer::new(Opened { log, first: window, steps: run.steps.clone(), started_at: run.started_at });
    let shown = RwSignal::new(run);
    let again = build.clone();
    let liveness = viewer.live(move || {
        let build = again.clone();
        spawn_local(async move {
            if let Ok(run) = build_run(build, number).await {
                viewer.steps.try_set(run.steps.clone());
                shown.try_set(run);
            }
        });
    });
    let label = text::log_of(&build, number);
    view! {
        <Title text=label.clone()/>
        <BuildHead shown raw/>
        <Page viewer liveness label/>
    }
}

/// Tools, steps and lines.
#[component]
fn Page(viewer: Viewer, liveness: Signal<Liveness>, label: String) -> impl IntoView {
    view! {
        <Tools viewer liveness/>
        <div class="log-page"><StepList viewer/><Lines viewer label/></div>
    }
}

/// `Builds / web / #42 RUNNING 6/6`, its facts, raw text and Cancel.
#[component]
fn BuildHead(shown: RwSignal<BuildRun>, raw: String) -> impl IntoView {
    let (build, number) = shown.with_untracked(|run| (run.build.clone(), run.number));
    let error = RwSignal::new(None::<ApiError>);
    let name = build.clone();
    let cancel = move |_| {
        let build = build.clone();
        spawn_local(async move {
            match cancel_build_run(build, number).await {
                Ok(run) => shown.set(run),
                Err(refusal) => error.set(Some(refusal)),
            }
        });
    };
    let cancel_button = move || {
        let cancel = cancel.clone();
        (!shown.with(|run| run.status.is_final())).then(|| {
            view! { <button class="button" type="button" on:click=cancel>{icon("stopped")}{text::cancel_build()}</button> }
        })
    };
    view! {
        <header class="page-head">
            <div class="row">
                <a class="crumb" href="/builds">{text::builds()}</a>
                <a class="crumb" href=format!("/builds/{name}/runs")>{name.to_string()}</a>
                <h1><a href=format!("/builds/{name}/runs/{number}")>"#"{number}</a></h1>
                {move || shown.with(build_state)}
            </div>
            <div class="page-facts">{move || shown.with(build_facts)}</div>
            <div class="row push">
                <a class="button" rel="external" href=raw>{icon("download")}{text::raw_text()}</a>
                {cancel_button}
            </div>
        </header>
        {move || error_line(error.get())}
    }
}

pub(crate) fn build_state(run: &BuildRun) -> AnyView {
    let on = run.steps.iter().filter(|step| step.status != StepStatus::Skipped).count();
    let waits = |status| matches!(status, StepStatus::Waiting | StepStatus::Skipped);
    let begun = run.steps.iter().filter(|step| !waits(step.status)).count();
    let words = shout(run.status, &format!("{begun}/{on}"));
    view! { <span class="strong">{state(state::of_build_run(run.status), words)}</span> }
}

fn build_facts(run: &BuildRun) -> AnyView {
    let tag = run.tag.clone().map(|tag| view! { <span>{text::tag()}" "<code>{tag}</code></span> });
    let commit = run.commit.as_ref().map(|commit| {
        let short: String = commit.chars().take(7).collect();
        let reference =
            run.reference.clone().map(|reference| format!("{reference} {}", text::at())).unwrap_or_default();
        view! { <span>{reference}" "<code title=commit.clone()>{short}</code></span> }
    });
    let duration = match (run.duration_ms, run.started_at) {
        (Some(ms), _) => format::duration(ms).into_any(),
        (None, Some(since)) => (move || clock().elapsed(since)).into_any(),
        (None, None) => ().into_any(),
    };
    let reason = run.failure.as_ref().map(|failure| failure.message.clone()).or_else(|| run.reason.clone());
    view! {
        {tag}
        {commit}
        <span>{run.requested_by.clone()}", "{moment(run.created_at)}</span>
        <span>{duration}</span>
        {reason.map(|reason| view! { <span class="clip" title=reason.clone()>{reason.clone()}</span> })}
    }
}

/// The log of an item of a run.
#[component]
pub(crate) fn ItemLog() -> impl IntoView {
    let (id, n) = (param::<Uuid>("run"), param::<u32>("n"));
    let page = read(
        move || (id.get(), n.get()),
        |(id, n)| async move {
            let (id, n) = (id?, n?);
            let (run, window) = futures::join!(run(id), log_window(LogOf::Item { run: id, n }, 1, FIRST));
            Ok((run?, n, window?))
        },
    );
    awaited(page, |(run, n, window)| view! { <OpenItemLog run n window/> })
}

#[component]
fn OpenItemLog(run: Run, n: u32, window: LogWindow) -> impl IntoView {
    let id = run.id;
    let log = LogOf::Item { run: id, n };
    let raw = format!("{}.txt", log.rest_path());
    let viewer = Viewer::new(Opened { log, first: window, steps: Vec::new(), started_at: run.started_at });
    let shown = RwSignal::new(run);
    let liveness = viewer.live(move || {
        spawn_local(async move {
            if let Ok(run) = crate::api::runs::run(id).await {
                shown.try_set(run);
            }
        });
    });
    let item = move || shown.with(|run| run.items.iter().find(|item| item.n == n).cloned());
    let task = untrack(item).map(|item| item.task.to_string()).unwrap_or_default();
    view! {
        <Title text=text::log_of_item(&task)/>
        <header class="page-head">
            <div class="row">
                <a class="crumb" href="/runs">{text::runs()}</a>
                <a class="crumb" href=format!("/runs/{id}")>{move || shown.with(text::run_name)}</a>
                <h1>{task.clone()}</h1>
                {move || item().map(|item: Item| state(state::of_item(item.status), text::item_status(item.status)))}
            </div>
            <div class="row push"><a class="button" rel="external" href=raw>{icon("download")}{text::raw_text()}</a></div>
        </header>
        <Page viewer liveness label=text::log_of_item(&task)/>
    }
}
