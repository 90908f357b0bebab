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
#[cfg(feature = "ssr")]
mod ssr;
mod text;

#[cfg(feature = "ssr")]
pub use ssr::{Assets, shell};

use components::frame::Frame;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    Lazy,
    components::{FlatRoutes, Route, Router},
    path,
};
use pages::later;

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
                    <Route path=path!("/") view={Lazy::<later::Home>::new()}/>
                    <Route path=path!("/sign-in") view=pages::sign_in::SignIn/>
                    <Route path=path!("/setup") view={Lazy::<later::SetUp>::new()}/>
                    <Route path=path!("/settings/connections") view={Lazy::<later::Connections>::new()}/>
                    <Route path=path!("/maps/new") view={Lazy::<later::NewMap>::new()}/>
                    <Route path=path!("/maps/:map/pipeline") view=pages::pipeline::Pipeline/>
                    <Route path=path!("/builds") view={Lazy::<later::Builds>::new()}/>
                    <Route path=path!("/builds/new") view={Lazy::<later::NewBuild>::new()}/>
                    <Route path=path!("/builds/:build/edit") view={Lazy::<later::EditBuild>::new()}/>
                    <Route path=path!("/builds/:build/runs") view={Lazy::<later::BuildRuns>::new()}/>
                    <Route path=path!("/builds/:build/runs/:number") view={Lazy::<later::BuildRun>::new()}/>
                    <Route path=path!("/builds/:build/runs/:number/log") view={Lazy::<later::BuildLog>::new()}/>
                    <Route path=path!("/runs") view={Lazy::<later::Runs>::new()}/>
                    <Route path=path!("/runs/:run") view={Lazy::<later::Run>::new()}/>
                    <Route path=path!("/runs/:run/items/:n/log") view={Lazy::<later::ItemLog>::new()}/>
                </FlatRoutes>
            </Frame>
        </Router>
    }
}
