//! What can be done with a run: cancel it while it goes on; retry or undo it when it is settled.

use crate::components::any::view;
use crate::reactive::memo;
use crate::{
    api::{
        press::Press,
        runs::{cancel_run, retry_run},
    },
    components::{
        icon::icon,
        over::{Part, over},
        run::undo,
    },
    text,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
use std::sync::Arc;
use types::{
    ApiError,
    run::{CancelRun, Item, ItemStatus, Run, RunStatus},
};

/// Why an item was left out that ran the wanted version already.
const SAME_VERSION: &str = "same_version";

/// See the module.
#[component]
pub(crate) fn RunActions(shown: Signal<Run>, error: RwSignal<Option<ApiError>>) -> impl IntoView {
    let settled = memo(move || shown.with(|run| run.status.is_settled()));
    view! {
        <div class="row wrap push">
            {move || match settled.get() {
                true => view! { <Retry shown error/><Undo shown/> }.into_any(),
                false => view! { <Cancel shown error/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Cancel(shown: Signal<Run>, error: RwSignal<Option<ApiError>>) -> impl IntoView {
    let asked = RwSignal::new(false);
    let off = move || asked.get() || shown.with(|run| matches!(run.status, RunStatus::Canceling | RunStatus::Undoing));
    let cancel = move |rollback: bool| {
        if untrack(off) {
            return;
        }
        asked.set(true);
        let id = shown.with_untracked(|run| run.id);
        spawn_local(async move {
            error.try_set(cancel_run(id, CancelRun { rollback }).await.err());
            asked.try_set(false);
        });
    };
    let button = move |mark: &'static str, words: &'static str, rollback: bool| {
        view! {
            <button class="button" type="button" aria-disabled=move || off().then_some("true") on:click=move |_| cancel(rollback)>
                {icon(mark)}{words}
            </button>
        }
    };
    view! {
        {button("undo", text::cancel_and_roll_back(), true)}
        {button("stopped", text::cancel_run(), false)}
    }
}

#[component]
fn Retry(shown: Signal<Run>, error: RwSignal<Option<ApiError>>) -> impl IntoView {
    let press = Press::new();
    let go = use_navigate();
    let open = move || shown.with(|run| run.items.iter().filter(|item| did_not_succeed(item)).count());
    let retry = move |_| {
        let id = shown.with_untracked(|run| run.id);
        let Some(key) = press.begin(id.to_string()) else { return };
        let go = go.clone();
        spawn_local(async move {
            let answer = retry_run(id, key).await;
            press.end(&answer);
            match answer {
                Ok(run) => go(&format!("/runs/{}", run.id), leptos_router::NavigateOptions::default()),
                Err(refusal) => {
                    error.try_set(Some(refusal));
                }
            }
        });
    };
    move || {
        let count = open();
        // What was retried is retried again from its own page.
        (count > 0 && shown.with(|run| run.retried_by.is_none())).then(|| {
            let retry = retry.clone();
            view! {
                <button class="button" type="button" aria-disabled=move || press.is_busy().then_some("true") on:click=retry>
                    {icon("retry")}{text::retry_what_failed()}<span class="count">{count}</span>
                </button>
            }
        })
    }
}

/// Asks first: an undo touches everything that the run has changed.
#[component]
fn Undo(shown: Signal<Run>) -> impl IntoView {
    let over = over();
    let open = move |_| over.open(Part::Own(Arc::new(move || undo::dialog(shown.get_untracked()))));
    move || {
        let count = shown.with(|run| run.items.iter().filter(|item| is_changed(item)).count());
        (count > 0 && shown.with(|run| run.undone_by.is_none())).then(|| {
            view! {
                <button class="button" type="button" aria-haspopup="dialog" on:click=open>
                    {icon("undo")}{text::undo_changes()}<span class="count">{count}</span>
                </button>
            }
        })
    }
}

/// What a retry would take up.
fn did_not_succeed(item: &Item) -> bool {
    match item.status {
        ItemStatus::Failed | ItemStatus::Canceled => true,
        ItemStatus::Skipped => item.reason.as_deref() != Some(SAME_VERSION),
        ItemStatus::Queued
        | ItemStatus::Building
        | ItemStatus::Applying
        | ItemStatus::Rolling
        | ItemStatus::Undoing
        | ItemStatus::Succeeded
        | ItemStatus::Superseded
        | ItemStatus::Undone => false,
    }
}

/// What an undo would put back.
pub(crate) fn is_changed(item: &Item) -> bool {
    item.changed && item.status != ItemStatus::Undone && item.from.is_some()
}
