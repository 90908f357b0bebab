//! What can be done with a run of a build: repeat it, compare it, say what it is, delete it.

use super::run_dialog::{self, Begun};
use crate::{
    api::builds::{delete_build_run, patch_build_run},
    components::{
        any::view,
        dialog::Dialog,
        icon::icon,
        menu::{Face, Menu},
        over::{Part, over},
        problem::error_line,
        run::undo::note_field,
    },
    text,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
use std::sync::Arc;
use types::{
    ApiError,
    build_run::{BuildRun, BuildRunKind, BuildRunPatch, BuildRunStatus},
};

/// See the module. A change is shown in `shown`.
#[component]
pub(crate) fn RunActions(shown: RwSignal<BuildRun>) -> impl IntoView {
    let error = RwSignal::new(None::<ApiError>);
    let (menu, over) = (Menu::new(), over());
    let (build, number) = shown.with_untracked(|run| (run.build.clone(), run.number));
    let navigate = StoredValue::new(use_navigate());
    let is_run = move || shown.with(|run| run.kind == BuildRunKind::Run);
    let repeat = move |_| {
        let run = shown.get_untracked();
        let begun = Begun { again: Some(run.clone()), refused: None };
        over.open(Part::Own(Arc::new(move || run_dialog::dialog(run.build.clone(), begun.clone()))));
    };
    let patch = move |patch: BuildRunPatch| {
        let (build, number) = shown.with_untracked(|run| (run.build.clone(), run.number));
        spawn_local(async move {
            match patch_build_run(build, number, patch).await {
                Ok(run) => drop(shown.try_set(run)),
                Err(refused) => drop(error.try_set(Some(refused))),
            }
        });
    };
    let remove = move || {
        let (build, number) = shown.with_untracked(|run| (run.build.clone(), run.number));
        spawn_local(async move {
            match delete_build_run(build.clone(), number).await {
                Ok(()) => drop(navigate.try_with_value(|go| go(&format!("/builds/{build}/runs"), Default::default()))),
                Err(refused) => drop(error.try_set(Some(refused))),
            }
        });
    };
    let note = move || {
        let begun = shown.with_untracked(|run| run.note.clone()).unwrap_or_default();
        let save = Callback::new(move |note: String| patch(BuildRunPatch { note: Some(note), rejected: None }));
        over.open(Part::Own(Arc::new(move || note_dialog(begun.clone(), save))));
    };
    let lines = move || {
        let sure = RwSignal::new(false);
        let delete = move |_| if sure.get_untracked() { remove() } else { sure.set(true) };
        let (rejected, succeeded) =
            shown.with(|run| (run.rejected, run.status == BuildRunStatus::Succeeded && is_run()));
        let word = if rejected { text::allow_it_again() } else { text::reject_it() };
        let reject = move || patch(BuildRunPatch { note: None, rejected: Some(!rejected) });
        let href = format!("/builds/{build}/compare?to={number}");
        view! {
            {is_run().then(|| view! { <a class="row menu-item" role="menuitem" href=href>{icon("right")}{text::compare_with_another()}</a> })}
            {menu.line("note", text::note_dots(), note)}
            {succeeded.then(|| menu.line("stopped", word, reject))}
            <hr/>
            <button class="row menu-item" type="button" role="menuitem" on:click=delete>
                {icon("trash")}
                {move || if sure.get() { text::delete_for_good() } else { text::delete() }}
            </button>
        }
    };
    let face = Face {
        id: None,
        class: "button button-icon",
        label: Some(Signal::derive(move || text::actions_for(&text::run_number(number)))),
        shown: icon("more"),
    };
    view! {
        {move || error_line(error.get())}
        {move || is_run().then(|| view! { <button class="button" type="button" on:click=repeat>{icon("retry")}{text::repeat_dots()}</button> })}
        {menu.view(face, lines)}
    }
}

fn note_dialog(begun: String, save: Callback<String>) -> AnyView {
    let (over, note) = (over(), RwSignal::new(begun));
    let keep = move |_| {
        save.run(note.get_untracked().trim().to_owned());
        over.close();
    };
    view! {
        <Dialog title=text::note().to_owned()>
            <div class="panel dialog-body">{note_field(note)}</div>
            <footer class="row wrap sheet-foot">
                <span class="row wrap push">
                    <button class="button" type="button" on:click=move |_| over.close()>{text::cancel()}</button>
                    <button class="button button-primary" type="button" on:click=keep>{text::save()}</button>
                </span>
            </footer>
        </Dialog>
    }
}
