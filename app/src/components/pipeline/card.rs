//! One workload: its state on the left, a line per container, Run on the right.

use super::{failure::FailureCard, rollout::Rollout, row::TaskRow};
use crate::{
    components::{
        any::{One, each, view},
        icon::icon,
        problem::error_line,
        state::{self, state},
    },
    pages::pipeline::{
        board::{Board, Card, Head, Row},
        choose::Start,
        filter::{Filter, is_rolling},
    },
    text,
};
use leptos::prelude::*;
use types::{WorkloadKind, task::WorkloadStatus};

/// See the module.
#[component]
pub(crate) fn WorkloadCard(board: Board, card: Card, filter: Filter) -> impl IntoView {
    let tone = move || state::of_workload(card.head.with(|head| head.status)).tone;
    let hidden = move || !filter.shows(card);
    let start = Start { board, starting: card.starting, error: card.error };
    let draw = move |row: Row| {
        view! {
            <TaskRow board card row/>
            <Rollout board row/>
            <FailureCard start row/>
        }
    };
    let one = move |row: Row| One { key: row.id().to_string(), draw: Box::new(move || draw(row)) };
    let rows = move || card.rows.get().into_iter().map(one).collect();
    view! {
        <li class="workload card" id=move || card.head.with(|head| head.name.clone()) data-state=tone hidden=hidden tabindex="-1">
            <Rail card/>
            <div class="workload-tasks">
                {each(Box::new(rows))}
            </div>
            <RunCard start card/>
            <div class="workload-error">{move || error_line(card.error.get())}</div>
        </li>
    }
}

/// Kind, name, and how the workload does.
#[component]
fn Rail(card: Card) -> impl IntoView {
    let kind = card.head.with_untracked(|head| head.kind);
    let name = card.head.with_untracked(|head| head.name.clone());
    let how = Memo::new(move |_| card.head.get());
    let held = move || {
        let rows = card.rows.get();
        let hold = rows.into_iter().find_map(|row| row.task.with(|task| task.hold.clone()));
        hold.map(|hold| {
            let title = text::held_by(&hold.by, &hold.reason);
            view! { <span title=title>{state(state::HELD, text::held())}</span> }
        })
    };
    view! {
        <div class="workload-rail">
            <div class="row task-line">
                {icon(kind_icon(kind))}
                <h2 class="clip" title=name.clone()>{name.clone()}</h2>
                <span class="hidden-text">{kind.title()}</span>
            </div>
            <div class="row wrap sub">
                {move || how.with(|head| state(state::of_workload(head.status), status_words(head)))}
                {move || held()}
                {move || how.with(|head| head.managed_by.clone().map(|by| view! { <span class="label">{by}</span> }))}
            </div>
        </div>
    }
}

pub(crate) fn kind_icon(kind: WorkloadKind) -> &'static str {
    match kind {
        WorkloadKind::Deployment => "deployment",
        WorkloadKind::StatefulSet => "statefulset",
        WorkloadKind::DaemonSet => "daemonset",
        WorkloadKind::CronJob => "cronjob",
    }
}

fn status_words(head: &Head) -> String {
    let word = match head.status {
        WorkloadStatus::Running => text::running(),
        WorkloadStatus::Updating => text::updating(),
        WorkloadStatus::Stopped => text::stopped(),
        WorkloadStatus::Failed => text::failed(),
        WorkloadStatus::Suspended => text::suspended(),
        WorkloadStatus::Unknown => text::unknown(),
    };
    match (head.ready, head.replicas, &head.last_job) {
        (Some(ready), Some(replicas), _) => format!("{word} {ready}/{replicas}"),
        // The rail is narrow, and of a CronJob that is on, its last job is what matters.
        (_, _, Some(job)) if head.status != WorkloadStatus::Suspended => text::last_job(job),
        (_, _, Some(_) | None) => word.to_owned(),
    }
}

/// Run, for all rows of the card that can.
#[component]
fn RunCard(start: Start, card: Card) -> impl IntoView {
    let runnable = Memo::new(move |_| {
        card.rows.get().into_iter().filter(|row| row.verdict.with(|verdict| verdict.runnable)).count()
    });
    let off = move || (runnable.get() == 0 || card.starting.get()).then_some("true");
    let rolling = move || card.rows.get().into_iter().any(is_rolling);
    let label = move || card.head.with(|head| text::run_workload(&head.name, runnable.get()));
    let run = move |_| {
        if runnable.get_untracked() > 0 {
            start.rows(&card.rows.get_untracked());
        }
    };
    view! {
        <div class="workload-run">
            <button class="button" type="button" aria-disabled=off aria-label=label aria-describedby=move || why_ids(card) on:click=run>
                {move || (runnable.get() > 0).then(|| icon("play"))}
                {move || if card.starting.get() { text::starting() } else { text::run() }}
            </button>
            {move || rolling().then(|| view! { <a class="sub" href=runs_link(start.board)>{text::runs()}</a> })}
        </div>
    }
}

fn runs_link(board: Board) -> String {
    format!("/runs?map={}", board.map.get_value())
}

/// Ids of the lines that say why rows cannot run.
fn why_ids(card: Card) -> String {
    let ids = card.rows.get().into_iter().map(|row| super::why::why_id(&row.id()));
    ids.collect::<Vec<_>>().join(" ")
}
