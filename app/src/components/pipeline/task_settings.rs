//! What a task does otherwise than its map: how images are written, the deadline, and the way back when it passes.

use crate::components::any::view;
use crate::{
    api::maps::put_task_settings,
    components::{
        dialog::Dialog,
        icon::icon,
        over::{Place, over},
        problem::error_line,
    },
    text,
};
use leptos::{prelude::*, task::spawn_local};
use types::{ApiError, map::WrittenForm, task::TaskSettings};

/// What is offered as the deadline, in minutes; none: as the map says.
const DEADLINES: [Option<u64>; 8] = [None, Some(1), Some(2), Some(5), Some(10), Some(30), Some(60), Some(240)];
const MINUTE_MS: u64 = 60_000;
const FORMS: [Option<WrittenForm>; 4] =
    [None, Some(WrittenForm::TagDigest), Some(WrittenForm::Digest), Some(WrittenForm::Tag)];
const GOES_BACK: [Option<bool>; 3] = [None, Some(true), Some(false)];

/// See the module.
pub(crate) fn dialog(place: Place, known: Option<TaskSettings>) -> AnyView {
    let title = text::settings_of(&place.task.workload, &place.task.container);
    let (settings, busy) = (RwSignal::new(known.unwrap_or_default()), RwSignal::new(false));
    let (error, over) = (RwSignal::new(None::<ApiError>), over());
    let place = StoredValue::new(place);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (Place { map, task }, new) = (place.get_value(), settings.get_untracked());
        spawn_local(async move {
            let answer = put_task_settings(map, task, new).await;
            busy.try_set(false);
            match answer {
                Ok(_) => over.close(),
                Err(refused) => {
                    error.try_set(Some(refused));
                }
            }
        });
    };
    view! {
        <Dialog title=title>
            <form class="form" on:submit=send>
                <div class="panel dialog-body">
                    <p class="sub">{text::settings_mean()}</p>
                    {fields(settings)}
                    {move || error_line(error.get())}
                </div>
                <footer class="row wrap sheet-foot">
                    <span class="row wrap push">
                        <button class="button button-primary" type="submit" aria-disabled=move || busy.get().then_some("true")>{icon("check")}{text::save()}</button>
                    </span>
                </footer>
            </form>
        </Dialog>
    }
    .into_any()
}

fn fields(settings: RwSignal<TaskSettings>) -> AnyView {
    let TaskSettings { written_form, deadline_ms, undo_on_deadline } = settings.get_untracked();
    let forms = FORMS.map(|form| (text::written_form(form).to_owned(), form == written_form)).to_vec();
    let own = deadline_ms.map(|ms| ms / MINUTE_MS);
    // One that was set over REST and is none of those offered stands among them.
    let mut deadlines = DEADLINES.to_vec();
    if !deadlines.iter().any(|each| each.map(|minutes| minutes * MINUTE_MS) == deadline_ms) {
        deadlines.push(own);
    }
    let offered = deadlines.clone();
    let deadlines = deadlines.into_iter().map(|each| (text::deadline_of(each), each == own)).collect();
    let backs = GOES_BACK.map(|back| (text::goes_back(back).to_owned(), back == undo_on_deadline)).to_vec();
    view! {
        {choice("own-form", text::images_are_written(), forms, move |at| settings.update(|own| own.written_form = FORMS.get(at).copied().flatten()))}
        {choice("own-deadline", text::deadline(), deadlines, move |at| {
            let minutes = offered.get(at).copied().flatten();
            settings.update(|own| own.deadline_ms = minutes.map(|minutes| minutes * MINUTE_MS));
        })}
        {choice("own-undo", text::when_the_deadline_passes(), backs, move |at| settings.update(|own| own.undo_on_deadline = GOES_BACK.get(at).copied().flatten()))}
    }
    .into_any()
}

/// A select whose lines are told by their place.
fn choice(
    id: &'static str,
    label: &'static str,
    lines: Vec<(String, bool)>,
    choose: impl Fn(usize) + 'static,
) -> AnyView {
    let lines = lines.into_iter().enumerate().map(|(at, (words, selected))| {
        view! { <option value=at.to_string() selected=selected>{words}</option> }
    });
    let change = move |event| {
        if let Ok(at) = event_target_value(&event).parse() {
            choose(at);
        }
    };
    view! {
        <div class="field">
            <label r#for=id>{label}</label>
            <select class="select" id=id on:change=change>{lines.collect_view()}</select>
        </div>
    }
    .into_any()
}
