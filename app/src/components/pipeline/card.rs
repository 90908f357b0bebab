//! One workload: its state on the left, a line per container, Run on the right.

use super::{card_menu::CardMenu, failure::FailureCard, rollout::Rollout, row::TaskRow};
use crate::reactive::memo;
use crate::{
    components::{
        any::{One, each, view},
        icon::icon,
        over::{Part, Place, over},
        problem::error_line,
        state::{self, state},
    },
    pages::pipeline::{
        board::{Board, Card, Head, Row},
        choose::Start,
    },
    text,
};
use leptos::prelude::*;
use types::{WorkloadKind, task::WorkloadStatus};

/// See the module.
#[component]
pub(crate) fn WorkloadCard(board: Board, card: Card) -> impl IntoView {
    let start = Start { board, press: card.press, error: card.error };
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
        <Rail board card/>
        <div class="workload-tasks">
            {each(Box::new(rows))}
        </div>
        <RunCard start card/>
        <div class="workload-error">{move || error_line(card.error.get())}</div>
    }
}

/// Kind, name, and how the workload does.
#[component]
fn Rail(board: Board, card: Card) -> impl IntoView {
    let kind = card.head.with_untracked(|head| head.kind);
    let name = card.head.with_untracked(|head| head.name.clone());
    let how = memo(move || card.head.get());
    let mark = move |event| card.marked.set(event_target_checked(&event));
    view! {
        <div class="workload-rail">
            <div class="row task-line">
                <span class="workload-mark">
                    {icon(kind_icon(kind))}
                    <input type="checkbox" class="mark" aria-label=text::mark_workload(&name) title=text::mark_means() prop:checked=card.marked on:change=mark/>
                </span>
                <h2 class="clip" title=name.clone()>{name.clone()}</h2>
                <span class="hidden-text">{kind.title()}</span>
            </div>
            <div class="row wrap sub">
                {move || how.with(|head| state(state::of_workload(head.status), status_words(head)))}
                {move || held(board, card)}
                {move || how.with(|head| head.managed_by.clone()).map(managed)}
            </div>
        </div>
    }
}

/// Who holds a container of it, and the way to lift that.
fn held(board: Board, card: Card) -> Option<AnyView> {
    let rows = card.rows.get();
    let (task, hold) = rows.into_iter().find_map(|row| Some((row.id(), row.task.with(|task| task.hold.clone())?)))?;
    let over = over();
    let place = Place { map: board.map.get_value(), task };
    let title = text::held_by(&hold.by, &hold.reason);
    let label = title.clone();
    let open = move |_| over.open(Part::Hold(place.clone(), Some(hold.clone())));
    let view = view! {
        <button class="mark-button" type="button" aria-haspopup="dialog" title=title aria-label=label on:click=open>
            {state(state::HELD, text::held())}
        </button>
    };
    Some(view.into_any())
}

/// Who else writes the workload: what Slipway sets, they may put back.
fn managed(by: String) -> AnyView {
    let means = text::managed_means(&by);
    let said = means.clone();
    view! { <span class="label managed" title=means>{by}<span class="hidden-text">": "{said}</span></span> }.into_any()
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
    let word = text::workload_status(head.status);
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
    let runnable =
        memo(move || card.rows.get().into_iter().filter(|row| row.verdict.with(|verdict| verdict.runnable)).count());
    let off = move || (runnable.get() == 0 || card.press.is_busy()).then_some("true");
    let label = move || card.head.with(|head| text::run_workload(&head.name, runnable.get()));
    let run = move |_| {
        if runnable.get_untracked() > 0 {
            start.rows(card.rows.get_untracked());
        }
    };
    view! {
        <div class="workload-run">
            <button class="button" type="button" aria-disabled=off aria-label=label aria-describedby=move || why_ids(card) on:click=run>
                {move || (runnable.get() > 0).then(|| icon("play"))}
                {move || if card.press.is_busy() { text::starting() } else { text::run() }}
            </button>
            <CardMenu board=start.board card/>
        </div>
    }
}

/// Ids of the lines that say why rows cannot run.
fn why_ids(card: Card) -> String {
    let ids = card.rows.get().into_iter().map(|row| super::why::why_id(&row.id()));
    ids.collect::<Vec<_>>().join(" ")
}
