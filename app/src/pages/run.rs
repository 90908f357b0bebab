//! A run: its items on one time axis, the pods as they come up, the proof.

use crate::reactive::memo;
use crate::{
    api::read::read,
    api::runs::run,
    clock::clock,
    components::{
        any::view,
        awaited::awaited,
        live_mark::LiveMark,
        problem::error_line,
        run::{actions::RunActions, axis, item::item},
        state::{self, state},
        time::moment,
    },
    format,
    live::run_feed::use_run_feed,
    pages::params::param,
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;
use types::{
    ApiError, Time,
    run::{Item, Run as RunData},
};
use uuid::Uuid;

/// See the module.
#[component]
pub(crate) fn Run() -> impl IntoView {
    let id = param::<Uuid>("run");
    let page = read(move || id.get(), |id| async move { run(id?).await });
    awaited(page, |run| view! { <Open run/> })
}

#[component]
fn Open(run: RunData) -> impl IntoView {
    let start = run.started_at.unwrap_or(run.created_at);
    let title = text::run_name(&run);
    let (shown, liveness) = use_run_feed(&run);
    let third = memo(move || axis::third(lasts(&shown.get(), start)));
    view! {
        <Title text=title/>
        <Head shown liveness=liveness/>
        <div class="card">
            <div class="sub run-axis" aria-hidden="true">
                <span>{text::item()}</span>
                <span>{text::from_to()}</span>
                <span>
                    <span>"0"</span>
                    <span>{move || format::elapsed(third.get())}</span>
                    <span>{move || format::elapsed(third.get() * 2)}</span>
                </span>
                <span>{text::proof()}</span>
            </div>
            {waves(shown, start, third)}
        </div>
        <About shown/>
    }
}

/// Milliseconds from the start until the end, or until now.
fn lasts(run: &RunData, start: Time) -> u64 {
    match run.ended_at {
        Some(end) => end.since_ms(start),
        None => clock().elapsed_ms(start),
    }
}

/// Items never change their wave: the lists are drawn once, what is in them follows the run.
fn waves(shown: Signal<RunData>, start: Time, third: Memo<u64>) -> AnyView {
    let mut waves: Vec<(u32, Vec<u32>)> = Vec::new();
    shown.with_untracked(|run| {
        for item in &run.items {
            match waves.iter_mut().find(|(wave, _)| *wave == item.wave) {
                Some((_, items)) => items.push(item.n),
                None => waves.push((item.wave, vec![item.n])),
            }
        }
    });
    waves.sort_by_key(|(wave, _)| *wave);
    let wave = move |(wave, items): (u32, Vec<u32>)| {
        let words = move || shown.with(|run| wave_words(run.items.iter().filter(|item| item.wave == wave)));
        view! {
            <h2 class="row run-wave">{text::wave(wave)}" "<span class="sub">{words}</span></h2>
            <ol class="run-items">{items.into_iter().map(|n| item(shown, n, start, third)).collect_view()}</ol>
        }
    };
    waves.into_iter().map(wave).collect_view().into_any()
}

/// `3 succeeded, 1 failed`
fn wave_words<'a>(items: impl Iterator<Item = &'a Item>) -> String {
    let mut counts: Vec<(&'static str, u32)> = Vec::new();
    for item in items {
        let word = text::item_status_count(item.status);
        match counts.iter_mut().find(|(other, _)| *other == word) {
            Some((_, n)) => *n += 1,
            None => counts.push((word, 1)),
        }
    }
    counts.into_iter().map(|(word, n)| format!("{n} {word}")).collect::<Vec<_>>().join(", ")
}

#[component]
fn Head(shown: Signal<RunData>, liveness: Signal<crate::live::Liveness>) -> impl IntoView {
    let (map, at, by) = shown.with_untracked(|run| (run.map.clone(), run.created_at, run.requested_by.clone()));
    let error = RwSignal::new(None::<ApiError>);
    let time = move || match shown.with(|run| (run.started_at, run.ended_at)) {
        (Some(start), Some(end)) => format::duration(end.since_ms(start)),
        (Some(start), None) => clock().elapsed(start),
        (None, _) => String::new(),
    };
    view! {
        <header class="page-head">
            <div class="row">
                <a class="crumb" href=format!("/maps/{map}/pipeline")>{map.to_string()}</a>
                <a class="crumb" href=format!("/runs?map={map}")>{text::runs()}</a>
                <h1 class="clip">{move || shown.with(text::run_name)}</h1>
                <span class="strong">{move || shown.with(|run| state(state::of_run(run.status), text::run_status(run.status)))}</span>
            </div>
            <div class="page-facts">
                <span>{text::by_whom(&by)}", "{moment(at)}</span>
                <span>{time}</span>
                <LiveMark liveness/>
                {move || shown.with(links)}
            </div>
            <RunActions shown error/>
        </header>
        {move || error_line(error.get())}
    }
}

/// The runs before and after this one, and who put its changes back.
fn links(run: &RunData) -> AnyView {
    let link = |words: &'static str, id: Option<Uuid>| id.map(|id| view! { <a href=format!("/runs/{id}")>{words}</a> });
    let reverted = run.reverted_by.as_ref().map(|by| state(state::WARN, text::reverted_by(by)));
    view! {
        {link(text::of_which(run.kind), run.of)}
        {link(text::retried_by(), run.retried_by)}
        {link(text::undone_by(), run.undone_by)}
        {reverted}
    }
    .into_any()
}

#[component]
fn About(shown: Signal<RunData>) -> impl IntoView {
    let run = shown.get_untracked();
    let of =
        run.of.map(|of| view! { <dt>{text::of_run()}</dt><dd><a href=format!("/runs/{of}")>{of.to_string()}</a></dd> });
    let builds = move || {
        shown.with(|run| {
            run.items.iter().filter_map(|item| item.build_run.clone()).fold(Vec::new(), |mut all, build| {
                if !all.contains(&build) {
                    all.push(build);
                }
                all
            })
        })
    };
    let build_lines =
        move || {
            builds().into_iter().map(|run| {
            let href = format!("/builds/{}/runs/{}/log", run.build, run.number);
            view! { <dt>{text::build_run()}</dt><dd><a href=href>{text::log_of(&run.build, run.number)}</a></dd> }
        }).collect_view()
        };
    view! {
        <div class="run-about">
            <section class="panel card" aria-labelledby="about">
                <h2 id="about">{text::about_this_run()}</h2>
                <dl class="facts">
                    <dt>{text::requested()}</dt><dd>{text::requested_by(&run.requested_by, run.trigger)}</dd>
                    {run.note.map(|note| view! { <dt>{text::note()}</dt><dd>{note}</dd> })}
                    <dt>{text::on_failure()}</dt><dd>{text::on_failure_words(run.on_failure)}</dd>
                    {of}
                    {build_lines}
                    <dt>{text::run()}</dt><dd><code>{run.id.to_string()}</code></dd>
                </dl>
            </section>
        </div>
    }
}
