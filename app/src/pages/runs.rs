//! Runs, newest first; of one map with `?map=`, which then tells what changes.

use crate::reactive::{effect, memo};
use crate::{
    api::read::read,
    api::runs::runs,
    clock::clock,
    components::{
        any::view,
        awaited::awaited,
        live_mark::LiveMark,
        state::{self, state},
        time::ago,
    },
    format,
    live::{Liveness, keep::keep},
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use std::time::Duration;
use types::{Name, Page, run::Run};

/// The list of all maps has no stream of its own: it is read again while somebody looks at it.
const AGAIN: Duration = Duration::from_secs(2);

/// See the module.
#[component]
pub(crate) fn Runs() -> impl IntoView {
    let query = use_query_map();
    let wanted =
        move || query.with(|query| (query.get("map").and_then(|map| Name::parse(&map).ok()), query.get("cursor")));
    let page = read(wanted, |(map, cursor)| runs(map, cursor));
    let map = memo(move || wanted().0);
    let liveness = RwSignal::new(None::<Signal<Liveness>>);
    effect(move || {
        let tick = move || {
            if map.with_untracked(Option::is_none) && !document().hidden() {
                page.refetch();
            }
        };
        if let Ok(handle) = set_interval_with_handle(tick, AGAIN) {
            on_cleanup(move || handle.clear());
        }
    });
    let tabs = move || {
        map.get().map(|map| {
            view! {
                <nav class="tabs" aria-label=text::service_map(map.as_str())>
                    <a href=format!("/maps/{map}/pipeline")>{text::pipeline()}</a>
                    <a href=format!("/runs?map={map}") aria-current="page">{text::runs()}</a>
                    <a href=format!("/maps/{map}/history")>{text::history()}</a>
                </nav>
            }
        })
    };
    let title = move || map.get().map_or_else(|| text::runs().to_owned(), |map| map.to_string());
    view! {
        <Title text=text::runs()/>
        <header class="page-head">
            <h1>{title}</h1>
            {tabs}
            {move || liveness.get().map(|liveness| view! { <div class="page-facts push"><LiveMark liveness/></div> })}
        </header>
        {awaited(page, move |page| {
            let (map, cursor) = untrack(wanted);
            let Some(of) = map.clone() else { return table(page, None) };
            let (page, live) = keep(page, of, move || Box::pin(runs(map.clone(), cursor.clone())));
            liveness.set(Some(live));
            let map = untrack(wanted).0;
            (move || table(page.get(), map.clone())).into_any()
        })}
    }
}

fn table(page: Page<Run>, map: Option<Name>) -> AnyView {
    let Page { items, next_cursor } = page;
    if items.is_empty() {
        return view! { <p class="sub empty">{text::no_runs_yet()}</p> };
    }
    let next = next_cursor.map(|cursor| {
        let map = map.map(|map| format!("map={map}&")).unwrap_or_default();
        view! { <p class="row more"><a class="button" href=format!("/runs?{map}cursor={cursor}")>{text::older()}</a></p> }
    });
    view! {
        <div class="card table-wrap">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col" class="fill">{text::run()}</th>
                        <th scope="col">{text::status()}</th>
                        <th scope="col">{text::service_map_column()}</th>
                        <th scope="col">{text::started()}</th>
                        <th scope="col" class="number">{text::duration()}</th>
                    </tr>
                </thead>
                <tbody>{items.into_iter().map(line).collect_view()}</tbody>
            </table>
        </div>
        {next}
    }
}

fn line(run: Run) -> AnyView {
    let time = match (run.started_at, run.ended_at) {
        (Some(start), Some(end)) => format::duration(end.since_ms(start)).into_any(),
        (Some(start), None) => (move || clock().elapsed(start)).into_any(),
        (None, _) => ().into_any(),
    };
    let items = text::items_of(&run);
    view! {
        <tr>
            <th scope="row" class="fill"><a class="strong" href=format!("/runs/{}", run.id)>{text::run_name(&run)}</a><div class="sub clip" title=items.clone()>{items.clone()}</div></th>
            <td>{state(state::of_run(run.status), text::run_status(run.status))}</td>
            <td><a href=format!("/maps/{}/pipeline", run.map)>{run.map.to_string()}</a></td>
            <td>{ago(run.created_at)}<div class="sub">{run.requested_by}</div></td>
            <td class="number">{time}</td>
        </tr>
    }
}
