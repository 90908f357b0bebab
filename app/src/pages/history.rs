//! History: every version that ran, of every task of a map or of one; two of them compared; the
//! way back from a row.

use super::params::name_param;
use crate::components::any::view;
use crate::{
    api::{history::history, maps::map, read::read},
    components::{
        awaited::awaited,
        history::{compare::Comparison, line::line},
        live_mark::LiveMark,
        over::Place,
        sidebar::group_mark,
    },
    live::{Liveness, keep::keep},
    text,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use std::collections::BTreeSet;
use types::{Name, Page, TaskId, history::HistoryEntry, map::ServiceMap};

/// See the module.
#[component]
pub(crate) fn History() -> impl IntoView {
    let (name, query) = (name_param("map"), use_query_map());
    let task = move || query.with(|query| query.get("task").and_then(|task| task.parse::<TaskId>().ok()));
    let wanted = move || (name.get(), task(), query.with(|query| query.get("cursor")));
    let page = read(wanted, |(name, task, cursor)| async move {
        let name = name?;
        let (map, entries) = futures::join!(map(name.clone()), history(name, task, cursor));
        Ok((map?, entries?))
    });
    let title = move || name.get().map(|name| text::history_of(name.as_str())).unwrap_or_default();
    view! {
        <Title text=title/>
        {awaited(page, move |(map, entries)| {
            let cursor = query.with_untracked(|query| query.get("cursor"));
            open(map, entries, untrack(task), cursor)
        })}
    }
}

fn open(map: ServiceMap, page: Page<HistoryEntry>, task: Option<TaskId>, cursor: Option<String>) -> AnyView {
    let name = map.name.clone();
    let (of, only) = (name.clone(), task.clone());
    let (page, liveness) =
        keep(page, name.clone(), move || Box::pin(history(of.clone(), only.clone(), cursor.clone())));
    let comparison = Comparison::new(name.clone());
    view! {
        {head(&map, liveness)}
        {comparison.view()}
        {move || entries(&name, page.get(), task.clone(), comparison)}
    }
    .into_any()
}

fn entries(name: &Name, page: Page<HistoryEntry>, task: Option<TaskId>, comparison: Comparison) -> AnyView {
    let Page { items, next_cursor } = page;
    let next = next_cursor.map(|cursor| {
        let task = task.as_ref().map(|task| format!("task={task}&")).unwrap_or_default();
        let href = format!("/maps/{name}/history?{task}cursor={cursor}");
        view! { <p class="row more"><a class="button" href=href>{text::older()}</a></p> }
    });
    let filter = filter(name, &items, task.clone());
    let body = match items.is_empty() {
        true => view! { <p class="sub empty">{text::no_history_yet()}</p> }.into_any(),
        false => table(name, items, comparison, task.is_none()),
    };
    view! {
        {filter}
        {body}
        {next}
    }
    .into_any()
}

fn head(map: &ServiceMap, liveness: Signal<Liveness>) -> AnyView {
    let name = map.name.to_string();
    view! {
        <header class="page-head">
            <div class="row">{group_mark(map)}<h1>{name.clone()}</h1></div>
            <nav class="tabs" aria-label=text::service_map(&name)>
                <a href=format!("/maps/{name}/pipeline")>{text::pipeline()}</a>
                <a href=format!("/runs?map={name}")>{text::runs()}</a>
                <a href=format!("/maps/{name}/history") aria-current="page">{text::history()}</a>
            </nav>
            <div class="page-facts push"><LiveMark liveness/></div>
        </header>
    }
    .into_any()
}

/// One task or all; those that the page names are offered.
fn filter(map: &Name, items: &[HistoryEntry], task: Option<TaskId>) -> AnyView {
    let known: BTreeSet<String> = items.iter().map(|entry| entry.task.to_string()).collect();
    let chosen = task.map(|task| task.to_string());
    let mut offered: Vec<String> = known.into_iter().collect();
    // The list of one task is short of all others: it leads back to all of them.
    if let Some(chosen) = chosen.clone().filter(|chosen| !offered.contains(chosen)) {
        offered.push(chosen);
    }
    let options = offered.into_iter().map(|task| {
        let selected = chosen.as_deref() == Some(task.as_str());
        view! { <option value=task.clone() selected=selected>{task.clone()}</option> }
    });
    let (go, map) = (use_navigate(), map.clone());
    let change = move |event| {
        let task = event_target_value(&event);
        let query = if task.is_empty() { String::new() } else { format!("?task={task}") };
        go(&format!("/maps/{map}/history{query}"), NavigateOptions::default());
    };
    view! {
        <div class="row history-filter">
            <label class="sub" r#for="history-task">{text::filter_by_task()}</label>
            <select class="select" id="history-task" on:change=change>
                <option value="" selected=chosen.is_none()>{text::all_tasks()}</option>
                {options.collect_view()}
            </select>
        </div>
    }
    .into_any()
}

fn table(map: &Name, items: Vec<HistoryEntry>, comparison: Comparison, named: bool) -> AnyView {
    let lines = items.into_iter().map(|entry| {
        let place = Place { map: map.clone(), task: entry.task.clone() };
        line(place, entry, comparison, named)
    });
    view! {
        <div class="card table-wrap">
            <table class="table history">
                <thead>
                    <tr>
                        <th scope="col">{text::version()}</th>
                        {named.then(|| view! { <th scope="col">{text::task()}</th> })}
                        <th scope="col">{text::ran()}</th>
                        <th scope="col" class="fill">{text::who_and_why()}</th>
                        <th scope="col">{text::proof_column()}</th>
                        <th scope="col"><span class="hidden-text">{text::actions()}</span></th>
                    </tr>
                </thead>
                <tbody>{lines.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
