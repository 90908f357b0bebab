//! The chips of a row: what stands now, and whether it will run.

use crate::reactive::memo;
use crate::{
    components::{
        any::{live, view},
        icon::icon,
        state::{self, state},
        time::{age, ago},
    },
    pages::pipeline::{
        board::{Board, Card, Row},
        choose::choose,
        filter::is_rolling,
    },
    text,
};
use leptos::prelude::*;
use types::{
    Version,
    build_run::BuildRunStatus,
    task::{BuildRunBrief, CurrentRun, Deployed, External},
};

/// Pods drawn as squares at most; beyond, the count alone is clearer.
const SQUARES: u32 = 12;

/// A chip: lit where the phase will run, blue where it runs now.
fn chip(word: &'static str, will: &'static str, href: Option<String>) -> AnyView {
    let said = match will {
        "run" => text::will_run(),
        "now" => text::is_running(),
        _ => text::will_not_run(),
    };
    let inside = view! { {word}<span class="hidden-text">" "{said}</span> };
    match href {
        Some(href) => view! { <a class="phase-chip" data-will=will href=href>{inside}</a> },
        None => view! { <span class="phase-chip" data-will=will>{inside}</span> },
    }
}

/// The newest run of the build behind the image; both chip and tag lead to its log.
#[component]
pub(crate) fn BuildPhase(row: Row) -> impl IntoView {
    let build = memo(move || row.task.with(|task| task.build.clone()));
    let will = memo(move || row.verdict.with(|verdict| verdict.will.build));
    live(move || {
        let build = build.get()?;
        let will = if will.get() { "run" } else { "no" };
        let Some(run) = build.newest_run else {
            let edit = format!("/builds/{}/runs", build.name);
            return Some(view! {
                <div class="task-build">
                    <div class="row task-line">{chip(text::build(), will, Some(edit))}</div>
                    <div class="row sub task-sub">{text::never_built()}</div>
                </div>
            });
        };
        let log = format!("/builds/{}/runs/{}/log", build.name, run.number);
        let will = if run.status.is_final() { will } else { "now" };
        Some(view! {
            <div class="task-build">
                <div class="row task-line">
                    {chip(text::build(), will, Some(log.clone()))}
                    <span class="phase-tags"><a class="clip" href=log.clone()>{run.tag.clone()}</a></span>
                </div>
                <div class="row sub task-sub"><a class="clip" href=log>{build_words(&run)}</a></div>
            </div>
        })
    })
}

/// `DONE #42, 6 min`, `RUNNING 6/6 #42`
fn build_words(run: &BuildRunBrief) -> AnyView {
    let (status, number) = (run.status, run.number);
    let words = format!("{} #{number}", shout(status, &run.progress));
    match status {
        BuildRunStatus::Succeeded | BuildRunStatus::Canceled => {
            let ended = run.ended_at.map(|at| view! { ", "{age(at)} });
            view! { {words}{ended} }
        }
        BuildRunStatus::Queued | BuildRunStatus::Running | BuildRunStatus::Canceling | BuildRunStatus::Failed => {
            state(state::of_build_run(status), words)
        }
    }
}

/// The word in capitals, with the steps where they say something.
pub(crate) fn shout(status: BuildRunStatus, progress: &str) -> String {
    match status {
        BuildRunStatus::Running | BuildRunStatus::Failed => format!("{} {progress}", status.shout()),
        BuildRunStatus::Queued | BuildRunStatus::Canceling | BuildRunStatus::Succeeded | BuildRunStatus::Canceled => {
            status.shout().to_owned()
        }
    }
}

/// What runs now, and what would run after Run.
#[component]
pub(crate) fn DeployPhase(board: Board, card: Card, row: Row) -> impl IntoView {
    let deployed = memo(move || row.task.with(|task| task.deployed.clone()));
    let run = memo(move || row.task.with(|task| task.current_run.clone()));
    let rolling = memo(move || is_rolling(row));
    let newer = memo(move || row.task.with(|task| task.newer.clone()));
    let external = memo(move || row.task.with(|task| task.external.clone()));
    let line = move || {
        let (will, target) = row.verdict.with(|verdict| (verdict.will.deploy, verdict.target_tag.clone()));
        let run = run.get();
        let target =
            if rolling.get() { run.as_ref().and_then(|run| run.to_tag.clone()) } else { target.filter(|_| will) };
        let will = match (rolling.get(), will) {
            (true, _) => "now",
            (false, true) => "run",
            (false, false) => "no",
        };
        let href = run.map(|run| format!("/runs/{}", run.run));
        view! { {chip(text::deploy(), will, href)}{tags(&deployed.get(), target)} }
    };
    view! {
        <div class="task-deploy">
            <div class="row task-line">{move || line()}</div>
            <div class="row wrap sub task-sub">
                {move || deploy_words(card, &deployed.get(), run.get().filter(|_| rolling.get()))}
                {move || external.get().map(|external| external_mark(board, external))}
                {move || newer.get().map(|newer| newer_mark(board, row, newer.tag))}
            </div>
        </div>
    }
}

/// `1.27.2 → 1.27.3`
fn tags(deployed: &Deployed, target: Option<String>) -> AnyView {
    let digest = || deployed.digest.as_ref().map(|digest| digest.short().to_owned());
    let now = deployed.tag.clone().or_else(digest).unwrap_or_else(|| text::no_tag().to_owned());
    let title = deployed.digest.as_ref().map(ToString::to_string);
    let target =
        target.map(|target| view! { {icon("to")}<strong class="clip" title=target.clone()>{target.clone()}</strong> });
    view! { <span class="phase-tags"><span class="clip" title=title>{now}</span>{target}</span> }
}

/// Somebody else than Slipway has set what runs: who and when, with a link to what ran before.
fn external_mark(board: Board, external: External) -> AnyView {
    let External { by, at, from } = external;
    let words = text::set_by(by.as_deref());
    let title = text::it_was(from.as_deref());
    view! {
        <a class="state clip" data-state="warn" href=format!("/maps/{}/history", board.map.get_value()) title=title>
            {icon("warn")}<span class="clip">{words}" "{ago(at)}</span>
        </a>
    }
    .into_any()
}

/// A press chooses it; nothing runs by that.
fn newer_mark(board: Board, row: Row, tag: String) -> AnyView {
    let version = tag.clone();
    let take = move |_| choose(board, row, newer_version(row, version.clone()));
    view! {
        <button class="state clip newer" type="button" title=text::newer_available() on:click=take>
            {icon("newer")}<span class="hidden-text">{text::choose_newer()}" "</span><span class="clip">{tag}</span>
        </button>
    }
}

/// Of a built image the run that made it, so that it stays the same image; else the tag.
fn newer_version(row: Row, tag: String) -> Version {
    let number = row.task.with_untracked(|task| {
        let newest = task.build.as_ref()?.newest_success.as_ref()?;
        (newest.tag == tag).then_some(newest.number)
    });
    number.map_or(Version::Tag(tag), Version::BuildRun)
}

fn deploy_words(card: Card, deployed: &Deployed, run: Option<CurrentRun>) -> AnyView {
    let (ready, replicas) = card.head.with(|head| (head.ready, head.replicas));
    match (run, ready, replicas) {
        (Some(_), Some(ready), Some(replicas)) => {
            view! { {state(state::BUSY, text::ready_of(ready, replicas))}{squares(ready, replicas)} }
        }
        (Some(run), _, _) => state(state::BUSY, text::item_status(run.status)),
        (None, Some(ready), Some(replicas)) if deployed.mixed => state(state::BAD, text::mixed(ready, replicas)),
        (None, None, _) | (None, _, None) => view! { <span class="clip">{text::next_job_runs_it()}</span> },
        (None, Some(_), Some(0)) => view! { <span class="clip">{text::no_pods()}</span> },
        (None, Some(_), Some(_)) => {
            view! { <span class="clip">{text::pods_run_it(deployed.pods_proven, deployed.pods)}</span> }
        }
    }
}

/// One square per pod.
pub(crate) fn squares(ready: u32, replicas: u32) -> AnyView {
    if replicas == 0 || replicas > SQUARES {
        return ().into_any();
    }
    let pods = (0..replicas).map(|n| view! { <i data-pod=(n >= ready).then_some("wait")></i> }).collect_view();
    view! { <span class="pods" role="img" aria-label=text::ready_of(ready, replicas)>{pods}</span> }
}
