//! Pages that the first load of the pipeline page does without.
//!
//! The web build cuts their code out of the rest along the one function that draws them, and the
//! browser fetches it when the first of them is opened. One piece, not one per page: they share
//! most of what they are made of.

use leptos::prelude::*;
use leptos_router::LazyRoute;

macro_rules! later {
    ($($page:ident = $($path:ident)::+;)*) => {
        #[derive(Clone, Copy)]
        enum Page { $($page,)* }

        #[lazy]
        fn draw(page: Page) -> AnyView {
            match page { $(Page::$page => super::$($path)::+().into_any(),)* }
        }

        $(
            pub(crate) struct $page;

            impl LazyRoute for $page {
                fn data() -> Self {
                    Self
                }

                async fn view(_: Self) -> AnyView {
                    draw(Page::$page).await
                }
            }
        )*
    };
}

later! {
    Home = home::Home;
    SetUp = set_up::SetUp;
    Connections = connections::Connections;
    NewMap = map_form::NewMap;
    Builds = builds::Builds;
    NewBuild = build_form::NewBuild;
    EditBuild = build_form::EditBuild;
    BuildRuns = build_runs::BuildRuns;
    BuildRun = build_run::BuildRun;
    BuildLog = log::BuildLog;
    Runs = runs::Runs;
    Run = run::Run;
    ItemLog = log::ItemLog;
}
