//! What the first load of the pipeline page does without.
//!
//! The web build cuts this code out of the rest along the functions below, one module each, and the
//! browser fetches a module when something of it is shown first. The other pages are one piece, not
//! one each: they share most of what they are made of. Where a module cannot be fetched, what would
//! be shown says so, and the next try fetches again.

use super::pipeline::pieces;
use crate::{
    components::{any::view, problem::Problem},
    live::wait,
    text,
};
use leptos::prelude::*;
use leptos_router::ChooseView;
use std::time::Duration;
use types::{ApiError, ErrorCode};

/// A function that the browser calls once its module is there; elsewhere there is nothing to fetch.
macro_rules! later {
    ($(#[$meta:meta])* $vis:vis fn $name:ident in $module:ident, fetched by $fetch:ident ($($arg:ident: $type:ty),*) -> $answer:ty { $body:expr }) => {
        $(#[$meta])*
        #[cfg(feature = "hydrate")]
        #[leptos::wasm_split::wasm_split($module, wasm_split_path = leptos::wasm_split, fallible, preload($fetch))]
        $vis fn $name($($arg: $type),*) -> Result<$answer, $crate::pages::later::Unfetched> {
            Ok($body)
        }

        $(#[$meta])*
        #[cfg(not(feature = "hydrate"))]
        $vis async fn $name($($arg: $type),*) -> Result<$answer, $crate::pages::later::Unfetched> {
            Ok($body)
        }

        #[cfg(not(feature = "hydrate"))]
        #[allow(dead_code, reason = "elsewhere nobody fetches ahead")]
        $vis async fn $fetch() -> Result<(), $crate::pages::later::Unfetched> {
            Ok(())
        }
    };
}
pub(crate) use later;

/// A module did not come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unfetched;

#[cfg(feature = "hydrate")]
impl From<leptos::wasm_split::SplitLoaderError> for Unfetched {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Self
    }
}

impl From<Unfetched> for ApiError {
    fn from(_: Unfetched) -> Self {
        ApiError::new(ErrorCode::Stopping, text::slipway_does_not_answer())
    }
}

macro_rules! pages {
    ($($page:ident = $($path:ident)::+;)*) => {
        /// A page that comes later.
        #[derive(Clone, Copy)]
        pub(crate) enum Page { $($page,)* }

        fn draw(page: Page) -> AnyView {
            match page { $(Page::$page => super::$($path)::+().into_any(),)* }
        }
    };
}

pages! {
    Home = home::Home;
    SetUp = set_up::SetUp;
    Connections = connections::Connections;
    NewMap = map_form::NewMap;
    History = history::History;
    Builds = builds::Builds;
    NewBuild = build_form::NewBuild;
    EditBuild = build_form::EditBuild;
    BuildCompare = build_compare::BuildCompare;
    BuildRuns = build_runs::BuildRuns;
    BuildRun = build_run::BuildRun;
    BuildLog = log::BuildLog;
    Runs = runs::Runs;
    Run = run::Run;
    ItemLog = log::ItemLog;
}

later! { fn page in pages, fetched by fetch_pages(page: Page) -> AnyView { draw(page) } }

impl ChooseView for Page {
    async fn choose(self) -> AnyView {
        in_time(|| page(self)).await.unwrap_or_else(unfetched)
    }

    async fn preload(&self) {}
}

/// Signing in: a module of its own, since those who come to it have nothing else to load.
#[derive(Clone, Copy)]
pub(crate) struct SignIn;

later! { fn sign_in in sign_in, fetched by fetch_sign_in() -> AnyView { super::sign_in::SignIn().into_any() } }

impl ChooseView for SignIn {
    async fn choose(self) -> AnyView {
        in_time(sign_in).await.unwrap_or_else(unfetched)
    }

    async fn preload(&self) {}
}

/// The plan's page, and that of a stored plan: what they are made of comes with the plan over the pipeline page.
#[derive(Clone, Copy)]
pub(crate) enum Plan {
    Chosen,
    Stored,
}

impl ChooseView for Plan {
    async fn choose(self) -> AnyView {
        in_time(|| pieces::plan_page(self)).await.unwrap_or_else(unfetched)
    }

    async fn preload(&self) {}
}

/// Fetches once more before it is an error: a network that has just changed is there again at once.
async fn in_time<T, Fut: Future<Output = Result<T, Unfetched>>>(fetch: impl Fn() -> Fut) -> Result<T, Unfetched> {
    match fetch().await {
        Ok(fetched) => Ok(fetched),
        Err(Unfetched) => {
            wait(TRY_AGAIN).await;
            fetch().await
        }
    }
}

fn unfetched(unfetched: Unfetched) -> AnyView {
    view! { <Problem error=unfetched.into()/> }
}

/// Between tries to fetch what a page is made of.
pub(crate) const TRY_AGAIN: Duration = Duration::from_secs(2);

/// Fetches what the page at this address is made of, as often as it takes: until then the page is
/// as the server rendered it.
pub async fn fetch_page() {
    let path = window().location().pathname().unwrap_or_default();
    while fetch_page_at(&path).await.is_err() {
        leptos::logging::warn!("a part of the page did not come; it is fetched again");
        wait(TRY_AGAIN).await;
    }
}

async fn fetch_page_at(path: &str) -> Result<(), Unfetched> {
    let mut parts = path.split('/').skip(1);
    match (parts.next(), parts.next(), parts.next()) {
        (Some("maps"), Some(_), Some("pipeline")) => pieces::fetch_drawn().await?,
        (Some("maps"), Some(_), Some("plan" | "plans")) => {
            pieces::fetch_plan_page().await?;
            pieces::fetch_drawn().await?;
        }
        (Some("sign-in"), ..) => fetch_sign_in().await?,
        (..) => fetch_pages().await?,
    }
    Ok(())
}
