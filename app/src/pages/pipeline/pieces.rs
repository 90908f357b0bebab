//! What the pipeline page shows only when somebody acts: the plan, and what lists suggest.
//!
//! A module of its own, fetched when the page has nothing better to do. Who presses before it is
//! there waits in the open: the sheet stands at once and fills when it comes.

use super::{board::Board, verdict::Verdict};
use crate::{
    api::{Answer, maps::plan},
    clock::Clock,
    components::any::view,
    components::pipeline::{
        plan_contents::PlanContents,
        suggest::Suggestion,
        suggestions::{self, TagsAsked},
    },
    pages::later::later,
};
use leptos::{prelude::*, task::spawn_local};
use std::{pin::Pin, time::Duration};
use types::{Digest, Name, TaskId, run::NewRun};

/// After the page is alive: what it asks for by itself has been asked.
const IDLE: Duration = Duration::from_secs(1);

/// An answer of a function of the module that asks the server.
pub(crate) type Coming<T> = Pin<Box<dyn Future<Output = T>>>;

/// Whether the module is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pieces {
    Coming,
    Here,
    Failed,
}

impl Pieces {
    /// Begins to fetch in a moment.
    pub(crate) fn when_idle() -> RwSignal<Pieces> {
        let pieces = RwSignal::new(Pieces::Coming);
        Effect::new(move |_| set_timeout(move || Self::fetch(pieces), IDLE));
        pieces
    }

    /// Fetches now, and again where the last try failed.
    pub(crate) fn fetch(pieces: RwSignal<Pieces>) {
        if pieces.try_get_untracked() == Some(Pieces::Failed) {
            pieces.set(Pieces::Coming);
        }
        spawn_local(async move {
            let fetched = if fetch_plan().await.is_ok() { Pieces::Here } else { Pieces::Failed };
            if pieces.try_get_untracked().is_some_and(|known| known != fetched) {
                pieces.set(fetched);
            }
        });
    }
}

later! {
    /// The plan and the form below it; at once where the module is here.
    pub(crate) fn plan_contents in pipeline, fetched by fetch_plan(board: Board, on_close: Callback<()>) -> AnyView {
        view! { <PlanContents board on_close/> }
    }
}

later! {
    /// What the versions of a link would do.
    pub(crate) fn verdicts in pipeline, fetched by fetch_verdicts(map: Name, new: NewRun) -> Coming<Answer<Vec<(TaskId, Verdict)>>> {
        Box::pin(async move {
            let plan = plan(map, new).await?;
            Ok(plan.items.into_iter().map(|item| (item.task.clone(), item.into())).collect())
        })
    }
}

later! {
    /// The newest tags of a repository; the text above them.
    pub(crate) fn tags in pipeline, fetched by fetch_tags(asked: TagsAsked, clock: Clock) -> Coming<Answer<(String, Vec<Suggestion>)>> {
        Box::pin(suggestions::tags_of(asked, clock))
    }
}

later! {
    /// The newest successful runs of a build.
    pub(crate) fn runs in pipeline, fetched by fetch_runs(build: Name, deployed: Option<Digest>, clock: Clock) -> Coming<Answer<Vec<Suggestion>>> {
        Box::pin(suggestions::runs_of(build, deployed, clock))
    }
}
