//! Undo, asked once more: what goes back to what, and whether it is held there.

use super::actions::is_changed;
use crate::components::any::view;
use crate::{
    api::{press::Press, runs::undo_run},
    components::{
        blocked::refusal,
        dialog::Dialog,
        icon::icon,
        over::over,
        pipeline::{image_digest, image_tag},
    },
    text,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use types::{
    ApiError,
    history::UndoRun,
    run::{Item, Run},
};

/// See the module.
pub(crate) fn dialog(run: Run) -> AnyView {
    let id = run.id;
    let items: Vec<Item> = run.items.into_iter().filter(is_changed).collect();
    let (hold, force, note) = (RwSignal::new(true), RwSignal::new(false), RwSignal::new(String::new()));
    let (press, error) = (Press::new(), RwSignal::new(None::<ApiError>));
    let (over, go) = (over(), use_navigate());
    let count = items.len();
    let undo = move |_| {
        let note = note.get_untracked().trim().to_owned();
        let undo = UndoRun {
            force: force.get_untracked(),
            hold: Some(hold.get_untracked()),
            note: (!note.is_empty()).then_some(note),
        };
        let what = format!("{id} {} {:?} {:?}", undo.force, undo.hold, undo.note);
        let Some(key) = press.begin(what) else { return };
        let go = go.clone();
        spawn_local(async move {
            let answer = undo_run(id, undo, key).await;
            press.end(&answer);
            match answer {
                Ok(run) => {
                    over.close();
                    go(&format!("/runs/{}", run.id), NavigateOptions::default());
                }
                Err(refused) => {
                    error.try_set(Some(refused));
                }
            }
        });
    };
    view! {
        <Dialog title=text::undo_title(count)>
            <div class="panel dialog-body">
                <ul class="plan card">{items.iter().map(line).collect_view()}</ul>
                {check(hold, text::hold_afterwards(), text::hold_afterwards_means())}
                {check(force, text::also_changed_since(), text::also_changed_since_means())}
                {note_field(note)}
                {move || refusal(error.get())}
            </div>
            <footer class="row wrap sheet-foot">
                <span class="row wrap push">
                    <button class="button" type="button" on:click=move |_| over.close()>{text::leave_as_it_is()}</button>
                    <button class="button button-primary" type="button" aria-disabled=move || press.is_busy().then_some("true") on:click=undo>
                        {icon("undo")}{text::undo_n_changes(count)}
                    </button>
                </span>
            </footer>
        </Dialog>
    }
    .into_any()
}

/// From what it runs to what it ran.
fn line(item: &Item) -> AnyView {
    let name = format!("{} / {}", item.task.workload, item.task.container);
    let tags = (item.to.as_ref().map(image_tag), item.from.as_ref().map(image_tag));
    let digests = (item.to.as_ref().map(image_digest), item.from.as_ref().map(image_digest));
    view! {
        <li>
            <span class="strong clip">{name}</span>
            <div>
                <span class="phase-tags"><span class="clip">{tags.0}</span>{icon("to")}<strong class="clip">{tags.1}</strong></span>
                <span class="phase-tags digest"><span class="clip">{digests.0}</span>{icon("to")}<span class="clip">{digests.1}</span></span>
            </div>
        </li>
    }
    .into_any()
}

/// A choice with what it means.
pub(crate) fn check(value: RwSignal<bool>, word: &'static str, means: &'static str) -> AnyView {
    let on = value.get_untracked();
    view! {
        <label class="check">
            <input type="checkbox" checked=on prop:checked=value on:change=move |event| value.set(event_target_checked(&event))/>
            <span>{word}" "<span class="sub">{means}</span></span>
        </label>
    }
    .into_any()
}

/// Why, for history and messages.
pub(crate) fn note_field(note: RwSignal<String>) -> AnyView {
    view! {
        <div class="field">
            <label r#for="over-note">{text::note()}</label>
            <input
                class="input"
                id="over-note"
                autocomplete="off"
                placeholder=text::why_this_run()
                prop:value=note
                on:input=move |event| note.set(event_target_value(&event))
            />
        </div>
    }
    .into_any()
}
