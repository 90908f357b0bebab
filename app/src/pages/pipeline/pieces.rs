//! What the pipeline page shows only when somebody acts: the plan, and what lists suggest.
//!
//! A module of its own, fetched when the page has nothing better to do; what is asked for before
//! that comes when it has been fetched.

use super::verdict::Verdict;
use crate::{
    api::{
        Answer,
        maps::{plan, store_plan},
    },
    clock::Clock,
    components::{
        any::live,
        over::Part,
        pipeline::{
            suggest::Suggestion,
            suggestions::{self, TagsAsked},
        },
        problem::error_line,
    },
    pages::{
        later::{Plan, later},
        plan::{PlanPage, StoredPlanPage},
    },
};
use leptos::{prelude::*, reactive::computed::ScopedFuture, task::spawn_local};
use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};
use types::{Digest, Name, TaskId, run::NewRun};

/// After the page is alive: what it asks for by itself has been asked.
const IDLE: Duration = Duration::from_secs(1);

/// An answer of a function of the module that asks the server.
pub(crate) type Coming<T> = Pin<Box<dyn Future<Output = T>>>;

/// Fetches in a moment, so that no first press waits for it.
pub(crate) fn when_idle() {
    let fetch = || {
        spawn_local(async {
            if fetch_part().await.is_err() {
                leptos::logging::warn!("a part of the page did not come; it is fetched again when it is asked for");
            }
        });
    };
    Effect::new(move |_| set_timeout(fetch, IDLE));
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

/// A part of a page that the reader asked for. Its signals live as long as what asks for it.
pub(crate) fn part(part: Part) -> AnyView {
    let (place, drawn) = (Arc::new(Mutex::new(None)), RwSignal::new(false));
    let put = place.clone();
    Effect::new(move |_| {
        let (part, put) = (part.clone(), put.clone());
        spawn_local(ScopedFuture::new_untracked(async move {
            let view = draw(part).await.unwrap_or_else(|unfetched| error_line(Some(unfetched.into())));
            if let Ok(mut place) = put.lock() {
                *place = Some(view);
            }
            drawn.try_set(true);
        }));
    });
    live(move || drawn.get().then(|| place.lock().ok().and_then(|mut view| view.take())))
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
    /// Stores what a run would do; answers with the path of its page.
    pub(crate) fn store in pipeline, fetched by fetch_store(map: Name, new: NewRun) -> Coming<Answer<String>> {
        Box::pin(async move {
            let stored = store_plan(map, new).await?;
            Ok(format!("/maps/{}/plans/{}", stored.map, stored.id))
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
