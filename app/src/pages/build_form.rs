//! Making and editing a build.

use crate::{
    api::read::read,
    api::{builds::build, connections::connections},
    components::{
        any::view,
        awaited::awaited,
        build::editor::{Editor, tabs},
    },
    pages::params::name_param,
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// A build that is not there yet.
#[component]
pub(crate) fn NewBuild() -> impl IntoView {
    let found = read(|| (), |()| connections());
    view! {
        <Title text=text::new_build()/>
        <header class="page-head">
            <div class="row"><a class="crumb" href="/builds">{text::builds()}</a><h1>{text::new_build()}</h1></div>
        </header>
        {awaited(found, |found| view! { <Editor edited=None found/> })}
    }
}

/// A build as it is stored.
#[component]
pub(crate) fn EditBuild() -> impl IntoView {
    let name = name_param("build");
    let found = read(
        move || name.get(),
        |name| async move {
            let (edited, found) = futures::join!(build(name?), connections());
            Ok((edited?, found?))
        },
    );
    let shown = move || name.get().map(|name| name.to_string()).unwrap_or_default();
    view! {
        <Title text=move || text::edit_build(&shown())/>
        <header class="page-head">
            <div class="row"><a class="crumb" href="/builds">{text::builds()}</a><h1>{shown}</h1></div>
            {move || tabs(&shown(), "edit")}
        </header>
        {awaited(found, |(edited, found)| view! { <Editor edited=Some(edited) found/> })}
    }
}
