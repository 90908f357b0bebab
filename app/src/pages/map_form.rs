//! A new service map: a namespace of a cluster, under a name.

use crate::{
    api::read::read,
    api::{connections::connections, maps::create_map},
    components::{
        any::view,
        awaited::awaited,
        field::{About, ChoiceField, Refusal, TextField, form_error},
    },
    text,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::use_navigate;
use types::{cluster::Cluster, map::NewMap as Body};

/// See the module.
#[component]
pub(crate) fn NewMap() -> impl IntoView {
    let found = read(|| (), |()| connections());
    view! {
        <Title text=text::new_map()/>
        <header class="page-head">
            <div class="row"><a class="crumb" href="/">{text::service_maps()}</a><h1>{text::new_map()}</h1></div>
        </header>
        {awaited(found, |found| view! { <div class="form-page"><MapForm clusters=found.clusters/></div> })}
    }
}

/// The form; on success it leads to the pipeline of the new map.
#[component]
pub(crate) fn MapForm(clusters: Vec<Cluster>) -> impl IntoView {
    let refusal: Refusal = RwSignal::new(None);
    let first = clusters.first().map(|cluster| cluster.name.to_string()).unwrap_or_default();
    let (name, cluster, namespace) = (RwSignal::new(String::new()), RwSignal::new(first), RwSignal::new(String::new()));
    let (selector, group) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let navigate = use_navigate();
    let maps = use_context::<crate::components::sidebar::Maps>();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let some = |signal: RwSignal<String>| Some(signal.get_untracked()).filter(|text| !text.trim().is_empty());
        let new = Body {
            name: name.get_untracked(),
            cluster: cluster.get_untracked(),
            namespace: namespace.get_untracked(),
            selector: some(selector),
            group: some(group),
            ..Body::default()
        };
        let navigate = navigate.clone();
        spawn_local(async move {
            match create_map(new).await {
                Ok(map) => {
                    if let Some(maps) = maps {
                        maps.0.refetch();
                    }
                    navigate(&format!("/maps/{}/pipeline", map.name), Default::default());
                }
                Err(error) => refusal.set(Some(error)),
            }
        });
    };
    let choices: Vec<_> = clusters
        .iter()
        .map(|cluster| (cluster.name.to_string(), format!("{}, {}", cluster.name, cluster.server)))
        .collect();
    view! {
        <form class="card panel" on:submit=submit>
            <div class="field-grid">
                <TextField about=About::code(text::name(), "name").hint(text::name_rule()) value=name refusal/>
                <ChoiceField about=About::text(text::cluster(), "cluster") value=cluster refusal choices/>
            </div>
            <div class="field-grid">
                <TextField about=About::code(text::namespace(), "namespace") value=namespace refusal/>
                <TextField about=About::code(text::label_selector(), "selector").hint(text::selector_hint()) value=selector refusal/>
            </div>
            <TextField about=About::text(text::group(), "group").hint(text::group_hint()) value=group refusal/>
            {form_error(refusal)}
            <div class="row"><button class="button button-primary" type="submit">{text::make_the_map()}</button></div>
        </form>
    }
}
