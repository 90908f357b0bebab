//! What the product shows: pages, the components they are made of, and the server functions they ask.
//!
//! The same code renders on the server and takes over in the browser. What only the server can do
//! lives behind `ssr`, the one gated module.
#![recursion_limit = "512"]
#![expect(unreachable_pub, reason = "the component macro makes its types of properties public")]

mod ansi;
mod api;
mod boot;
mod clock;
mod components;
mod format;
mod live;
mod pages;
#[cfg(feature = "ssr")]
mod ssr;
mod text;

#[cfg(feature = "ssr")]
pub use ssr::{Assets, shell};

use components::frame::Frame;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    components::{FlatRoutes, Route, Router},
    path,
};

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
                    <Route path=path!("/") view=pages::home::Home/>
                    <Route path=path!("/sign-in") view=pages::sign_in::SignIn/>
                    <Route path=path!("/setup") view=pages::set_up::SetUp/>
                    <Route path=path!("/settings/connections") view=pages::connections::Connections/>
                    <Route path=path!("/maps/new") view=pages::map_form::NewMap/>
                    <Route path=path!("/maps/:map/pipeline") view=pages::pipeline::Pipeline/>
                    <Route path=path!("/builds") view=pages::builds::Builds/>
                    <Route path=path!("/builds/new") view=pages::build_form::NewBuild/>
                    <Route path=path!("/builds/:build/edit") view=pages::build_form::EditBuild/>
                    <Route path=path!("/builds/:build/runs") view=pages::build_runs::BuildRuns/>
                    <Route path=path!("/builds/:build/runs/:number") view=pages::build_run::BuildRun/>
                    <Route path=path!("/builds/:build/runs/:number/log") view=pages::log::BuildLog/>
                    <Route path=path!("/runs") view=pages::runs::Runs/>
                    <Route path=path!("/runs/:run") view=pages::run::Run/>
                    <Route path=path!("/runs/:run/items/:n/log") view=pages::log::ItemLog/>
                </FlatRoutes>
            </Frame>
        </Router>
    }
}
