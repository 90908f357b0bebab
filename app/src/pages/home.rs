//! The start: the first steps while there is no map, then the maps with their state.

use crate::{
    components::{
        any::view,
        awaited::awaited,
        icon::icon,
        sidebar::{Maps, by_group, group_mark},
        state::{self, state},
    },
    pages::connections::FirstSteps,
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;
use types::map::MapSummary;

/// See the module.
#[component]
pub(crate) fn Home() -> impl IntoView {
    let maps = use_context::<Maps>().map(|Maps(maps)| maps);
    view! {
        <Title text=text::service_maps()/>
        {maps.map(|maps| awaited(maps, |maps| match maps.is_empty() {
            true => view! { <FirstSteps/> },
            false => groups(maps),
        }))}
    }
}

fn groups(maps: Vec<MapSummary>) -> AnyView {
    let groups = by_group(maps).into_iter().map(|(group, maps)| {
        // Maps without a group stand under the page's own heading.
        let heading = (group != text::service_maps()).then(|| view! { <h2 class="nav-heading">{group}</h2> });
        view! {
            <section class="map-group">
                {heading}
                <ul class="map-cards">{maps.into_iter().map(card).collect_view()}</ul>
            </section>
        }
    });
    view! {
        <header class="page-head">
            <h1>{text::service_maps()}</h1>
            <div class="row push"><a class="button" href="/maps/new">{icon("plus")}{text::new_map()}</a></div>
        </header>
        {groups.collect_view()}
    }
}

fn card(summary: MapSummary) -> AnyView {
    let MapSummary { map, workloads, failed, updating, error } = summary;
    let how = match (error, failed, updating) {
        (Some(error), _, _) => {
            view! { <span class="clip" title=error.clone()>{state(state::WARN, error.clone())}</span> }
        }
        (None, 1.., _) => state(state::BAD, text::workloads_failed(failed)),
        (None, 0, 1..) => state(state::BUSY, text::workloads_updating(updating)),
        (None, 0, 0) => state(state::OK, text::all_run()),
    };
    view! {
        <li>
            <a class="card panel map-card" href=format!("/maps/{}/pipeline", map.name)>
                <span class="row strong">{group_mark(&map)}<span class="clip">{map.name.to_string()}</span></span>
                <span class="sub clip">{text::cluster_and_namespace(&map.cluster, &map.namespace)}</span>
                <span class="row sub">{how}<span class="push">{text::workloads(workloads)}</span></span>
            </a>
        </li>
    }
}
