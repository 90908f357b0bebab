//! The strip below a row that runs: phases with their durations, what keeps it, the way to its run.

use crate::reactive::{effect, memo};
use crate::{
    api::runs::{cancel_run, run},
    clock::clock,
    components::{
        any::{live, view},
        icon::icon,
        problem::error_line,
        state::{self, state},
    },
    format,
    pages::pipeline::{
        board::{Board, Row},
        filter::is_rolling,
        pieces,
    },
    text,
};
use leptos::{prelude::*, task::spawn_local};
use types::{
    ApiError,
    run::{CancelRun, Item, ItemStatus, Phase, WaitingFor},
    task::CurrentRun,
};

/// See the module; nothing while no run has the task in hand.
#[component]
pub(crate) fn Rollout(board: Board, row: Row) -> impl IntoView {
    let rolling = memo(move || is_rolling(row));
    live(move || rolling.get().then(|| pieces::strip(board, row)))
}

/// Called by the later module alone.
pub(crate) fn strip(board: Board, row: Row) -> AnyView {
    let current = memo(move || row.task.with(|task| task.current_run.clone().filter(|run| !run.status.is_final())));
    let known = memo(move || current.get().and_then(|now| board.item(now.run, now.item)));
    // A run that began before the page was opened has not been told of.
    effect(move || {
        if let (Some(now), None) = (current.get(), known.get()) {
            spawn_local(async move {
                if let Ok(run) = run(now.run).await {
                    board.take_run(run);
                }
            });
        }
    });
    let error = RwSignal::new(None::<ApiError>);
    live(move || {
        current.get().map(|now| {
            let first = now.clone();
            view! {
                <div class="row rollout">
                    {move || match known.get() {
                        Some((item, _)) => phases(&item),
                        None => begun(&first),
                    }}
                    {move || trouble(current.get())}
                    <Actions current=now others=memo(move || known.get().map_or(0, |(_, n)| n - 1)) error/>
                </div>
                {move || error_line(error.get())}
            }
        })
    })
}

/// What is known of a run of which only the task has told.
fn begun(now: &CurrentRun) -> AnyView {
    let (status, since) = (now.status, now.since);
    state(state::of_item(status), live(move || format!("{} {}", text::item_status(status), clock().elapsed(since))))
}

/// `Applied 0.4 s`, `Rolling 38 s`
fn phases(item: &Item) -> AnyView {
    let build = item.build_run.clone().map(|run| {
        let log = format!("/builds/{}/runs/{}/log", run.build, run.number);
        view! { <a class="sub" href=log>{text::log_of(&run.build, run.number)}</a> }
    });
    let waiting = item.waiting_for.as_ref().map(waits);
    let phases = item.phases.iter().map(|phase| one_phase(phase, item.status)).collect_view();
    view! { {phases}{build}{waiting} }
}

/// What it waits for, with the way to the run that is before it.
pub(crate) fn waits(wait: &WaitingFor) -> AnyView {
    let words = text::waits_for(wait.kind);
    match wait.run {
        Some(run) => view! { <a class="sub clip" href=format!("/runs/{run}")>{words}</a> }.into_any(),
        None => view! { <span class="sub clip">{words}</span> }.into_any(),
    }
}

fn one_phase(phase: &Phase, status: ItemStatus) -> AnyView {
    let (name, at) = (phase.phase, phase.at);
    match phase.duration_ms {
        Some(ms) => state(state::OK, format!("{} {}", text::phase_done(name), format::duration(ms))),
        None => {
            state(state::of_item(status), live(move || format!("{} {}", text::phase_now(name), clock().elapsed(at))))
        }
    }
}

fn trouble(current: Option<CurrentRun>) -> AnyView {
    match current.and_then(|now| now.trouble) {
        Some(trouble) => view! {
            <span class="clip rollout-trouble" title=trouble.message.clone()>{state(state::WARN, trouble.message.clone())}</span>
            <code class="code">{trouble.code.as_str()}</code>
        },
        None => ().into_any(),
    }
}

#[component]
fn Actions(current: CurrentRun, others: Memo<usize>, error: RwSignal<Option<ApiError>>) -> impl IntoView {
    let stopping = RwSignal::new(false);
    let id = current.run;
    let stop = move |rollback: bool| {
        if stopping.get_untracked() {
            return;
        }
        stopping.set(true);
        spawn_local(async move {
            let answer = cancel_run(id, CancelRun { rollback }).await;
            error.try_set(answer.err());
            stopping.try_set(false);
        });
    };
    let off = move || stopping.get().then_some("true");
    view! {
        <span class="row push">
            <a class="button button-plain" href=format!("/runs/{id}")>{text::by_whom(&current.by)}</a>
            <a class="button button-plain" href=format!("/runs/{id}/items/{}/log", current.item)>{text::log()}</a>
            <button class="button" type="button" title=text::cancel_means() aria-disabled=off on:click=move |_| stop(false)>
                {icon("stopped")}{text::cancel()}
            </button>
            <button class="button" type="button" aria-disabled=off on:click=move |_| stop(true)>
                {icon("undo")}
                {move || text::stop_and_roll_back(others.get())}
            </button>
        </span>
    }
}
