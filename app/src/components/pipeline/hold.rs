//! A hold: who, why, until when; and lifting it.

use crate::components::any::view;
use crate::{
    api::history::{lift_hold, put_hold},
    clock::clock,
    components::{
        dialog::Dialog,
        icon::icon,
        over::{Place, over},
        problem::error_line,
        state::{self, state},
        time::moment,
    },
    text,
};
use leptos::{prelude::*, task::spawn_local};
use types::{
    ApiError, Time,
    task::{Hold, NewHold},
};

/// What is offered for `until`, in hours; none: until somebody lifts it.
const UNTIL: [Option<i64>; 5] = [None, Some(1), Some(4), Some(24), Some(168)];
const HOUR_MS: i64 = 3_600_000;

/// See the module.
pub(crate) fn dialog(place: Place, hold: Option<Hold>) -> AnyView {
    let title = text::hold_title(&place.task.workload, &place.task.container);
    let held = hold.is_some();
    let reason = RwSignal::new(hold.as_ref().map(|hold| hold.reason.clone()).unwrap_or_default());
    let (hours, busy) = (RwSignal::new(None::<i64>), RwSignal::new(false));
    let (error, over) = (RwSignal::new(None::<ApiError>), over());
    let place = StoredValue::new(place);
    let send = move |lift: bool| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let Place { map, task } = place.get_value();
        let until = hours.get_untracked().map(|h| Time::from_millis(clock().now().as_millis() + h * HOUR_MS));
        let reason = reason.get_untracked().trim().to_owned();
        spawn_local(async move {
            let answer = match lift {
                true => lift_hold(map, task).await,
                false => put_hold(map, task, NewHold { reason, until }).await,
            };
            busy.try_set(false);
            match answer {
                Ok(_) => over.close(),
                Err(refused) => {
                    error.try_set(Some(refused));
                }
            }
        });
    };
    let off = move || busy.get().then_some("true");
    let lift = held.then(|| {
        view! { <button class="button" type="button" aria-disabled=off on:click=move |_| send(true)>{icon("close")}{text::lift_the_hold()}</button> }
    });
    view! {
        <Dialog title=title>
            <form class="form" on:submit=move |event| { event.prevent_default(); send(false) }>
                <div class="panel dialog-body">
                    {hold.map(standing)}
                    <p class="sub">{text::hold_means()}</p>
                    {fields(reason, hours)}
                    {move || error_line(error.get())}
                </div>
                <footer class="row wrap sheet-foot">
                    <span class="row wrap push">
                        {lift}
                        <button class="button button-primary" type="submit" aria-disabled=off>{icon("held")}{if held { text::change_the_hold() } else { text::hold_it() }}</button>
                    </span>
                </footer>
            </form>
        </Dialog>
    }
    .into_any()
}

/// Who holds it just now, since when, until when.
fn standing(hold: Hold) -> AnyView {
    let Hold { reason, by, at, until } = hold;
    let until = match until {
        Some(until) => view! { {text::until()}" "{moment(until)} }.into_any(),
        None => text::until_somebody_lifts_it().into_any(),
    };
    view! {
        <p class="row wrap">
            {state(state::HELD, text::held_by(&by, &reason))}
            <span class="sub">{text::since()}" "{moment(at)}", "{until}</span>
        </p>
    }
    .into_any()
}

fn fields(reason: RwSignal<String>, hours: RwSignal<Option<i64>>) -> AnyView {
    let options = UNTIL.into_iter().map(|each| {
        let value = each.map(|hours| hours.to_string()).unwrap_or_default();
        view! { <option value=value>{text::for_hours(each)}</option> }
    });
    view! {
        <div class="field">
            <label r#for="hold-reason">{text::reason()}</label>
            <input
                class="input"
                id="hold-reason"
                required
                maxlength="1000"
                autocomplete="off"
                placeholder=text::why_held()
                value=reason.get_untracked()
                on:input=move |event| reason.set(event_target_value(&event))
            />
        </div>
        <div class="field">
            <label r#for="hold-until">{text::until_when()}</label>
            <select class="select" id="hold-until" on:change=move |event| hours.set(event_target_value(&event).parse().ok())>
                {options.collect_view()}
            </select>
        </div>
    }
    .into_any()
}
