//! What stands in the plan's sheet: from and to of each task, what blocks, what warns, and Run.

use super::card::kind_icon;
use crate::{
    api::{Answer, maps::plan},
    components::{
        any::view,
        icon::icon,
        problem::error_line,
        state::{self, state},
    },
    format::{size, split_repository},
    pages::pipeline::{
        board::Board,
        choose::{Start, items},
    },
    text,
};
use leptos::{ev, prelude::*, task::spawn_local};
use types::{
    ErrorCode, Image,
    plan::{Action, Plan, PlanItem},
    run::{NewRun, OnBlocked, OnFailure},
};

/// What the sheet knows.
#[derive(Clone, Copy)]
struct Sheet {
    start: Start,
    on_failure: RwSignal<OnFailure>,
    note: RwSignal<String>,
    /// `None` while it is asked.
    plan: RwSignal<Option<Answer<Plan>>>,
}

impl Sheet {
    fn new_run(self) -> NewRun {
        NewRun {
            items: Some(items(&untrack(move || self.start.board.rows()))),
            on_failure: self.on_failure.get_untracked(),
            on_blocked: OnBlocked::Skip,
            note: self.note.with_untracked(|note| (!note.trim().is_empty()).then(|| note.trim().to_owned())),
            ..NewRun::default()
        }
    }

    fn ask(self) {
        let (map, new) = (self.start.board.map.get_value(), self.new_run());
        self.plan.set(None);
        spawn_local(async move {
            let answer = plan(map, new).await;
            self.plan.set(Some(answer));
        });
    }

    /// Runs what is shown, and nothing else.
    fn run(self, close: Callback<()>) {
        let Some(Ok(plan)) = self.plan.get_untracked() else { return };
        if plan.runnable_count > 0 {
            self.start.run(NewRun { plan_hash: Some(plan.plan_hash), ..self.new_run() }, move || close.run(()));
        }
    }
}

/// See the module.
#[component]
pub(crate) fn PlanContents(board: Board, on_close: Callback<()>) -> impl IntoView {
    let start = Start { board, starting: RwSignal::new(false), error: RwSignal::new(None) };
    let sheet = Sheet {
        start,
        on_failure: RwSignal::new(OnFailure::Stop),
        note: RwSignal::new(String::new()),
        plan: RwSignal::new(None),
    };
    sheet.ask();
    // The plan that was refused as stale came with the new one.
    Effect::new(move |_| {
        if start.error.get().is_some_and(|error| error.code == ErrorCode::PlanStale) {
            sheet.ask();
        }
    });
    // The dialog lets no key through to the page below it.
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            sheet.run(on_close);
        }
    });
    on_cleanup(move || keys.remove());
    let body = move || match sheet.plan.get() {
        None => view! { <p class="sub" role="status">{text::planning()}</p> },
        Some(Err(error)) => error_line(Some(error)),
        Some(Ok(plan)) => contents(plan),
    };
    view! {
        <div class="sheet-body">{body}<Rules sheet/></div>
        <Foot sheet on_close/>
    }
}

fn contents(plan: Plan) -> AnyView {
    let (runs, stays): (Vec<_>, Vec<_>) = plan.items.into_iter().partition(|item| item.runnable);
    let mut waves: Vec<(u32, Vec<PlanItem>)> = Vec::new();
    for item in runs {
        match waves.last_mut().filter(|(wave, _)| *wave == item.wave) {
            Some((_, items)) => items.push(item),
            None => waves.push((item.wave, vec![item])),
        }
    }
    let waves = waves.into_iter().map(|(wave, items)| {
        view! { <h3 class="row wrap">{text::wave(wave)}</h3><ol class="plan card">{items.into_iter().map(line).collect_view()}</ol> }
    });
    let stays = (!stays.is_empty()).then(|| {
        view! {
            <h3 class="row wrap">{text::will_not_run_title()}" "<span class="sub">{text::stay_as_they_are()}</span></h3>
            <ul class="plan card">{stays.into_iter().map(stays_line).collect_view()}</ul>
        }
    });
    view! { {waves.collect_view()}{stays} }
}

fn name(item: &PlanItem) -> AnyView {
    let name = format!("{} / {}", item.task.workload, item.task.container);
    view! { <span class="row strong">{icon(kind_icon(item.task.kind))}<span class="clip">{name}</span></span> }
}

fn line(item: PlanItem) -> AnyView {
    let repository = item.to.as_ref().or(item.from.as_ref()).map(|image| image.repository.clone()).unwrap_or_default();
    let (start, end) = split_repository(&repository);
    let to = match (&item.to, &item.build) {
        (Some(image), _) => (tag(image), digest(image)),
        (None, Some(build)) => (text::new_image_of(&build.name), text::digest_known_at_the_end().to_owned()),
        (None, None) => (String::new(), String::new()),
    };
    let from = item.from.as_ref().map(|image| (tag(image), digest(image))).unwrap_or_default();
    let label = match item.action {
        Action::Deploy | Action::None => None,
        Action::Restart => Some(text::restart()),
        Action::BuildDeploy => Some(text::builds_first()),
    };
    let more = item.diff.size_bytes.map(|bytes| text::size_change(bytes.is_negative(), &size(bytes.unsigned_abs())));
    let warnings = item.warnings.iter().map(|warning| {
        let message = warning.message.clone();
        view! { <span class="sub plan-note">{state(state::WARN, message)}" "<code class="code">{warning.code.as_str()}</code></span> }
    });
    view! {
        <li>
            <div>{name(&item)}<span class="image" title=repository.clone()><span class="clip">{start}</span><span class="clip">{end}</span></span></div>
            <div>
                <span class="phase-tags"><span class="clip">{from.0}</span>{icon("to")}<strong class="clip">{to.0}</strong></span>
                <span class="phase-tags digest"><span>{from.1}</span>{icon("to")}<span>{to.1}</span></span>
                {warnings.collect_view()}
            </div>
            <div class="plan-end">{label.map(|label| view! { <span class="label">{label}</span> })}<span class="sub">{more}</span></div>
        </li>
    }
}

fn stays_line(item: PlanItem) -> AnyView {
    let walls = item.blocked_by.iter().map(|wall| wall.message.clone()).collect::<Vec<_>>().join("; ");
    let code = item.blocked_by.first().map(|wall| view! { <code class="code">{wall.code.as_str()}</code> });
    view! { <li>{name(&item)}<span>{walls}</span>{code}</li> }
}

fn tag(image: &Image) -> String {
    image.tag.clone().unwrap_or_else(|| text::no_tag().to_owned())
}

fn digest(image: &Image) -> String {
    image
        .digest
        .as_ref()
        .map_or_else(|| text::digest_unknown().to_owned(), |digest| format!("sha256:{}", digest.short()))
}

/// What happens on failure, and why the run is made.
#[component]
fn Rules(sheet: Sheet) -> impl IntoView {
    let rules = [
        (OnFailure::Stop, text::stop(), text::stop_means()),
        (OnFailure::Continue, text::go_on(), text::go_on_means()),
        (OnFailure::Undo, text::undo(), text::undo_means()),
    ]
    .map(|(rule, word, means)| {
        let choose = move |_| {
            sheet.on_failure.set(rule);
            sheet.ask();
        };
        view! {
            <label class="check">
                <input type="radio" name="policy" checked=rule == OnFailure::Stop on:change=choose/>
                <span>{word}" "<span class="sub">{means}</span></span>
            </label>
        }
    });
    view! {
        <div class="panel field-grid plan-rules">
            <fieldset>
                <legend>{text::if_a_task_fails()}</legend>
                <div class="options">{rules.collect_view()}</div>
            </fieldset>
            <div class="field">
                <label r#for="note">{text::note()}</label>
                <textarea class="input" id="note" rows="3" placeholder=text::why_this_run() on:input=move |event| sheet.note.set(event_target_value(&event))></textarea>
            </div>
        </div>
    }
}

#[component]
fn Foot(sheet: Sheet, on_close: Callback<()>) -> impl IntoView {
    let count = move || {
        sheet.plan.with(|plan| match plan {
            Some(Ok(plan)) => plan.runnable_count,
            Some(Err(_)) | None => 0,
        })
    };
    let off = move || (count() == 0 || sheet.start.starting.get()).then_some("true");
    view! {
        <footer class="row wrap sheet-foot">
            {move || error_line(sheet.start.error.get())}
            <span class="row wrap push">
                <button class="button" type="button" on:click=move |_| on_close.run(())>{text::cancel()}</button>
                <button class="button button-primary" type="button" aria-disabled=off on:click=move |_| sheet.run(on_close)>
                    {icon("play")}{move || text::run_tasks(count())}<kbd>"Ctrl Enter"</kbd>
                </button>
            </span>
        </footer>
    }
}
