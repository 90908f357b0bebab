//! The flow of a build: its steps in order, and the menu of what can be added.

use super::{
    focus::focus_soon,
    form::{BuildForm, StepForm, StepType},
    moving::Moving,
    removed::Removals,
    step::{StepEditor, of_type},
    yaml_dialog,
};
use crate::{
    components::{
        any::view,
        field::{Refusal, error_of, field_error},
        icon::icon,
        menu::{Face, Menu},
        over::{Part, over},
    },
    text,
};
use leptos::prelude::*;
use std::sync::Arc;
use types::build::Build;

/// See the module.
#[component]
pub(super) fn Flow(form: BuildForm, refusal: Refusal, take: Callback<Build>) -> impl IntoView {
    let over = over();
    let yaml = move |_| over.open(Part::Own(Arc::new(move || yaml_dialog::dialog(form, take))));
    let (moving, removals) = (Moving::new(form), Removals::new(form, refusal));
    let error = error_of(refusal, "steps".to_owned());
    let step = move |step: StepForm| view! { <StepEditor form step refusal moving removals/> };
    view! {
        <section aria-labelledby="flow-title">
            <div class="row flow-title">
                <h2 id="flow-title">{text::flow()}</h2>
                <span class="sub wide-only">{text::steps_run_in_order()}</span>
                <span class="row push">
                    <button class="button" type="button" on:click=yaml>{text::yaml()}</button>
                    {add_menu(form)}
                </span>
            </div>
            {field_error(error, "flow-error".to_owned())}
            <ol
                class="flow"
                id="field-steps"
                tabindex="-1"
                on:dragover=move |event| moving.between(&event)
                on:drop=move |event| moving.drop(&event)
            >
                <For each=move || form.steps.get() key=|step| step.key children=step/>
            </ol>
            <p class="sub wide-only">{text::flow_help()}</p>
            {moving.view()}
            {removals.view()}
        </section>
    }
}

fn add_menu(form: BuildForm) -> AnyView {
    let menu = Menu::new();
    let add = move |kind: StepType| {
        let step = form.add(kind);
        step.open.set(true);
        focus_soon(format!("#step-{} .step-body :is(input, textarea)", step.key));
    };
    let lines = move || {
        let line = |kind: StepType| {
            let (mark, word) = of_type(kind);
            menu.line(mark, word, move || add(kind))
        };
        StepType::ALL.map(line).into_iter().collect_view().into_any()
    };
    let shown = view! { {icon("plus")}{text::add_step()} };
    menu.view(Face { id: Some("add-step"), class: "button", label: None, shown }, lines)
}
