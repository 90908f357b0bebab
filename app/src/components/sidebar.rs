//! The sidebar: service maps in coloured groups, and everything else.

use super::{
    icon::icon,
    over::{Part, over},
    state,
    theme::ThemeSwitch,
};
use crate::reactive::effect;
use crate::{
    api::read::{Read, read},
    boot::boot,
    components::any::{Awaited, transition, view},
    pages::pipeline::alive::{self, Errand},
    text,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use std::time::Duration;
use types::map::{MapSummary, ServiceMap};

/// The counts beside the maps are of all maps, which no socket of one page tells.
const COUNTS_EVERY: Duration = Duration::from_secs(20);

/// The service maps, for the sidebar and the pages that list them.
#[derive(Clone, Copy)]
pub(crate) struct Maps(pub(crate) Read<Vec<MapSummary>>);

/// See the module.
#[component]
pub(crate) fn Sidebar() -> impl IntoView {
    let resource = read(|| (), |()| alive::maps());
    provide_context(Maps(resource));
    effect(move || {
        if let Ok(handle) = set_interval_with_handle(move || resource.refetch(), COUNTS_EVERY) {
            on_cleanup(move || handle.clear());
        }
    });
    let path = use_location().pathname;
    let (open, over) = (RwSignal::new(false), over());
    // A page that was chosen closes the menu over it.
    effect(move || {
        path.track();
        open.set(false);
    });
    let everything = [
        ("/builds", "builds", text::builds()),
        ("/runs", "runs", text::runs()),
        ("/settings/connections", "plug", text::connections()),
    ]
    .map(|(href, mark, name)| nav_link(href.to_owned(), icon(mark), name.into_any(), path))
    .collect_view();
    let groups = move || -> Awaited { Box::pin(async move { groups(resource.await.unwrap_or_default(), path) }) };
    view! {
        <header class="sidebar" data-open=move || open.get().then_some("")>
            <div class="row">
                <button
                    class="button button-plain button-icon narrow-only"
                    type="button"
                    aria-label=text::menu()
                    aria-expanded=move || open.get().to_string()
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    {icon("menu")}
                </button>
                <a class="row brand" href="/">{icon("mark")}"Slipway"</a>
            </div>
            <button class="row sidebar-search" type="button" aria-haspopup="dialog" on:click=move |_| over.open(Part::Palette)>
                {icon("search")}{text::palette()}<kbd class="push">"Ctrl K"</kbd>
            </button>
            <nav aria-label=text::main_navigation()>
                {transition(Box::new(groups), || ().into_any())}
                <h2 class="nav-heading">{text::everything()}</h2>
                <ul>{everything}</ul>
            </nav>
            <Foot/>
        </header>
    }
}

/// Maps under the names of their groups, both in the order of the alphabet.
fn groups(maps: Vec<MapSummary>, path: Memo<String>) -> AnyView {
    if maps.is_empty() {
        return view! {
            <h2 class="nav-heading">{text::service_maps()}</h2>
            <p class="sub menu-heading">{text::none_yet()}</p>
        };
    }
    let groups = by_group(maps).into_iter().map(|(group, maps)| {
        let links = maps.into_iter().map(|map| map_link(map, path)).collect_view();
        view! { <h2 class="nav-heading">{group}</h2><ul>{links}</ul> }
    });
    groups.collect_view().into_any()
}

/// See `groups`; maps without a group stand under "Service maps". Each is put in its place: sorting
/// costs the browser more than all of this.
pub(crate) fn by_group(maps: Vec<MapSummary>) -> Vec<(String, Vec<MapSummary>)> {
    let mut groups: Vec<(String, Vec<MapSummary>)> = Vec::new();
    for map in maps {
        let group = map.map.group.clone().unwrap_or_else(|| text::service_maps().to_owned());
        let at = groups.partition_point(|(other, _)| *other < group);
        if groups.get(at).is_none_or(|(other, _)| *other != group) {
            groups.insert(at, (group, Vec::new()));
        }
        let maps = &mut groups[at].1;
        let at = maps.partition_point(|other| other.map.name <= map.map.name);
        maps.insert(at, map);
    }
    groups
}

fn map_link(summary: MapSummary, path: Memo<String>) -> AnyView {
    let MapSummary { map, failed, updating, error, .. } = summary;
    let count = |look: state::Look, n: u32, word: &'static str| {
        view! { <span class="state push" data-state=look.tone>{icon(look.icon)}{n.to_string()}<span class="hidden-text">" "{word}</span></span> }
    };
    let mark = match (error.is_some(), failed, updating) {
        (true, _, _) => state::bare_state(state::WARN, text::cluster_unreachable().to_owned()),
        (false, 1.., _) => count(state::BAD, failed, text::failed_count()),
        (false, 0, 1..) => count(state::BUSY, updating, text::updating_count()),
        (false, 0, 0) => ().into_any(),
    };
    let name = view! { <span class="clip">{map.name.to_string()}</span>{mark} };
    nav_link(format!("/maps/{}/pipeline", map.name), group_mark(&map), name, path)
}

/// The coloured square of a map.
pub(crate) fn group_mark(map: &ServiceMap) -> AnyView {
    view! { <span class=format!("group-mark group-{}", color(map))></span> }
}

/// The map's own colour, else one that follows from its group's name, so that a group has one.
fn color(map: &ServiceMap) -> &str {
    const COLORS: [&str; 5] = ["sea", "rust", "moss", "plum", "sand"];
    let own = map.color.as_deref().filter(|color| COLORS.contains(color));
    let sum = map.group.iter().flat_map(|group| group.bytes()).map(usize::from).sum::<usize>();
    own.unwrap_or(COLORS[sum % COLORS.len()])
}

fn nav_link(href: String, mark: AnyView, name: AnyView, path: Memo<String>) -> AnyView {
    let here = href.clone();
    let current = move || path.with(|path| *path == here || path.starts_with(&format!("{here}/"))).then_some("page");
    view! { <li><a class="row nav-link" href=href aria-current=current>{mark}{name}</a></li> }
}

/// Who is signed in, the way out, and the theme.
#[component]
fn Foot() -> impl IntoView {
    let sign_out = |_| alive::send(Errand::SignOut);
    view! {
        <div class="row sub sidebar-foot">
            <span class="row clip">{icon("user")}<span class="clip">{boot().user}</span></span>
            <button class="button button-plain" type="button" on:click=sign_out>{text::sign_out()}</button>
            <ThemeSwitch/>
        </div>
    }
}

/// Another page, read anew from the server.
pub(crate) fn leave(address: &str) {
    if window().location().assign(address).is_err() {
        leptos::logging::warn!("the browser does not leave the page");
    }
}
