//! The pipeline page, the main job: what runs, what differs, what Run would do, what is wrong.

pub(crate) mod act;
pub(crate) mod alive;
pub(crate) mod board;
pub(crate) mod choose;
pub(crate) mod filter;
mod keys;
pub(crate) mod link;
mod news;
pub(crate) mod pieces;
mod seen;
pub(crate) mod toast;
pub(crate) mod verdict;

use crate::reactive::{effect, memo};
use crate::{
    api::press::Press,
    api::read::read,
    components::{
        any::{One, each, live, view},
        awaited::awaited,
        icon::icon,
        live_mark::LiveMark,
        over::{Part, over},
        pipeline::{action_bar::ActionBar, link_button::link_button, shelf::Place},
        problem::error_line,
        sidebar::group_mark,
        state::{self, state},
    },
    live::Liveness,
    pages::params::name_param,
    text,
};
use act::{Act, act};
use alive::Errand;
use board::Board;
use choose::Start;
use filter::{Entry, Filter};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use types::{
    Name,
    cluster::Reach,
    map::ServiceMap,
    task::{ClusterState, MapTasks, WorkloadStatus},
};

/// See the module.
#[component]
pub(crate) fn Pipeline() -> impl IntoView {
    let name = name_param("map");
    let page = read(move || name.get(), |name| async move { alive::map(name?).await });
    view! {
        <Title text=move || text::pipeline_of(&name.get().map(|name| name.to_string()).unwrap_or_default())/>
        {awaited(page, |(map, tasks)| view! { <Open map tasks/> })}
    }
}

/// The page of a map whose data is there.
#[component]
fn Open(map: ServiceMap, tasks: MapTasks) -> impl IntoView {
    let (name, seq) = (map.name.clone(), tasks.seq.clone());
    let board = Board::new(tasks);
    let (filter, over) = (Filter::new(), over());
    let start = Start { board, press: Press::new(), error: RwSignal::new(None) };
    let liveness = follow(board, name, seq);
    let any_toast = memo(move || board.toasts.with(|toasts| !toasts.is_empty()));
    show_link(board, &use_query_map().get_untracked());
    let on_plan = move || {
        if crate::components::pipeline::action_bar::runnable(board) > 0 {
            over.open(Part::Plan(board));
        }
    };
    keys::listen(board, on_plan);
    pieces::when_idle();
    let one = move |entry: Entry| One { key: entry.key(), draw: Box::new(move || draw(board, filter, entry)) };
    let entries = move || filter.entries(board).into_iter().map(one).collect();
    let none_fits =
        memo(move || board.cards.with(|cards| !cards.is_empty() && !cards.iter().any(|card| filter.shows(*card))));
    let none =
        move || board.cards.with(Vec::is_empty).then(|| view! { <p class="sub empty">{text::no_workloads()}</p> });
    view! {
        <PageHead map start liveness/>
        <ActionBar board filter start on_plan=move |()| on_plan()/>
        {move || error_line(start.error.get())}
        <div class="sub workload-heads" aria-hidden="true">
            {text::columns().map(|column| view! { <span>{column}</span> }).collect_view()}
        </div>
        <ul class="workloads" role="list">
            {each(Box::new(entries))}
        </ul>
        {move || none()}
        {move || none_fits.get().then(|| view! { <p class="sub empty">{text::none_fits()}</p> })}
        {move || any_toast.get().then(|| pieces::part(Part::Toasts(board)))}
    }
}

/// A heading, or the place of a card.
fn draw(board: Board, filter: Filter, entry: Entry) -> AnyView {
    match entry {
        Entry::Heading(title, n) => view! {
            <li class="group-heading" hidden=n == 0><h2 class="nav-heading">{title}" "<span class="count">{n.to_string()}</span></h2></li>
        },
        Entry::Card(card, at) => view! { <Place board card filter at/> },
    }
}

/// Follows what changes in the map.
pub(crate) fn follow(board: Board, map: Name, seq: String) -> Signal<Liveness> {
    let liveness = RwSignal::new(Liveness::Connecting);
    effect(move || alive::send(Errand::News { board, map: map.clone(), seq: seq.clone(), liveness }));
    liveness.into()
}

/// Puts the versions of the address before the stored ones.
pub(crate) fn show_link(board: Board, query: &ParamsMap) {
    let versions: Vec<String> = query.get_all("v").into_iter().flatten().collect();
    if !versions.is_empty() {
        act(Act::ShowLink(board, versions));
    }
}

/// Name, tabs, what failed, and how the cluster does.
#[component]
fn PageHead(map: ServiceMap, start: Start, liveness: Signal<Liveness>) -> impl IntoView {
    let board = start.board;
    let name = map.name.to_string();
    let pipeline = format!("/maps/{name}/pipeline");
    let runs = format!("/runs?map={name}");
    let namespace = map.namespace.clone();
    view! {
        <header class="page-head">
            <div class="row">{group_mark(&map)}<h1>{name.clone()}</h1></div>
            <nav class="tabs" aria-label=text::service_map(&name)>
                <a href=pipeline aria-current="page">{text::pipeline()}</a>
                <a href=runs>{text::runs()}</a>
                <a href=format!("/maps/{name}/history")>{text::history()}</a>
            </nav>
            {move || failures(board)}
            <div class="page-facts push">
                {move || cluster_words(&board.cluster.get(), &namespace)}
                <LiveMark liveness/>
                {link_button(start, "pipeline", text::copy_link_with_selections(), "wide-only")}
            </div>
        </header>
    }
}

/// The first workload that failed, with a link to its card; how many more there are.
fn failures(board: Board) -> AnyView {
    let heads: Vec<_> = board.cards.get().into_iter().map(|card| card.head.get()).collect();
    let failed: Vec<_> = heads.into_iter().filter(|head| head.status == WorkloadStatus::Failed).collect();
    let Some(first) = failed.first() else { return ().into_any() };
    let words = text::failed_workload(&first.name, first.ready, first.replicas, failed.len() - 1);
    view! {
        <a class="state strong" data-state="bad" href=format!("#{}", first.name)>{icon("failed")}{words}</a>
    }
}

fn cluster_words(cluster: &ClusterState, namespace: &str) -> AnyView {
    match cluster.state {
        Reach::Reachable => state(state::OK, text::cluster_and_namespace(&cluster.name, namespace)),
        Reach::Unknown => state(state::QUEUED, text::not_contacted_yet(&cluster.name)),
        Reach::Unreachable => {
            let since = cluster.stale_since.or(cluster.since);
            let name = cluster.name.clone();
            let words = move || {
                let since = since.map(|since| crate::clock::clock().moment(since));
                text::cluster_down(&name, since.as_deref())
            };
            view! { <span title=cluster.error.clone()>{state(state::WARN, live(words))}</span> }
        }
    }
}
