//! User task and script: what runs, and the container that it runs in.

use super::{RowsAbout, StepFields};
use crate::{
    components::{
        any::view,
        build::form::{ContainerForm, RoomForm, ScriptForm},
        field::About,
    },
    text,
};
use leptos::prelude::*;

/// User task.
pub(super) fn task(form: ContainerForm, step: &StepFields) -> AnyView {
    let command = About::code(text::command(), "command").hint(text::command_hint());
    let ContainerForm { room, command: words } = form;
    view! { {image(room, step)}{step.lines(command, 2, words)}{rest(room, step)} }
}

/// Script.
pub(super) fn script(form: ScriptForm, step: &StepFields) -> AnyView {
    let about = About::code(text::script(), "script").hint(text::script_hint());
    let ScriptForm { room, script } = form;
    view! { {image(room, step)}{step.lines(about, 8, script)}{rest(room, step)} }
}

fn image(room: RoomForm, step: &StepFields) -> AnyView {
    let image = About { placeholder: "registry.example/tools:1", ..About::code(text::image(), "image") };
    let folder = About::code(text::working_folder(), "working_folder").hint(text::empty_is_the_root());
    view! { <div class="field-grid">{step.text(image, room.image)}{step.text(folder, room.working_folder)}</div> }
}

fn rest(room: RoomForm, step: &StepFields) -> AnyView {
    let caches = RowsAbout {
        hint: Some(text::caches_hint()),
        value: text::path_in_the_container(),
        counted: true,
        ..RowsAbout::new(text::caches(), "caches", text::add_cache())
    };
    view! {
        {step.rows(RowsAbout::new(text::environment(), "environment", text::add_variable()), room.environment)}
        {step.rows(caches, room.caches)}
    }
}
