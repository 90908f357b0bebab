//! One step of a flow: its head, and its fields while it is open.

use super::form::{BuildForm, StepForm, StepKind, Text};
use crate::reactive::{effect, memo};
use crate::{
    components::{
        any::view,
        field::{About, Refusal, TextField},
        icon::icon,
    },
    text,
};
use leptos::prelude::*;
use types::build::Step;

/// See the module.
#[component]
pub(crate) fn StepEditor(form: BuildForm, step: StepForm, refusal: Refusal) -> impl IntoView {
    let StepForm { key, name, enabled, open, kind, .. } = step;
    let place = memo(move || form.steps.with(|steps| steps.iter().position(|other| other.key == key).unwrap_or(0)));
    let (mark, word) = match kind {
        StepKind::Git { .. } => ("git", text::code_repository()),
        StepKind::Image { .. } => ("image", text::create_image()),
        StepKind::Other(step) => step.with_value(|step| (mark_of(step), step.kind())),
    };
    // A refused field must be seen.
    effect(move || {
        let here = format!("steps[{}]", place.get());
        if refusal.with(|error| {
            error.as_ref().is_some_and(|error| error.fields.iter().any(|field| field.path.starts_with(&here)))
        }) {
            open.set(true);
        }
    });
    view! {
        <li class="step card" data-off=move || (!enabled.get()).then_some("")>
            <div class="row step-head">
                <span class="step-number">{move || place.get() + 1}</span>
                {icon(mark)}
                <span class="strong">{word}</span>
                <span class="sub clip">{move || about(name, kind)}</span>
                <span class="row push">
                    <button class="button button-plain button-icon" type="button" aria-label=text::move_up() on:click=move |_| form.shift(key, false)>{icon("up")}</button>
                    <button class="button button-plain button-icon" type="button" aria-label=text::move_down() on:click=move |_| form.shift(key, true)>{icon("down")}</button>
                    <button class="button button-plain button-icon" type="button" aria-label=text::remove_step() on:click=move |_| form.remove(key)>{icon("trash")}</button>
                    <input class="switch" type="checkbox" aria-label=text::step_is_on() prop:checked=enabled checked=enabled.get_untracked() on:change=move |event| enabled.set(event_target_checked(&event))/>
                    <button class="button button-plain" type="button" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
                        {move || if open.get() { text::close() } else { text::edit() }}
                    </button>
                </span>
            </div>
            {move || open.get().then(|| {
                let at = format!("steps[{}].", place.get());
                view! { <div class="panel step-body">{fields(step, refusal, at)}</div> }
            })}
        </li>
    }
}

fn mark_of(step: &Step) -> &'static str {
    match step {
        Step::Git(_) => "git",
        Step::Transfer(_) => "transfer",
        Step::Http(_) => "rest",
        Step::Script(_) => "script",
        Step::Container(_) => "task",
        Step::Image(_) => "image",
    }
}

/// `source: https://git.example/shop/api.git at main`
fn about(name: Text, kind: StepKind) -> String {
    match kind {
        StepKind::Git { url, reference, .. } => {
            format!("{}: {} {} {}", name.get(), url.get(), text::at(), reference.get())
        }
        StepKind::Image { dockerfile, context, .. } => {
            let path = [context.get(), dockerfile.get()];
            format!(
                "{}: {}",
                name.get(),
                path.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("/")
            )
        }
        StepKind::Other(_) => name.get(),
    }
}

fn fields(step: StepForm, refusal: Refusal, at: String) -> AnyView {
    let at = move || at.clone();
    let name = view! { <TextField about=About::code(text::step_name(), "name") value=step.name refusal at=at()/> };
    match step.kind {
        StepKind::Git { url, reference, folder, depth, submodules, username, password } => view! {
            <TextField about=About { placeholder: "https://git.example/shop/api.git", ..About::code(text::url(), "url") } value=url refusal at=at()/>
            <div class="field-grid">
                <TextField about=About::code(text::branch_tag_or_commit(), "reference") value=reference refusal at=at()/>
                <TextField about=About::code(text::folder_in_the_work_space(), "folder").hint(text::empty_is_the_root()) value=folder refusal at=at()/>
            </div>
            <div class="field-grid">
                {name}
                <TextField about=About::text(text::depth(), "depth").hint(text::depth_hint()) value=depth refusal at=at()/>
            </div>
            <div class="field-grid">
                <TextField about=About::text(text::user_name(), "credentials.username").hint(text::if_the_repository_asks()) value=username refusal at=at()/>
                <TextField
                    about=About { kind: "password", autocomplete: "new-password", ..About::text(text::password_or_token(), "credentials.password").hint(text::stored_encrypted()) }
                    value=password
                    refusal
                    at=at()
                />
            </div>
            {check(submodules, text::fetch_submodules())}
        },
        StepKind::Image { context, dockerfile, target, build_args, no_cache, stored: _ } => view! {
            <div class="field-grid">
                <TextField about=About::code(text::context_folder(), "context").hint(text::empty_is_the_root()) value=context refusal at=at()/>
                <TextField about=About::code("Dockerfile", "dockerfile") value=dockerfile refusal at=at()/>
            </div>
            <div class="field-grid">
                {name}
                <TextField about=About::code(text::target_stage(), "target").hint(text::empty_is_the_last()) value=target refusal at=at()/>
            </div>
            <label class="field">
                <span class="strong">{text::build_args()}</span>
                <textarea class="input input-code" rows="3" spellcheck="false" prop:value=build_args on:input=move |event| build_args.set(event_target_value(&event))>
                    {build_args.get_untracked()}
                </textarea>
                <span class="sub">{text::build_args_hint()}</span>
            </label>
            {check(no_cache, text::without_cache())}
        },
        StepKind::Other(_) => name,
    }
}

fn check(on: RwSignal<bool>, word: &'static str) -> AnyView {
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=on checked=on.get_untracked() on:change=move |event| on.set(event_target_checked(&event))/>
            {word}
        </label>
    }
}
