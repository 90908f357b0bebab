//! The plan: as a sheet over the pipeline page, and as a page with an address of its own, of what is
//! chosen now or of what was stored for a link.

use super::{
    params::{name_param, param},
    pipeline::{board::Board, follow, show_link},
};
use crate::components::any::view;
use crate::reactive::effect;
use crate::{
    api::{
        maps::{map, map_tasks, stored_plan},
        read::read,
    },
    components::{
        awaited::awaited,
        dialog::{Dialog, Shape},
        live_mark::LiveMark,
        over::over,
        pipeline::{
            link_button::link_button,
            plan_sheet::{Sheet, body, confirm, foot},
            stored_plan::stored_when,
        },
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
use types::{map::ServiceMap, plan::StoredPlan, task::MapTasks};
use uuid::Uuid;

/// Over the pipeline page.
pub(crate) fn sheet(board: Board) -> AnyView {
    let (sheet, over) = (Sheet::new(board), over());
    let link = link_button(sheet.start, "plan", text::copy_link(), "push");
    let close = Callback::new(move |()| over.close());
    let cancel =
        view! { <button class="button" type="button" on:click=move |_| over.close()>{text::cancel()}</button> };
    view! {
        <Dialog title=text::plan_for(&board.map.get_value()) shape=Shape::Sheet beside=link>
            <div class="sheet-body" on:keydown=move |event| confirm(sheet, &event, close)>{body(sheet)}</div>
            {foot(sheet, cancel.into_any(), close)}
        </Dialog>
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
        {awaited(page, |(map, tasks)| open(map, tasks, None))}
    }
}

/// `/maps/{map}/plans/{id}`
#[component]
pub(crate) fn StoredPlanPage() -> impl IntoView {
    let (name, id) = (name_param("map"), param::<Uuid>("id"));
    let page = read(
        move || (name.get(), id.get()),
        |(name, id)| async move {
            let (name, id) = (name?, id?);
            let (map, tasks, stored) =
                futures::join!(map(name.clone()), map_tasks(name.clone()), stored_plan(name, id));
            Ok((map?, tasks?, stored?))
        },
    );
    let title = move || name.get().map(|name| text::plan_for(&name)).unwrap_or_default();
    view! {
        <Title text=title/>
        {awaited(page, |(map, tasks, stored)| open(map, tasks, Some(stored)))}
    }
}

fn open(map: ServiceMap, tasks: MapTasks, stored: Option<StoredPlan>) -> AnyView {
    let (name, seq) = (map.name.clone(), tasks.seq.clone());
    let board = Board::new(tasks);
    let liveness = follow(board, name.clone(), seq);
    let sheet = match &stored {
        Some(stored) => Sheet::of(board, &stored.request),
        None => {
            show_link(board, &use_query_map().get_untracked());
            Sheet::new(board)
        }
    };
    let go = use_navigate();
    let pipeline = format!("/maps/{name}/pipeline");
    let to = pipeline.clone();
    // The pipeline page shows the run where it changes something.
    let started = Callback::new(move |()| go(&to, NavigateOptions::default()));
    let cancel = view! { <a class="button" href=pipeline.clone()>{text::pipeline()}</a> };
    // Cluster and registry are asked by the browser: a registry that is slow must not keep the page.
    let asked = RwSignal::new(false);
    effect(move || asked.set(true));
    view! {
        <header class="page-head">
            <div class="row">
                {group_mark(&map)}
                <a class="crumb" href=pipeline>{name.to_string()}</a>
                <h1>{text::plan()}</h1>
            </div>
            <div class="page-facts push"><LiveMark liveness/></div>
        </header>
        {stored.map(|stored| stored_when(sheet, stored))}
        <div class="card plan-page" on:keydown=move |event| confirm(sheet, &event, started)>
            <div class="sheet-body">{move || asked.get().then(|| body(sheet))}</div>
            {foot(sheet, cancel.into_any(), started)}
        </div>
    }
    .into_any()
}
