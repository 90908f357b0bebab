//! One step of a flow: its head, and its fields while it is open.

use super::{
    fields::fields,
    focus::focus_soon,
    form::{BuildForm, StepForm, StepKind, StepType, Text},
    moving::Moving,
    removed::Removals,
    try_dialog,
};
use crate::{
    components::{
        any::view,
        field::Refusal,
        icon::icon,
        menu::{Face, Menu},
        over::{Part, over},
    },
    reactive::{effect, memo},
    text,
};
use leptos::prelude::*;
use std::sync::Arc;
use types::{Name, build::TransferDirection};

/// See the module.
#[component]
pub(super) fn StepEditor(
    form: BuildForm,
    step: StepForm,
    refusal: Refusal,
    moving: Moving,
    removals: Removals,
) -> impl IntoView {
    let StepForm { key, name, enabled, open, kind, .. } = step;
    let place = memo(move || form.steps.with(|steps| steps.iter().position(|other| other.key == key).unwrap_or(0)));
    let last = memo(move || form.steps.with(|steps| steps.last().is_some_and(|last| last.key == key)));
    let (mark, word) = of_type(kind.kind());
    // A refused field must be seen.
    effect(move || {
        let here = step.at();
        let refused = refusal.with(|error| {
            error.as_ref().is_some_and(|error| error.fields.iter().any(|field| field.path.starts_with(&here)))
        });
        if refused {
            open.set(true);
        }
    });
    view! {
        <li
            class="step card"
            id=format!("step-{key}")
            data-off=move || (!enabled.get()).then_some("")
            data-drop=move || moving.mark(place.get(), last.get())
            on:dragover=move |event| moving.over(&event, key)
            on:drop=move |event| moving.drop(&event)
        >
            <div class="row step-head" on:keydown=move |event| moving.key(&event, step, false)>
                <span
                    class="step-grip"
                    role="button"
                    tabindex="0"
                    draggable="true"
                    aria-label=move || text::move_step(place.get() + 1, &text::step_named(word, &name.get()))
                    on:dragstart=move |event| moving.start(&event, step)
                    on:dragend=move |_| moving.end()
                    on:keydown=move |event| moving.key(&event, step, true)
                >
                    {icon("grip")}
                </span>
                <span class="step-number">{move || place.get() + 1}</span>
                {icon(mark)}
                <span class="strong">{word}</span>
                <span class="sub clip">{move || about(name, kind)}</span>
                <span class="row push">
                    <input
                        class="switch"
                        type="checkbox"
                        aria-label=move || text::step_is_on(&name.get())
                        prop:checked=enabled
                        checked=enabled.get_untracked()
                        on:change=move |event| enabled.set(event_target_checked(&event))
                    />
                    <button
                        class="button button-plain button-icon"
                        type="button"
                        aria-label=move || text::edit_step(&name.get())
                        aria-expanded=move || open.get().to_string()
                        on:click=move |_| open.update(|open| *open = !*open)
                    >
                        {move || if open.get() { icon("up") } else { icon("down") }}
                    </button>
                    {menu(form, step, refusal, moving, removals)}
                </span>
            </div>
            {move || open.get().then(|| view! { <div class="panel step-body">{fields(step, refusal)}</div> })}
        </li>
    }
}

fn menu(form: BuildForm, step: StepForm, refusal: Refusal, moving: Moving, removals: Removals) -> AnyView {
    let (menu, key, name, over) = (Menu::new(), step.key, step.name, over());
    let try_it = move |name: Name| match form.read_step(step) {
        Ok(read) => {
            let has_source = form.has_source_beside(key);
            over.open(Part::Own(Arc::new(move || try_dialog::dialog(name.clone(), read.clone(), has_source))));
        }
        Err(wrong) => refusal.set(Some(wrong)),
    };
    let duplicate = move || {
        let copy = form.duplicate(step);
        copy.open.set(true);
        focus_soon(format!("#step-{} .step-grip", copy.key));
    };
    let lines = move || {
        let stored = form.stored().and_then(|edited| Name::parse(&edited.build.name).ok());
        view! {
            {stored.map(|name| view! { {menu.line("play", text::try_dots(), move || try_it(name.clone()))}<hr/> })}
            {menu.line("up", text::move_up(), move || moving.by_one(key, false))}
            {menu.line("down", text::move_down(), move || moving.by_one(key, true))}
            {menu.line("copy", text::duplicate(), duplicate)}
            <hr/>
            {menu.line("trash", text::remove(), move || removals.remove(key))}
        }
    };
    let face = Face {
        id: None,
        class: "button button-plain button-icon",
        label: Some(Signal::derive(move || text::actions_for(&name.get()))),
        shown: icon("more"),
    };
    menu.view(face, lines)
}

/// Icon and word of a type.
pub(super) fn of_type(kind: StepType) -> (&'static str, &'static str) {
    match kind {
        StepType::Git => ("git", text::code_repository()),
        StepType::Transfer => ("transfer", text::file_transfer()),
        StepType::Http => ("rest", text::rest_call()),
        StepType::Script => ("script", text::script()),
        StepType::Container => ("task", text::user_task()),
        StepType::Image => ("image", text::create_image()),
    }
}

/// `source: https://git.example/shop/api.git at main`
fn about(name: Text, kind: StepKind) -> String {
    let words = match kind {
        StepKind::Git(form) => format!("{} {} {}", form.url.get(), text::at(), form.reference.get()),
        StepKind::Transfer(form) => {
            let (from, to) = match form.direction.get() == TransferDirection::Send.as_str() {
                true => (form.local_path.get(), form.remote_path.get()),
                false => (form.remote_path.get(), form.local_path.get()),
            };
            format!("{} {}, {}", form.protocol.get(), form.host.get(), text::into_folder(&from, &to))
        }
        StepKind::Http(form) => {
            format!("{} {}, {}", form.method.get(), form.url.get(), text::expects(&form.expected_status.get()))
        }
        StepKind::Script(form) => {
            format!("{}, {}", form.room.image.get(), text::lines_of(form.script.with(|script| script.lines().count())))
        }
        StepKind::Container(form) => format!("{}, {}", form.room.image.get(), form.command.get()),
        StepKind::Image(form) => {
            let path = [form.context.get(), form.dockerfile.get()];
            path.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("/")
        }
    };
    format!("{}: {words}", name.get())
}
