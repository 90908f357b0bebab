//! The way back to any version that ran: the candidates, checked in advance, and a press that is
//! held.

use super::{image_digest, image_tag};
use crate::components::any::view;
use crate::reactive::memo;
use crate::{
    api::{
        Answer,
        history::{roll_back, rollback_candidates},
        press::Press,
    },
    clock::clock,
    components::{
        blocked::refusal,
        dialog::Dialog,
        held_press::HeldPress,
        over::{Place, over},
        run::undo::{check, note_field},
        state::{self, state},
    },
    text,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use types::{
    ApiError,
    history::{Candidate, HistoryEntry, NewRollback, RollbackTo},
    run::ItemStatus,
};

/// What the way back of one task knows.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    place: StoredValue<Place>,
    /// Where to go with the new run.
    went: Callback<uuid::Uuid>,
    /// `None` while cluster and registry are asked.
    pub(crate) candidates: RwSignal<Option<Answer<Vec<Candidate>>>>,
    pub(crate) press: Press,
    pub(crate) error: RwSignal<Option<ApiError>>,
}

impl Way {
    /// Asks at once, so that what is gone says so before anybody presses.
    pub(crate) fn new(place: Place) -> Self {
        let candidates = RwSignal::new(None);
        let Place { map, task } = place.clone();
        spawn_local(async move {
            candidates.try_set(Some(rollback_candidates(map, task).await.map(|page| page.items)));
        });
        let (press, error) = (Press::new(), RwSignal::new(None));
        // The pipeline page shows the run in its place.
        let stays = use_location().pathname.get_untracked().ends_with("/pipeline");
        let go = use_navigate();
        let went = Callback::new(move |run| {
            if !stays {
                go(&format!("/runs/{run}"), NavigateOptions::default());
            }
        });
        Self { place: StoredValue::new(place), went, candidates, press, error }
    }

    /// Starts the run. The pipeline shows it in place; any other page goes to it.
    pub(crate) fn go(self, to: &HistoryEntry, hold: bool, note: Option<String>, started: impl FnOnce() + 'static) {
        let Some(to) = target(to) else { return };
        let Place { map, task } = self.place.get_value();
        let what = format!("{map} {task} {to:?} {hold} {note:?}");
        let new = NewRollback { to, hold: Some(hold), note, deadline_ms: None };
        let Some(key) = self.press.begin(what) else { return };
        self.error.set(None);
        spawn_local(async move {
            let answer = roll_back(map, task, new, key).await;
            self.press.end(&answer);
            match answer {
                Ok(run) => {
                    started();
                    // The card of the failure may have gone with it.
                    self.went.try_run(run.id).unwrap_or_default();
                }
                Err(refused) => {
                    self.error.try_set(Some(refused));
                }
            }
        });
    }
}

/// By its digest; where none was ever known, by the run that left it there.
fn target(entry: &HistoryEntry) -> Option<RollbackTo> {
    let digest = entry.image.digest.clone().or_else(|| entry.digests.first().cloned());
    digest.map(RollbackTo::Digest).or(entry.run.map(RollbackTo::Run))
}

/// The candidate of a tag or digest.
pub(crate) fn of_version(candidates: &[Candidate], wanted: &str) -> Option<usize> {
    let is_wanted = |candidate: &Candidate| {
        let image = &candidate.entry.image;
        image.tag.as_deref() == Some(wanted) || image.digest.as_ref().is_some_and(|digest| digest.as_str() == wanted)
    };
    candidates.iter().position(is_wanted)
}

/// The newest that can run and did not fail here; where all failed, none is chosen for anybody.
pub(crate) fn newest(candidates: &[Candidate]) -> Option<usize> {
    candidates.iter().position(|candidate| candidate.runnable && !failed_here(&candidate.entry))
}

/// Whether the run that brought it ended in a failure.
fn failed_here(entry: &HistoryEntry) -> bool {
    entry.status == Some(ItemStatus::Failed)
}

/// See the module.
pub(crate) fn dialog(place: Place, tag: Option<String>) -> AnyView {
    let title = text::roll_back_title(&place.task.workload, &place.task.container);
    let way = Way::new(place);
    let (hold, note) = (RwSignal::new(true), RwSignal::new(String::new()));
    let picked = RwSignal::new(None::<usize>);
    let chosen = memo(move || {
        let known = way.candidates.get()?.ok()?;
        let wanted = || tag.as_deref().and_then(|tag| of_version(&known, tag));
        let at = picked.get().or_else(wanted).or_else(|| newest(&known))?;
        known.into_iter().nth(at).map(|candidate| (at, candidate))
    });
    let list = move || match way.candidates.get() {
        None => view! { <p class="sub" role="status">{text::checking_versions()}</p> }.into_any(),
        Some(Err(error)) => refusal(Some(error)),
        Some(Ok(known)) if known.is_empty() => view! { <p class="sub">{text::nothing_to_go_back_to()}</p> }.into_any(),
        Some(Ok(known)) => {
            let lines = known.into_iter().enumerate().map(|(at, candidate)| line(at, candidate, chosen, picked));
            view! { <fieldset class="plan card versions"><legend class="hidden-text">{text::versions_that_ran()}</legend>{lines.collect_view()}</fieldset> }.into_any()
        }
    };
    let words = Signal::derive(move || match chosen.get() {
        Some((_, candidate)) => text::roll_back_to(&image_tag(&candidate.entry.image)),
        None => text::roll_back().to_owned(),
    });
    let off = Signal::derive(move || {
        way.press.is_busy() || !chosen.with(|chosen| chosen.as_ref().is_some_and(|(_, candidate)| candidate.runnable))
    });
    let over = over();
    let done = move |()| {
        if let Some((_, candidate)) = chosen.get_untracked() {
            let note = note.get_untracked().trim().to_owned();
            way.go(&candidate.entry, hold.get_untracked(), (!note.is_empty()).then_some(note), move || over.close());
        }
    };
    view! {
        <Dialog title=title>
            <div class="panel dialog-body">
                {list}
                {move || chosen.with(Option::is_some).then(|| view! {
                    {check(hold, text::hold_afterwards(), text::hold_afterwards_means())}
                    {note_field(note)}
                })}
                {move || refusal(way.error.get())}
            </div>
            <footer class="row wrap sheet-foot">
                <span class="row wrap push">
                    <HeldPress words off done/>
                </span>
            </footer>
        </Dialog>
    }
    .into_any()
}

/// A version with the time it ran, and why it cannot come back where it cannot.
fn line(
    at: usize,
    candidate: Candidate,
    chosen: Memo<Option<(usize, Candidate)>>,
    picked: RwSignal<Option<usize>>,
) -> AnyView {
    let Candidate { entry, runnable, blocked_by, warnings } = candidate;
    let checked = move || chosen.with(|chosen| chosen.as_ref().is_some_and(|(now, _)| *now == at));
    let (tag, digest) = (image_tag(&entry.image), image_digest(&entry.image));
    let failed = failed_here(&entry);
    let ran = move || ran_words(&entry);
    let failed = failed.then(|| view! { <span class="row sub">{state(state::BAD, text::failed_here())}</span> });
    let walls = blocked_by.into_iter().map(|wall| {
        view! { <span class="row wrap sub">{state(state::WARN, wall.message)}<code class="code">{wall.code.as_str()}</code></span> }
    });
    let warnings = warnings.into_iter().map(|warning| {
        view! { <span class="row wrap sub">{state(state::WARN, warning.message)}<code class="code">{warning.code.as_str()}</code></span> }
    });
    view! {
        <label class="check version" data-dim=(!runnable).then_some("")>
            <input type="radio" name="version" disabled=!runnable prop:checked=checked on:change=move |_| picked.set(Some(at))/>
            <span class="version-words">
                <span class="row"><code class="strong clip">{tag}</code><span class="digest">{digest}</span></span>
                <span class="sub">{ran}</span>
                {failed}
                {walls.collect_view()}
                {warnings.collect_view()}
            </span>
        </label>
    }
    .into_any()
}

/// `Ran 3 d, until Thu 18:00`
pub(crate) fn ran_words(entry: &HistoryEntry) -> String {
    let clock = clock();
    match entry.until {
        Some(until) => {
            text::ran_until(&crate::format::age(until.since_ms(entry.from)), &clock.moment(until), entry.found)
        }
        None => text::runs_since(&clock.moment(entry.from), entry.found),
    }
}
