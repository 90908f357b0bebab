//! The plan: as a sheet over the pipeline page, and as a page with an address of its own.

use super::{
    params::name_param,
    pipeline::{board::Board, follow, link, show_link},
};
use crate::components::any::view;
use crate::{
    api::{
        maps::{map, map_tasks},
        read::read,
    },
    components::{
        awaited::awaited,
        copy::copy,
        dialog::{Dialog, Shape},
        icon::icon,
        live_mark::LiveMark,
        over::over,
        pipeline::plan_sheet::{Sheet, body, confirm, foot},
        sidebar::group_mark,
    },
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use types::{map::ServiceMap, task::MapTasks};

/// Over the pipeline page.
pub(crate) fn sheet(board: Board) -> AnyView {
    let (sheet, over) = (Sheet::new(board), over());
    let close = Callback::new(move |()| over.close());
    let cancel =
        view! { <button class="button" type="button" on:click=move |_| over.close()>{text::cancel()}</button> };
    view! {
        <Dialog title=text::plan_for(&board.map.get_value()) shape=Shape::Sheet beside=copy_link(board)>
            <div class="sheet-body" on:keydown=move |event| confirm(sheet, &event, close)>{body(sheet)}</div>
            {foot(sheet, cancel.into_any(), close)}
        </Dialog>
    }
    .into_any()
}

/// The address of the plan with the versions that stand on the page.
fn copy_link(board: Board) -> AnyView {
    let copied = RwSignal::new(false);
    let words = move || if copied.get() { text::copied() } else { text::copy_link() };
    let press = move |_| {
        copy(link::address(board, "plan"));
        copied.set(true);
    };
    view! {
        <button class="button button-plain button-icon push" type="button" aria-label=words title=words on:click=press>
            {move || icon(if copied.get() { "check" } else { "link" })}
        </button>
    }
    .into_any()
}

/// `/maps/{map}/plan`
#[component]
pub(crate) fn PlanPage() -> impl IntoView {
    let name = name_param("map");
    let page = read(
        move || name.get(),
        |name| async move {
            let name = name?;
            let (map, tasks) = futures::join!(map(name.clone()), map_tasks(name));
            Ok((map?, tasks?))
        },
    );
    let title = move || name.get().map(|name| text::plan_for(&name)).unwrap_or_default();
    view! {
        <Title text=title/>
        {awaited(page, |(map, tasks)| view! { <Open map tasks/> }.into_any())}
    }
}

#[component]
fn Open(map: ServiceMap, tasks: MapTasks) -> impl IntoView {
    let (name, seq) = (map.name.clone(), tasks.seq.clone());
    let board = Board::new(tasks);
    let liveness = follow(board, name.clone(), seq);
    show_link(board, &use_query_map().get_untracked());
    let sheet = Sheet::new(board);
    let go = use_navigate();
    let pipeline = format!("/maps/{name}/pipeline");
    let to = pipeline.clone();
    // The pipeline page shows the run where it changes something.
    let started = Callback::new(move |()| go(&to, NavigateOptions::default()));
    let cancel = view! { <a class="button" href=pipeline.clone()>{text::pipeline()}</a> };
    // Cluster and registry are asked by the browser: a registry that is slow must not keep the page.
    let asked = RwSignal::new(false);
    Effect::new(move |_| asked.set(true));
    view! {
        <header class="page-head">
            <div class="row">
                {group_mark(&map)}
                <a class="crumb" href=pipeline>{name.to_string()}</a>
                <h1>{text::plan()}</h1>
            </div>
            <div class="page-facts push"><LiveMark liveness/></div>
        </header>
        <div class="card plan-page" on:keydown=move |event| confirm(sheet, &event, started)>
            <div class="sheet-body">{move || asked.get().then(|| body(sheet))}</div>
            {foot(sheet, cancel.into_any(), started)}
        </div>
    }
}
