//! Saving: what is wrong and where, and the buttons.

use super::{focus::focus_field, form::BuildForm};
use crate::{
    components::{
        any::view,
        field::{Refusal, form_error, invalid_count},
        state::{self, state},
    },
    text,
};
use leptos::prelude::*;
use types::FieldError;

/// Fields that are named; of more, their number is enough.
const NAMED: usize = 4;

/// See the module.
#[component]
pub(super) fn SaveBar(
    form: BuildForm,
    refusal: Refusal,
    changed: Memo<bool>,
    busy: RwSignal<bool>,
    /// Whether a run starts then.
    on_save: Callback<bool>,
) -> impl IntoView {
    let quiet = move || changed.get() && invalid_count(refusal) == 0;
    view! {
        <div class="row wrap save-bar">
            {form_error(refusal)}
            {move || wrong(form, refusal)}
            {move || quiet().then(|| view! { <span class="sub">{text::not_saved()}". "{text::runs_keep_their_flow()}</span> })}
            <span class="row push">
                <button class="button" type="button" aria-disabled=move || busy.get().then_some("true") on:click=move |_| on_save.run(true)>{text::save_and_run()}</button>
                <button class="button button-primary" type="submit" aria-disabled=move || busy.get().then_some("true")>
                    {text::save()}
                    <kbd aria-hidden="true">"Ctrl S"</kbd>
                </button>
            </span>
        </div>
    }
}

/// Each wrong field as a way to it, and what is wrong with it.
fn wrong(form: BuildForm, refusal: Refusal) -> AnyView {
    let fields = refusal.with(|error| error.as_ref().map(|error| error.fields.clone()).unwrap_or_default());
    if fields.is_empty() {
        return ().into_any();
    }
    let (count, more) = (fields.len(), fields.len().saturating_sub(NAMED));
    let one = |FieldError { path, message }: FieldError| {
        let words = place_words(form, &path);
        let go = move |_| {
            if let Some((key, _)) = step_of(&path)
                && let Some(step) =
                    form.steps.with_untracked(|steps| steps.iter().copied().find(|step| step.key == key))
            {
                step.open.set(true);
            }
            focus_field(&path);
        };
        view! { <li><button class="text-button" type="button" on:click=go>{words}</button>" "{message}</li> }
    };
    view! {
        <div role="status">
            {state(state::BAD, text::fields_need_a_change(count))}
            <ul class="sub wrong-fields" role="list">
                {fields.into_iter().take(NAMED).map(one).collect_view()}
                {(more > 0).then(|| view! { <li>{text::and_more(more)}</li> })}
            </ul>
        </div>
    }
}

/// The key of the step that a path names, and the path within it.
fn step_of(path: &str) -> Option<(usize, &str)> {
    let (key, rest) = path.strip_prefix("steps[")?.split_once(']')?;
    Some((key.parse().ok()?, rest.trim_start_matches('.')))
}

/// `Step 2 lint, Script`
fn place_words(form: BuildForm, path: &str) -> String {
    let Some((key, rest)) = step_of(path) else { return text::place_of_field(None, &text::field_words(path)) };
    form.steps.with(|steps| {
        let at = steps.iter().position(|step| step.key == key);
        let name = at.and_then(|at| steps.get(at)).map(|step| step.name.get()).unwrap_or_default();
        text::place_of_field(at.map(|at| (at + 1, name.as_str())), &text::field_words(rest))
    })
}
