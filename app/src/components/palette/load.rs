//! What the palette offers: pages at once, then maps, builds, runs and workloads as they are read.

use super::{
    Deed,
    find::{Entry, Section},
};
use crate::{
    api::{
        builds::builds,
        maps::{map_tasks, maps},
        runs::runs,
    },
    boot::Theme,
    components::{
        over::{Part, Place},
        pipeline::kind_icon,
    },
    text,
};
use leptos::{prelude::*, task::spawn_local};
use types::{
    Name,
    task::{Task, Workload},
};

/// Maps whose workloads are read for "all maps": beyond, one goes to the map first.
const MAPS: usize = 20;

fn go(icon: &'static str, words: impl Into<String>, about: impl Into<String>, to: String) -> Entry {
    Entry { section: Section::Go, icon, words: words.into(), about: about.into(), quiet: false, deed: Deed::Go(to) }
}

fn act(icon: &'static str, words: impl Into<String>, about: impl Into<String>, deed: Deed) -> Entry {
    Entry { section: Section::Do, icon, words: words.into(), about: about.into(), quiet: true, deed }
}

/// What needs no question.
pub(super) fn fixed(map: Option<&Name>) -> Vec<Entry> {
    let of_map = map.map(|map| {
        [
            go("lines", text::plan(), map.as_str(), format!("/maps/{map}/plan")),
            go("history", text::history(), map.as_str(), format!("/maps/{map}/history")),
        ]
    });
    let pages = [
        go("builds", text::builds(), "", "/builds".to_owned()),
        go("runs", text::runs(), "", "/runs".to_owned()),
        go("plug", text::connections(), "", "/settings/connections".to_owned()),
        go("plus", text::new_build(), "", "/builds/new".to_owned()),
        go("plus", text::new_map(), "", "/maps/new".to_owned()),
    ];
    let themes = [
        (Theme::System, "system", text::as_the_system()),
        (Theme::Light, "sun", text::light()),
        (Theme::Dark, "moon", text::dark()),
    ];
    let themes = themes.map(|(theme, icon, word)| act(icon, text::theme_is(word), "", Deed::Theme(theme)));
    let keys = act("note", text::keys_title(), "?", Deed::Open(Part::Keys));
    of_map.into_iter().flatten().chain(pages).chain(themes).chain([keys]).collect()
}

/// Reads the rest; each kind of thing appears as it comes. What does not answer is left out.
pub(super) fn load(all: RwSignal<Vec<Entry>>, map: Option<Name>, wide: bool) {
    let add = move |new: Vec<Entry>| {
        all.try_update(|all| {
            let fresh: Vec<Entry> = new.into_iter().filter(|entry| !all.contains(entry)).collect();
            all.extend(fresh);
        });
    };
    let here = map.clone();
    spawn_local(async move {
        let known = maps().await.unwrap_or_default();
        let names: Vec<Name> = known.iter().map(|summary| summary.map.name.clone()).collect();
        add(names
            .iter()
            .map(|name| go("cluster", name.as_str(), text::service_map_column(), format!("/maps/{name}/pipeline")))
            .collect());
        let others = names.into_iter().filter(|name| Some(name) != here.as_ref()).take(if wide { MAPS } else { 0 });
        for name in others {
            add(workloads_of(&name).await);
        }
    });
    spawn_local(async move {
        let known = builds().await.unwrap_or_default();
        add(known
            .iter()
            .map(|build| {
                go("builds", build.name.as_str(), text::build_column(), format!("/builds/{}/runs", build.name))
            })
            .collect());
    });
    let of = map.clone().filter(|_| !wide);
    spawn_local(async move {
        let known = runs(of, None).await.map(|page| page.items).unwrap_or_default();
        let entry = |run: &types::run::Run| Entry {
            quiet: true,
            ..go(
                "runs",
                text::run_name(run),
                format!("{}, {}", run.map, text::run_status(run.status).to_lowercase()),
                format!("/runs/{}", run.id),
            )
        };
        add(known.iter().map(entry).collect());
    });
    if let Some(map) = map {
        spawn_local(async move { add(workloads_of(&map).await) });
    }
}

async fn workloads_of(map: &Name) -> Vec<Entry> {
    let known = map_tasks(map.clone()).await.map(|tasks| tasks.workloads).unwrap_or_default();
    known.iter().flat_map(|workload| of_workload(map, workload)).collect()
}

fn of_workload(map: &Name, workload: &Workload) -> Vec<Entry> {
    let Workload { kind, name, ready, replicas, tasks, .. } = workload;
    let pods = ready
        .zip(*replicas)
        .map(|(ready, replicas)| format!(", {}", text::ready_of(ready, replicas)))
        .unwrap_or_default();
    let card = go(kind_icon(*kind), name.as_str(), format!("{map}{pods}"), format!("/maps/{map}/pipeline#{name}"));
    std::iter::once(card).chain(tasks.iter().flat_map(|task| of_task(map, task, tasks.len() > 1))).collect()
}

/// What can be done with a container: run its selection, go back, hold, see its history.
fn of_task(map: &Name, task: &Task, several: bool) -> Vec<Entry> {
    let name = match several {
        true => format!("{}/{}", task.id.workload, task.container),
        false => task.id.workload.clone(),
    };
    let place = Place { map: map.clone(), task: task.id.clone() };
    let version = task.selection.as_ref().and_then(|selection| selection.version.clone()).filter(|_| task.runnable);
    let run = version.map(|version| {
        let to = task.target_tag.clone();
        act(
            "play",
            text::run_task(&name, to.as_deref()),
            map.as_str(),
            Deed::Run(map.clone(), task.id.clone(), version),
        )
    });
    let before = task.last_failure.as_ref().and_then(|last| last.from_tag.clone());
    let back = Part::RollBack(place.clone(), before);
    let history = format!("/maps/{map}/history?task={}", task.id);
    let mut entries: Vec<Entry> = run.into_iter().collect();
    entries.push(act("undo", text::roll_back_task(&name), text::asks_first(), Deed::Open(back)));
    entries.push(act("held", text::hold_task(&name), map.as_str(), Deed::Open(Part::Hold(place, task.hold.clone()))));
    entries.push(Entry { quiet: true, ..go("history", text::history_of(&name), map.as_str(), history) });
    entries
}
