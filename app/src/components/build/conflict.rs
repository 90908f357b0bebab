//! Somebody else has saved the build meanwhile: what they changed, and whose version stays.

use super::{difference::differences, difference_list::list, form::BuildForm};
use crate::{
    api::{
        Answer,
        builds::{EditedBuild, build},
    },
    components::{any::view, dialog::Dialog, over::over, problem::error_line},
    reactive::effect,
    text,
};
use leptos::{prelude::*, task::spawn_local};
use types::Name;

/// What can be done about it.
#[derive(Clone, Copy)]
pub(super) struct Ways {
    pub(super) save_mine: Callback<()>,
    pub(super) take_theirs: Callback<EditedBuild>,
}

/// See the module.
pub(super) fn dialog(name: Name, form: BuildForm, ways: Ways) -> AnyView {
    let over = over();
    let theirs = RwSignal::new(None::<Answer<EditedBuild>>);
    effect(move || {
        let name = name.clone();
        spawn_local(async move {
            theirs.try_set(Some(build(name).await));
        });
    });
    let known =
        move || theirs.with_untracked(|theirs| theirs.as_ref().and_then(|theirs| theirs.as_ref().ok()).cloned());
    let save = move |_| {
        if let Some(theirs) = known() {
            form.goes_on_from(theirs);
            over.close();
            ways.save_mine.run(());
        }
    };
    let take = move |_| {
        if let Some(theirs) = known() {
            over.close();
            ways.take_theirs.run(theirs);
        }
    };
    let waits = move || theirs.with(|theirs| !matches!(theirs, Some(Ok(_)))).then_some("true");
    let body = move || match theirs.get() {
        None => view! { <p class="sub" role="status">{text::asking()}</p> },
        Some(Err(error)) => error_line(Some(error)),
        Some(Ok(theirs)) => {
            let found = form.stored().map(|mine| differences(&mine.build, &theirs.build)).unwrap_or_default();
            list(found, text::nothing_differs())
        }
    };
    view! {
        <Dialog title=text::changed_meanwhile_title().to_owned()>
            <div class="panel dialog-body">
                <p>{text::changed_meanwhile_means()}</p>
                <details open><summary class="strong">{text::what_changed()}</summary>{body}</details>
            </div>
            <footer class="row wrap sheet-foot">
                <button class="button button-plain" type="button" on:click=move |_| over.close()>{text::keep_editing()}</button>
                <span class="row wrap push">
                    <button class="button" type="button" aria-disabled=waits on:click=take>{text::take_theirs()}</button>
                    <button class="button button-primary" type="button" aria-disabled=waits on:click=save>{text::save_mine_over_it()}</button>
                </span>
            </footer>
        </Dialog>
    }
}
