//! What the pipeline page does without until somebody acts or something happens: what opens over it
//! and what a hand does, in one module; why a task failed, in a small one; the strip below a row that
//! runs, in that of the news (`alive.rs`).
//!
//! They are fetched when the page has nothing better to do; what the server has drawn of them, before
//! the page comes alive. What is asked for before that comes when it has been fetched.

use super::{
    act::Act,
    board::{Board, Row},
    choose::Start,
};
use crate::{
    components::{
        any::live,
        over::Part,
        pipeline::{failure, rollout},
        problem::error_line,
    },
    pages::{
        later::{Plan, Unfetched, later},
        plan::{PlanPage, StoredPlanPage},
    },
    reactive::effect,
};
use futures::FutureExt;
use leptos::{prelude::*, reactive::computed::ScopedFuture, task::spawn_local};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// After the page is alive: what it asks for by itself has been asked.
const IDLE: Duration = Duration::from_secs(1);

/// Where the server has drawn something of the small modules; the style sheet knows them too.
const FAILURES: &str = ".failure";
const STRIPS: &str = ".rollout";
/// In the address of a page with versions of its own.
const VERSIONS: [&str; 2] = ["?v=", "&v="];

/// Fetches in a moment, so that no first press waits for it.
pub(crate) fn when_idle() {
    let fetch = || {
        spawn_local(async {
            if fetch_all().await.is_err() {
                leptos::logging::warn!("a part of the page did not come; it is fetched again when it is asked for");
            }
        });
    };
    effect(move || set_timeout(fetch, IDLE));
}

/// Fetches what the server has drawn, for the page to take it over.
pub(crate) async fn fetch_drawn() -> Result<(), Unfetched> {
    let is_drawn = |what: &str| document().query_selector(what).ok().flatten().is_some();
    if is_drawn(FAILURES) {
        fetch_failure().await?;
    }
    if is_drawn(STRIPS) {
        fetch_strip().await?;
    }
    let search = window().location().search().unwrap_or_default();
    if VERSIONS.iter().any(|mark| search.contains(mark)) {
        fetch_perform().await?;
    }
    Ok(())
}

/// Each door of a module knows by itself that it is there.
async fn fetch_all() -> Result<(), Unfetched> {
    fetch_part().await?;
    fetch_perform().await?;
    fetch_failure().await?;
    fetch_strip().await?;
    Ok(())
}

later! {
    fn draw_failure in failure, fetched by fetch_failure(start: Start, row: Row) -> AnyView { failure::card(start, row) }
}

later! {
    fn draw_strip in live, fetched by fetch_strip(board: Board, row: Row) -> AnyView { rollout::strip(board, row) }
}

later! {
    /// What opens over a page, or stands beside a failure.
    fn draw in pipeline, fetched by fetch_part(part: Part) -> AnyView { part.draw() }
}

later! {
    /// The plan with an address of its own.
    pub(crate) fn plan_page in pipeline, fetched by fetch_plan_page(plan: Plan) -> AnyView {
        match plan {
            Plan::Chosen => PlanPage().into_any(),
            Plan::Stored => StoredPlanPage().into_any(),
        }
    }
}

later! {
    /// What a hand does.
    pub(super) fn perform in pipeline, fetched by fetch_perform(act: Act) -> () { act.done() }
}

type Drawing = std::pin::Pin<Box<dyn Future<Output = Result<AnyView, Unfetched>>>>;

/// A part of a page that the reader asked for: the server draws nothing. Its signals live as long as
/// what asks for it.
pub(crate) fn part(part: Part) -> AnyView {
    let place = Place::new();
    let to_fill = place.clone();
    effect(move || to_fill.fill(Box::pin(draw(part.clone()))));
    place.view()
}

/// A part that is drawn in place if its module is there.
pub(crate) fn part_now(part: Part) -> AnyView {
    now(Box::pin(draw(part)))
}

/// Why a task failed; drawn by the server too, as the strip is.
pub(crate) fn failure(start: Start, row: Row) -> AnyView {
    now(Box::pin(draw_failure(start, row)))
}

/// The strip below a row that runs.
pub(crate) fn strip(board: Board, row: Row) -> AnyView {
    now(Box::pin(draw_strip(board, row)))
}

fn now(mut drawing: Drawing) -> AnyView {
    match untrack(|| drawing.as_mut().now_or_never()) {
        Some(view) => view.unwrap_or_else(unfetched),
        None => {
            let place = Place::new();
            place.fill(drawing);
            place.view()
        }
    }
}

fn unfetched(unfetched: Unfetched) -> AnyView {
    error_line(Some(unfetched.into()))
}

/// Where something will stand.
#[derive(Clone)]
struct Place {
    view: Arc<Mutex<Option<AnyView>>>,
    drawn: RwSignal<bool>,
}

impl Place {
    fn new() -> Self {
        Self { view: Arc::new(Mutex::new(None)), drawn: RwSignal::new(false) }
    }

    fn fill(&self, drawing: Drawing) {
        let place = self.clone();
        spawn_local(ScopedFuture::new_untracked(async move {
            let drawn = drawing.await.unwrap_or_else(unfetched);
            if let Ok(mut view) = place.view.lock() {
                *view = Some(drawn);
            }
            place.drawn.try_set(true);
        }));
    }

    fn view(self) -> AnyView {
        live(move || self.drawn.get().then(|| self.view.lock().ok().and_then(|mut view| view.take())))
    }
}
