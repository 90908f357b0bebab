//! The plan: what it is asked with, whether it still holds, and Run. The sheet over the pipeline
//! page and the page of its own show the same.

use super::plan_lines::{Stay, contents, stays};
use crate::components::any::view;
use crate::reactive::{effect, memo};
use crate::{
    api::{Answer, maps::plan, press::Press},
    clock::clock,
    components::{blocked::refusal, icon::icon, problem::error_line, state, time::ago},
    pages::pipeline::{
        board::{Board, Row},
        choose::Start,
    },
    text,
};
use leptos::{ev::KeyboardEvent, prelude::*, task::spawn_local};
use std::collections::HashMap;
use types::{
    ErrorCode, TaskId, Time, Version,
    plan::{Plan, Wall},
    run::{NewItem, NewRun, OnBlocked, OnFailure},
};

/// What of a row decides what its plan is.
type Mark = (TaskId, Option<Version>, String, bool, bool);

/// What the plan knows.
#[derive(Clone, Copy)]
pub(crate) struct Sheet {
    pub(crate) start: Start,
    pub(crate) on_failure: RwSignal<OnFailure>,
    pub(crate) note: RwSignal<String>,
    /// Why holds are passed; empty: they are not.
    pub(crate) pass_holds: RwSignal<String>,
    pub(crate) waves: RwSignal<HashMap<TaskId, u32>>,
    /// The tasks of a stored plan; none: all that are chosen on the page.
    only: StoredValue<Option<Vec<TaskId>>>,
    pub(crate) arranging: RwSignal<bool>,
    /// `None` while it is asked.
    pub(crate) plan: RwSignal<Option<Answer<Plan>>>,
    /// How the page stood when the plan was asked for, and when that was.
    asked: RwSignal<(Vec<Mark>, Option<Time>)>,
    turn: StoredValue<u32>,
}

impl Sheet {
    pub(crate) fn new(board: Board) -> Self {
        Self {
            start: Start { board, press: Press::new(), error: RwSignal::new(None) },
            on_failure: RwSignal::new(OnFailure::Stop),
            note: RwSignal::new(String::new()),
            pass_holds: RwSignal::new(String::new()),
            waves: RwSignal::new(HashMap::new()),
            only: StoredValue::new(None),
            arranging: RwSignal::new(false),
            plan: RwSignal::new(None),
            asked: RwSignal::new((Vec::new(), None)),
            turn: StoredValue::new(0),
        }
    }

    /// Asks for what a stored plan asks for.
    pub(crate) fn of(board: Board, request: &NewRun) -> Self {
        let sheet = Self::new(board);
        sheet.on_failure.set(request.on_failure);
        sheet.note.set(request.note.clone().unwrap_or_default());
        sheet.pass_holds.set(request.override_hold.clone().unwrap_or_default());
        let Some(items) = &request.items else { return sheet };
        let mut only = Vec::new();
        for row in untrack(move || board.rows()) {
            let (task, repository) =
                row.task.with_untracked(|task| (task.id.clone(), task.deployed.repository.clone()));
            let asked =
                |item: &&NewItem| item.task.as_ref() == Some(&task) || item.repository.as_ref() == Some(&repository);
            let Some(item) = items.iter().find(asked) else { continue };
            row.from_link.set(Some(item.version.clone()));
            if let Some(wave) = item.wave {
                sheet.waves.update(|waves| {
                    waves.insert(task.clone(), wave);
                });
            }
            only.push(task);
        }
        sheet.only.set_value(Some(only));
        sheet
    }

    fn rows(self) -> Vec<Row> {
        match self.only.get_value() {
            None => self.start.board.chosen_rows(),
            Some(only) => self.start.board.rows().into_iter().filter(|row| only.contains(&row.id())).collect(),
        }
    }

    pub(crate) fn new_run(self) -> NewRun {
        let given =
            |text: RwSignal<String>| Some(text.get_untracked().trim().to_owned()).filter(|text| !text.is_empty());
        NewRun {
            items: Some(untrack(move || self.items())),
            on_failure: self.on_failure.get_untracked(),
            on_blocked: OnBlocked::Skip,
            note: given(self.note),
            override_hold: given(self.pass_holds),
            ..NewRun::default()
        }
    }

    /// Rows that can run, those of the link, and those that only a hold keeps, where it is passed.
    fn items(self) -> Vec<NewItem> {
        let passes = !self.pass_holds.with(|why| why.trim().is_empty());
        let taken = |row: &Row| {
            row.from_link.with(Option::is_some)
                || row.verdict.with(|verdict| verdict.runnable || (passes && verdict.blocked_by.iter().all(is_hold)))
        };
        let waves = self.waves.get();
        let item = |row: Row| {
            let (task, version) = (row.id(), row.version()?);
            let wave = waves.get(&task).copied();
            Some(NewItem { task: Some(task), repository: None, version, wave, deadline_ms: None, seen: None })
        };
        self.rows().into_iter().filter(taken).filter_map(item).collect()
    }

    pub(crate) fn ask(self) {
        let (map, new) = (self.start.board.map.get_value(), self.new_run());
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        self.asked.set((untrack(move || marks(self.rows())), Some(clock().now())));
        if new.items.as_ref().is_none_or(Vec::is_empty) {
            return self.plan.set(Some(Ok(nothing(self.on_failure.get_untracked()))));
        }
        self.plan.set(None);
        spawn_local(async move {
            let answer = plan(map, new).await;
            if self.turn.try_get_value() == Some(turn) {
                self.plan.try_set(Some(answer));
            }
        });
    }

    /// Whether something has changed on the page since the plan was asked for.
    pub(crate) fn is_stale(self) -> bool {
        let now = marks(self.rows());
        self.asked.with(|(then, _)| *then != now)
    }

    /// Runs what is shown, and nothing else.
    fn run(self, started: Callback<()>) {
        let Some(Ok(plan)) = self.plan.get_untracked() else { return };
        if plan.runnable_count > 0 && !untrack(move || self.is_stale()) {
            let new = NewRun { plan_hash: Some(plan.plan_hash), ..self.new_run() };
            self.start.run(new, move || started.run(()));
        }
    }
}

fn nothing(on_failure: OnFailure) -> Plan {
    Plan { plan_hash: String::new(), on_failure, items: Vec::new(), runnable_count: 0 }
}

fn is_hold(wall: &types::plan::BlockedBy) -> bool {
    wall.code == Wall::Held
}

fn marks(rows: Vec<Row>) -> Vec<Mark> {
    let mark = |row: Row| {
        let version = row.version();
        row.task.with(|task| {
            let (image, runs) = (task.deployed.image.clone(), task.current_run.is_some());
            (task.id.clone(), version, image, runs, task.hold.is_some())
        })
    };
    rows.into_iter().map(mark).collect()
}

/// Rows that somebody chose something for and that stay as they are, with why.
fn staying(sheet: Sheet) -> Vec<Stay> {
    let planned: Vec<TaskId> = untrack(move || sheet.items()).into_iter().filter_map(|item| item.task).collect();
    let stay = |row: Row| {
        let task = row.id();
        row.version()?;
        (!planned.contains(&task)).then(|| Stay { task, walls: row.verdict.with(|verdict| verdict.blocked_by.clone()) })
    };
    sheet.rows().into_iter().filter_map(stay).collect()
}

/// The plan as it is now; the same in the sheet and on the page.
pub(crate) fn body(sheet: Sheet) -> AnyView {
    sheet.ask();
    // The plan that was refused as stale came with the new one.
    effect(move || {
        if sheet.start.error.get().is_some_and(|error| error.code == ErrorCode::PlanStale) {
            sheet.ask();
        }
    });
    let shown = move || match sheet.plan.get() {
        None => view! { <p class="sub plan-wait" role="status">{text::planning()}</p> }.into_any(),
        Some(Err(error)) => refusal(Some(error)),
        Some(Ok(plan)) => contents(Some(sheet), plan),
    };
    let held = memo(move || staying(sheet).iter().any(|stay| stay.walls.iter().any(is_hold)));
    let passes = move || (held.get() || !sheet.pass_holds.with(String::is_empty)).then(|| pass_holds(sheet));
    view! {
        {shown}
        {move || stays(staying(sheet))}
        {passes}
        {rules(sheet)}
    }
    .into_any()
}

/// A hold is passed by a person with a reason.
fn pass_holds(sheet: Sheet) -> AnyView {
    let ask = move |event| {
        sheet.pass_holds.set(event_target_value(&event));
        sheet.ask();
    };
    view! {
        <div class="field plan-holds">
            <label r#for="pass-holds">{text::pass_the_holds()}</label>
            <input class="input" id="pass-holds" autocomplete="off" placeholder=text::why_pass_the_holds() prop:value=sheet.pass_holds on:change=ask/>
        </div>
    }
    .into_any()
}

/// What happens on failure, and why the run is made.
fn rules(sheet: Sheet) -> AnyView {
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
                <input type="radio" name="policy" checked=rule == sheet.on_failure.get_untracked() on:change=choose/>
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
                <textarea class="input" id="note" rows="3" placeholder=text::why_this_run() prop:value=sheet.note on:input=move |event| sheet.note.set(event_target_value(&event))></textarea>
            </div>
        </div>
    }
    .into_any()
}

/// Ctrl Enter confirms.
pub(crate) fn confirm(sheet: Sheet, event: &KeyboardEvent, started: Callback<()>) {
    if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
        event.prevent_default();
        sheet.run(started);
    }
}

/// Whether the plan holds, and Run.
pub(crate) fn foot(sheet: Sheet, cancel: AnyView, started: Callback<()>) -> AnyView {
    let count = move || {
        sheet.plan.with(|plan| match plan {
            Some(Ok(plan)) => plan.runnable_count,
            Some(Err(_)) | None => 0,
        })
    };
    let stale = memo(move || sheet.is_stale());
    let off = move || (count() == 0 || stale.get() || sheet.start.press.is_busy()).then_some("true");
    let holds = move || {
        match stale.get() {
        true => view! {
            <span class="row">
                {state::state(state::WARN, text::plan_is_stale())}
                <button class="button" type="button" on:click=move |_| sheet.ask()>{icon("retry")}{text::plan_again()}</button>
            </span>
        }
        .into_any(),
        false => checked(sheet),
    }
    };
    let refused = move || match sheet.start.error.get() {
        Some(error) if error.code == ErrorCode::PlanStale => error_line(Some(error)),
        error => refusal(error),
    };
    view! {
        <footer class="row wrap sheet-foot">
            {refused}
            <span id="plan-holds" role="status">{holds}</span>
            <span class="row wrap push">
                {cancel}
                <button class="button button-primary" type="button" aria-disabled=off aria-describedby="plan-holds" on:click=move |_| sheet.run(started)>
                    {icon("play")}{move || text::run_tasks(count())}<kbd>"Ctrl Enter"</kbd>
                </button>
            </span>
        </footer>
    }
    .into_any()
}

/// When cluster and registry were asked, and the mark of what they said.
fn checked(sheet: Sheet) -> AnyView {
    let hash = sheet.plan.with(|plan| match plan {
        Some(Ok(plan)) => Some(plan.plan_hash.clone()).filter(|hash| !hash.is_empty()),
        Some(Err(_)) | None => None,
    });
    let at = sheet.asked.with(|(_, at)| *at);
    hash.zip(at)
        .map(|(hash, at)| {
            let short: String = hash.chars().take(12).collect();
            let words = view! { {text::checked_with_cluster_and_registry()}" "{ago(at)} };
            view! { <span class="row wrap sub">{state::state(state::OK, words)}<code class="code" title=hash>{short}</code></span> }
        })
        .into_any()
}
