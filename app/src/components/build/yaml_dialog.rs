//! The build that is edited as YAML, both ways.

use super::form::BuildForm;
use crate::{
    api::builds::{build_from_yaml, build_to_yaml},
    components::{
        any::view,
        dialog::Dialog,
        field::{About, LinesField, Refusal, form_error},
        over::over,
    },
    reactive::effect,
    text,
};
use leptos::{prelude::*, task::spawn_local};
use types::build::Build;

/// Lines that it shows.
const LINES: u32 = 24;

/// See the module; `take` gets the build of the text.
pub(super) fn dialog(form: BuildForm, take: Callback<Build>) -> AnyView {
    let over = over();
    let (typed, busy) = (RwSignal::new(String::new()), RwSignal::new(true));
    let refusal: Refusal = RwSignal::new(None);
    let (build, wrong) = untrack(|| form.read());
    effect(move || {
        let build = build.clone();
        spawn_local(async move {
            match build_to_yaml(build).await {
                Ok(text) => drop(typed.try_set(text)),
                Err(error) => drop(refusal.try_set(Some(error))),
            }
            busy.try_set(false);
        });
    });
    // What cannot be read is not in the text: taking it over would lose what was typed.
    let unread = (!wrong.is_empty()).then(|| text::yaml_leaves_out(wrong.len()));
    let apply = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            match build_from_yaml(typed.get_untracked()).await {
                Ok(build) => {
                    over.close();
                    take.run(build);
                }
                Err(error) => drop(refusal.try_set(Some(error))),
            }
            busy.try_set(false);
        });
    };
    let about = About::code(text::yaml_of_build(), "yaml").hint(text::yaml_hint());
    view! {
        <Dialog title=text::yaml().to_owned()>
            <div class="panel dialog-body try-body">
                {unread.map(|words| view! { <p class="sub">{words}</p> })}
                <LinesField about lines=LINES value=typed refusal/>
                {form_error(refusal)}
            </div>
            <footer class="row wrap sheet-foot">
                <span class="row wrap push">
                    <button class="button" type="button" on:click=move |_| over.close()>{text::cancel()}</button>
                    <button class="button button-primary" type="button" aria-disabled=move || busy.get().then_some("true") on:click=apply>{text::yaml_apply()}</button>
                </span>
            </footer>
        </Dialog>
    }
}
