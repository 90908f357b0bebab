//! Appointed: a successful run of the build, chosen from the newest ones.

use super::{
    suggest::{List, SuggestList, Suggestion},
    why::why_id,
};
use crate::{
    api::builds::build_runs,
    clock::clock,
    format,
    pages::pipeline::{
        board::{Board, Row},
        choose::choose,
    },
    text,
};
use leptos::{ev::KeyboardEvent, prelude::*, task::spawn_local};
use types::{
    Digest, Version,
    build_run::{BuildRun, BuildRunStatus},
};

/// See the module.
#[component]
pub(crate) fn Appointed(board: Board, row: Row) -> impl IntoView {
    let list = List::new();
    let id = row.id();
    let menu = format!("runs-{}-{}-{}", id.kind, id.workload, id.container);
    let words = move || match row.version() {
        Some(Version::BuildRun(number)) => name_of(row, list, number),
        _ => text::choose_a_run().to_owned(),
    };
    let toggle = move || if list.open.get_untracked() { list.close() } else { open(row, list) };
    let pick = move |value: String| {
        if let Ok(number) = value.parse() {
            choose(board, row, Version::BuildRun(number));
        }
        list.close();
    };
    let keys = move |event: KeyboardEvent| match event.key().as_str() {
        "ArrowDown" | "ArrowUp" => {
            event.prevent_default();
            if list.open.get_untracked() { list.step(event.key() == "ArrowDown") } else { open(row, list) }
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
            <code>{words}</code>
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

fn open(row: Row, list: List) {
    let Some(build) = row.task.with_untracked(|task| task.build.as_ref().map(|build| build.name.clone())) else {
        return;
    };
    let deployed = row.task.with_untracked(|task| task.deployed.digest.clone());
    list.open.set(true);
    list.heading.set(text::asking().to_owned());
    spawn_local(async move {
        match build_runs(build, None).await {
            Ok(page) => {
                let succeeded = page.items.into_iter().filter(|run| run.status == BuildRunStatus::Succeeded);
                list.items.set(succeeded.map(|run| suggestion(run, deployed.as_ref())).collect());
                list.heading.set(text::newest_first().to_owned());
            }
            Err(error) => list.heading.set(error.detail),
        }
    });
}

/// `2.4-00042`, and `#42, 6 min, 38.1 MB, 9f3c2ab, ci: release 42`
fn suggestion(run: BuildRun, deployed: Option<&Digest>) -> Suggestion {
    let age = run.ended_at.map(|at| untrack(|| clock().age(at)));
    let size = run.size_bytes.map(format::size);
    let commit = run.commit.as_deref().map(|commit| commit.chars().take(7).collect::<String>());
    let who = match &run.note {
        Some(note) => format!("{}: {note}", run.requested_by),
        None => run.requested_by.clone(),
    };
    let facts = [Some(format!("#{}", run.number)), age, size, commit, Some(who)];
    let label = match (run.rejected, deployed.is_some() && run.digest.as_ref() == deployed) {
        (true, _) => Some(text::rejected()),
        (false, true) => Some(text::runs_now()),
        (false, false) => None,
    };
    Suggestion {
        value: run.number.to_string(),
        name: run.tag.unwrap_or_else(|| format!("#{}", run.number)),
        label,
        about: facts.into_iter().flatten().collect::<Vec<_>>().join(", "),
        dim: run.rejected,
    }
}
