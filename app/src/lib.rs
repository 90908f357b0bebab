//! What the product shows: pages, the components they are made of, and the server functions they ask.
//!
//! The same code renders on the server and takes over in the browser. What only the server can do
//! lives behind `ssr`, the one gated module.
#![recursion_limit = "512"]
#![expect(unreachable_pub, reason = "the component macro makes its types of properties public")]

#[cfg(not(erase_components))]
compile_error!("server and browser must agree on erased views: build with the flags of .cargo/config.toml");

mod ansi;
mod api;
mod boot;
mod clock;
mod components;
mod format;
mod live;
mod pages;
mod reactive;
mod route;
#[cfg(feature = "ssr")]
mod ssr;
mod text;

#[cfg(feature = "ssr")]
pub use ssr::{Assets, shell};

pub use components::leaving::guard_history;
pub use pages::later::fetch_page;

use crate::components::any::view;
use components::frame::Frame;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use pages::later;
use route::At;

/// The table of pages.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    boot::provide();
    clock::provide();
    view! {
        <Title formatter=text::page_title/>
        <Router>
            <Frame>
                <FlatRoutes fallback=pages::not_found::NotFound>
                    <Route path=At("/") view=later::Page::Home/>
                    <Route path=At("/sign-in") view=later::SignIn/>
                    <Route path=At("/setup") view=later::Page::SetUp/>
                    <Route path=At("/settings/connections") view=later::Page::Connections/>
                    <Route path=At("/maps/new") view=later::Page::NewMap/>
                    <Route path=At("/maps/:map/pipeline") view=pages::pipeline::Pipeline/>
                    <Route path=At("/maps/:map/history") view=later::Page::History/>
                    <Route path=At("/maps/:map/plan") view=later::Plan::Chosen/>
                    <Route path=At("/maps/:map/plans/:id") view=later::Plan::Stored/>
                    <Route path=At("/builds") view=later::Page::Builds/>
                    <Route path=At("/builds/new") view=later::Page::NewBuild/>
                    <Route path=At("/builds/:build/edit") view=later::Page::EditBuild/>
                    <Route path=At("/builds/:build/compare") view=later::Page::BuildCompare/>
                    <Route path=At("/builds/:build/runs") view=later::Page::BuildRuns/>
                    <Route path=At("/builds/:build/runs/:number") view=later::Page::BuildRun/>
                    <Route path=At("/builds/:build/runs/:number/log") view=later::Page::BuildLog/>
                    <Route path=At("/runs") view=later::Page::Runs/>
                    <Route path=At("/runs/:run") view=later::Page::Run/>
                    <Route path=At("/runs/:run/items/:n/log") view=later::Page::ItemLog/>
                </FlatRoutes>
            </Frame>
        </Router>
    }
}
