//! The frame of all pages: the sidebar and the place of the page; none for those who sign in.

use super::{
    any::view,
    over::{self, Layer},
    problem::sign_in_address,
    shortcuts,
    sidebar::Sidebar,
};
use crate::{boot::boot, text};
use leptos::prelude::*;
use leptos_router::{components::Redirect, hooks::use_location};

/// Pages for those who are nobody yet.
const PUBLIC: [&str; 2] = ["/sign-in", "/setup"];

/// See the module.
#[component]
pub(crate) fn Frame(children: Children) -> impl IntoView {
    let location = use_location();
    let path = location.pathname.get_untracked();
    if PUBLIC.contains(&path.as_str()) {
        return children().into_any();
    }
    if boot().user.is_none() {
        let to = sign_in_address(&path, &location.search.get_untracked());
        return view! { <Redirect path=to/> };
    }
    over::provide();
    shortcuts::listen();
    view! {
        <a class="skip" href="#main">{text::skip_to_the_page()}</a>
        <div class="app">
            <Sidebar/>
            <main class="main" id="main">{children()}</main>
        </div>
        <Layer/>
    }
}
