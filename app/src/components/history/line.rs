//! A version that ran: what it was, when and how long, by whom and why, and what it came to.

use super::compare::Comparison;
use crate::components::any::view;
use crate::{
    components::{
        icon::icon,
        over::{Part, Place, over},
        pipeline::{image_digest, image_tag},
        run::item::proof_words,
        state::{self, bare_state, state},
        time::moment,
    },
    format, text,
};
use leptos::prelude::*;
use types::history::{ChangeSource, HistoryEntry};

/// See the module. `named`: the list is of several tasks.
pub(crate) fn line(place: Place, entry: HistoryEntry, comparison: Comparison, named: bool) -> AnyView {
    let task = named.then(|| {
        let name = format!("{} / {}", entry.task.workload, entry.task.container);
        let href = format!("/maps/{}/history?task={}", place.map, entry.task);
        view! { <td><a href=href>{name}</a><div class="sub">{entry.task.kind.title()}</div></td> }
    });
    let digests = text::digests_of(entry.digests.len());
    let whole = entry.image.digest.as_ref().map(ToString::to_string);
    view! {
        <tr>
            <th scope="row">
                <code class="strong" title=entry.image.image.clone()>{image_tag(&entry.image)}</code>
                <div class="digest" title=whole>{image_digest(&entry.image)}<span class="hidden-text">", "{digests}</span></div>
            </th>
            {task}
            <td>{ran(&entry)}</td>
            <td class="fill">{who(&entry)}</td>
            <td>{result(&entry)}</td>
            <td class="row-actions">{actions(place, entry, comparison)}</td>
        </tr>
    }
    .into_any()
}

/// `25 Nov 14:02 to now`, and for how long.
fn ran(entry: &HistoryEntry) -> AnyView {
    let from = moment(entry.from);
    let found = entry.found.then(|| view! { <span class="label">{text::found_in_the_cluster()}</span> });
    match entry.until {
        Some(until) => {
            let lasted = text::lasted(&format::age(until.since_ms(entry.from)));
            view! { {from}" – "{moment(until)}<div class="row sub">{lasted}{found}</div> }.into_any()
        }
        None => {
            view! { {from}" – "{text::now()}<div class="row sub">{state(state::OK, text::runs_now())}{found}</div> }
                .into_any()
        }
    }
}

/// The person and the note of the run, or the field manager that wrote it.
fn who(entry: &HistoryEntry) -> AnyView {
    let second = match (entry.source, &entry.run) {
        (ChangeSource::External, _) => None,
        (ChangeSource::Slipway, Some(run)) => {
            let kind = entry.kind.map(text::run_kind).unwrap_or_default();
            let words = entry.note.clone().unwrap_or_else(|| kind.to_owned());
            Some(view! { <a class="clip" href=format!("/runs/{run}") title=words.clone()>{words.clone()}</a> })
        }
        (ChangeSource::Slipway, None) => None,
    };
    let first = match entry.source {
        ChangeSource::External => text::changed_by_manager(entry.manager.as_deref()),
        ChangeSource::Slipway => entry.by.clone().unwrap_or_else(|| text::by_slipway().to_owned()),
    };
    view! { <div class="clip" title=first.clone()>{first.clone()}</div><div class="row sub">{second}</div> }.into_any()
}

/// How the run of it ended, and its proof.
fn result(entry: &HistoryEntry) -> AnyView {
    let status = entry.status.map(|status| bare_state(state::of_item(status), text::item_status(status).to_owned()));
    let words = entry.status.map(text::item_status);
    let proof = entry.proof.as_ref().map(proof_words);
    let log = entry.log_url.as_ref().and_then(|_| {
        let (run, item) = (entry.run?, entry.item?);
        Some(view! { <a href=format!("/runs/{run}/items/{item}/log")>{text::log()}</a> })
    });
    view! { <div class="row">{status}{words}</div><div class="row sub">{proof}{log}</div> }.into_any()
}

fn actions(place: Place, entry: HistoryEntry, comparison: Comparison) -> AnyView {
    let over = over();
    let back = entry.until.is_some().then(|| {
        let wanted = entry.image.digest.as_ref().map(ToString::to_string).or(entry.image.tag.clone());
        let label = text::roll_back_to(&image_tag(&entry.image));
        let press = move |_| over.open(Part::RollBack(place.clone(), wanted.clone()));
        view! {
            <button class="button" type="button" aria-haspopup="dialog" aria-label=label on:click=press>{icon("undo")}{text::roll_back()}</button>
        }
    });
    view! { <span class="row">{comparison.button(entry)}{back}</span> }.into_any()
}
