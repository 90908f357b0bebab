//! Appointed: a successful run of the build, chosen from the newest ones.

use super::{
    suggest::{List, SuggestList},
    why::why_id,
};
use crate::{
    clock::{Clock, clock},
    components::any::view,
    pages::pipeline::{
        act::{Act, act},
        board::{Board, Row},
        choose::choose,
    },
    text,
};
use leptos::{ev::KeyboardEvent, prelude::*};
use types::Version;

/// See the module.
#[component]
pub(crate) fn Appointed(board: Board, row: Row) -> impl IntoView {
    let (list, clock) = (List::new(), clock());
    let id = row.id();
    let menu = format!("runs-{}-{}-{}", id.kind, id.workload, id.container);
    let words = move || match row.version() {
        Some(Version::BuildRun(number)) => name_of(row, list, number),
        _ => text::choose_a_run().to_owned(),
    };
    let toggle = move || if list.open.get_untracked() { list.close() } else { open(row, list, clock) };
    let pick = move |value: String| {
        if let Ok(number) = value.parse() {
            choose(board, row, Version::BuildRun(number));
        }
        list.close();
    };
    let keys = move |event: KeyboardEvent| match event.key().as_str() {
        "ArrowDown" | "ArrowUp" => {
            event.prevent_default();
            if list.open.get_untracked() { list.step(event.key() == "ArrowDown") } else { open(row, list, clock) }
        }
        "Enter" if list.picked().is_some() => {
            event.prevent_default();
            pick(list.picked().unwrap_or_default());
        }
        "Escape" if list.open.get_untracked() => {
            event.stop_propagation();
            list.close();
        }
        _ => {}
    };
    view! {
        <button
            class="select select-button clip"
            type="button"
            role="combobox"
            aria-expanded=move || list.open.get().to_string()
            aria-controls=menu.clone()
            aria-describedby=why_id(&id)
            on:click=move |_| toggle()
            on:keydown=keys
            on:blur=move |_| list.close()
        >
            <code>{move || words()}</code>
        </button>
        <SuggestList id=menu label=text::runs_to_appoint().to_owned() list pick/>
    }
}

/// The tag of a run by its number, as far as it is known.
fn name_of(row: Row, list: List, number: u32) -> String {
    let known = list
        .items
        .with(|items| items.iter().find(|item| item.value == number.to_string()).map(|item| item.name.clone()));
    let target = || row.verdict.with(|verdict| verdict.target_tag.clone());
    let brief = || {
        row.task.with(|task| {
            let build = task.build.as_ref()?;
            let runs = [build.newest_success.as_ref(), build.newest_run.as_ref()];
            runs.into_iter().flatten().find(|run| run.number == number).map(|run| run.tag.clone())
        })
    };
    known.or_else(brief).or_else(target).unwrap_or_else(|| format!("#{number}"))
}

fn open(row: Row, list: List, clock: Clock) {
    let Some(build) = row.task.with_untracked(|task| task.build.as_ref().map(|build| build.name.clone())) else {
        return;
    };
    let deployed = row.task.with_untracked(|task| task.deployed.digest.clone());
    list.open.set(true);
    list.heading.set(text::asking().to_owned());
    act(Act::Runs(list, build, deployed, clock));
}
