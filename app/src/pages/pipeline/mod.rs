//! The pipeline page, the main job: what runs, what differs, what Run would do, what is wrong.

pub(crate) mod board;
pub(crate) mod choose;
pub(crate) mod filter;
mod keys;
mod link;
pub(crate) mod pieces;
pub(crate) mod verdict;

use crate::{
    api::maps::{map, map_tasks},
    api::read::read,
    components::{
        any::{One, each, live, view},
        awaited::awaited,
        icon::icon,
        live_mark::LiveMark,
        pipeline::{action_bar::ActionBar, card::WorkloadCard, plan_sheet::PlanSheet},
        problem::error_line,
        sidebar::group_mark,
        state::{self, state},
    },
    live::{Liveness, map_feed::use_map_feed},
    pages::params::name_param,
    text,
};
use board::{Board, Card};
use choose::Start;
use filter::Filter;
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use pieces::Pieces;
use types::{
    ApiError, Name,
    cluster::Reach,
    map::ServiceMap,
    run::{NewItem, NewRun, OnBlocked},
    task::{ClusterState, MapTasks, WorkloadStatus},
};

/// See the module.
#[component]
pub(crate) fn Pipeline() -> impl IntoView {
    let name = name_param("map");
    let page = read(
        move || name.get(),
        |name| async move {
            let name = name?;
            // Two questions at once: neither needs the other's answer.
            let (map, tasks) = futures::join!(map(name.clone()), map_tasks(name));
            Ok((map?, tasks?))
        },
    );
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
    let (filter, planning, pieces) = (Filter::new(), RwSignal::new(false), Pieces::when_idle());
    let start = Start { board, starting: RwSignal::new(false), error: RwSignal::new(None) };
    let liveness = follow(board, name, seq);
    show_link(board, &use_query_map().get_untracked());
    let on_plan = move || {
        if crate::components::pipeline::action_bar::runnable(board) > 0 {
            Pieces::fetch(pieces);
            planning.set(true);
        }
    };
    keys::listen(planning, on_plan);
    let draw = move |card: Card| view! { <WorkloadCard board card filter/> };
    let one = move |card: Card| One { key: card.key(), draw: Box::new(move || draw(card)) };
    let cards = move || board.cards.get().into_iter().map(one).collect();
    let none =
        move || board.cards.with(Vec::is_empty).then(|| view! { <p class="sub empty">{text::no_workloads()}</p> });
    view! {
        <PageHead map board liveness/>
        <ActionBar board filter start on_plan=move |()| on_plan()/>
        {move || error_line(start.error.get())}
        <div class="sub workload-heads" aria-hidden="true">
            {text::columns().map(|column| view! { <span>{column}</span> }).collect_view()}
        </div>
        <ul class="workloads" role="list">
            {each(Box::new(cards))}
        </ul>
        {move || none()}
        {move || planning.get().then(|| view! { <PlanSheet board pieces on_close=move |()| planning.set(false)/> })}
    }
}

/// Takes over what the socket tells; reads the page again where that is not enough.
fn follow(board: Board, name: Name, seq: String) -> Signal<Liveness> {
    let reading = StoredValue::new(false);
    let again = name.clone();
    use_map_feed(name, seq, move |change| {
        if !board.take(change) || reading.get_value() {
            return;
        }
        reading.set_value(true);
        let name = again.clone();
        spawn_local(async move {
            match map_tasks(name).await {
                Ok(tasks) => board.replace(tasks),
                Err(error) => leptos::logging::warn!("{error}"),
            }
            reading.set_value(false);
        });
    })
}

/// Puts the versions of the address before the stored ones, and asks what they would do.
fn show_link(board: Board, query: &ParamsMap) {
    let wanted: Vec<_> = query.get_all("v").into_iter().flatten().filter_map(|text| link::parse(&text)).collect();
    if wanted.is_empty() {
        return;
    }
    let rows = untrack(move || board.rows());
    let mut items = Vec::new();
    for (task, version) in wanted {
        if let Some(row) = rows.iter().find(|row| row.id() == task) {
            row.from_link.set(Some(version.clone()));
            items.push(NewItem {
                task: Some(task),
                repository: None,
                version,
                wave: None,
                deadline_ms: None,
                seen: None,
            });
        }
    }
    Effect::new(move |_| {
        let new = NewRun { items: Some(items.clone()), on_blocked: OnBlocked::Skip, ..NewRun::default() };
        let rows = rows.clone();
        spawn_local(async move {
            let answer = match pieces::verdicts(board.map.get_value(), new).await {
                Ok(answer) => answer.await,
                Err(unfetched) => Err(ApiError::from(unfetched)),
            };
            match answer {
                Ok(verdicts) => {
                    for (task, verdict) in verdicts {
                        if let Some(row) = rows.iter().find(|row| row.id() == task) {
                            row.planned.set(Some(verdict));
                        }
                    }
                }
                Err(error) => rows
                    .iter()
                    .filter(|row| row.from_link.get_untracked().is_some())
                    .for_each(|row| row.error.set(Some(error.clone()))),
            }
        });
    });
}

/// Name, tabs, what failed, and how the cluster does.
#[component]
fn PageHead(map: ServiceMap, board: Board, liveness: Signal<Liveness>) -> impl IntoView {
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
            </nav>
            {move || failures(board)}
            <div class="page-facts push">
                {move || cluster_words(&board.cluster.get(), &namespace)}
                <LiveMark liveness/>
                <CopyLink board/>
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

/// Copies the address of the page with the versions that stand on it.
#[component]
fn CopyLink(board: Board) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let versions = untrack(move || board.rows()).into_iter().filter_map(|row| {
            let version = untrack(move || row.version())?;
            link::write(&row.id(), &version)
        });
        let query: Vec<String> =
            versions.map(|version| format!("v={}", leptos_router::location::Url::escape(&version))).collect();
        let origin = window().location().origin().unwrap_or_default();
        let address = format!("{origin}/maps/{}/pipeline?{}", board.map.get_value(), query.join("&"));
        crate::components::copy::copy(address);
        copied.set(true);
    };
    view! {
        <button
            class="button button-plain button-icon wide-only"
            type="button"
            aria-label=move || if copied.get() { text::copied() } else { text::copy_link_with_selections() }
            title=move || if copied.get() { text::copied() } else { text::copy_link_with_selections() }
            on:click=copy
        >
            {move || icon(if copied.get() { "check" } else { "link" })}
        </button>
    }
}
