//! One item of a run: what became of it, from and to, its phases, its proof, and why it failed.

use super::bar::bar;
use crate::reactive::memo;
use crate::{
    components::{
        any::view,
        failure::{Cause, evidence_list, failure},
        icon::icon,
        over::{Part, Place, over},
        pipeline::{squares, waits},
        state::{self, bare_state, state},
    },
    format, text,
};
use leptos::prelude::*;
use types::{
    Image, Name, Time,
    run::{Item, ItemStatus, Proof, ProofState, Run},
};

/// See the module.
pub(crate) fn item(run: Signal<Run>, n: u32, start: Time, third: Memo<u64>) -> AnyView {
    let item = memo(move || run.with(|run| run.items.iter().find(|item| item.n == n).cloned()));
    let (id, map) = run.with_untracked(|run| (run.id, run.map.clone()));
    let settled = memo(move || run.with(|run| run.status.is_settled()));
    view! {
        <li id=format!("item-{n}")>
            {move || item.get().map(|item| {
                let log = format!("/runs/{id}/items/{n}/log");
                let all = item.clone();
                view! {
                    {head(&item, &log)}
                    {from_to(&item)}
                    <div>{move || bar(&all, start, third.get())}</div>
                    {proof(&item)}
                    {below(item, log, &map, settled.get())}
                }
            })}
        </li>
    }
}

fn head(item: &Item, log: &str) -> AnyView {
    let words = text::item_status(item.status);
    let name = format!("{} / {}", item.task.workload, item.task.container);
    let reason = item.reason.clone().map(|reason| view! { ": "{text::item_reason(reason)} });
    view! {
        <div>
            <span class="row">
                {bare_state(state::of_item(item.status), words.to_owned())}
                <a class="strong clip" href=log.to_owned() title=text::log_of_item(&item.task.to_string())>{name}</a>
            </span>
            <div class="sub">{words}{reason}{lasted(item)}</div>
        </div>
    }
}

/// How long the item took, queued time included.
fn lasted(item: &Item) -> Option<String> {
    let start = item.phases.first()?.at;
    let end = item.phases.last().and_then(|phase| Some(phase.at.plus_ms(i64::try_from(phase.duration_ms?).ok()?)))?;
    Some(format!(", {}", format::duration(end.since_ms(start))))
}

fn from_to(item: &Item) -> AnyView {
    let tag = |image: &Option<Image>| {
        image.as_ref().map_or_else(String::new, |image| image.tag.clone().unwrap_or_else(|| text::no_tag().to_owned()))
    };
    let digest = |image: &Option<Image>| {
        let digest = image.as_ref().and_then(|image| image.digest.as_ref());
        digest.map_or_else(String::new, |digest| format!("sha256:{}", &digest.short()[..8]))
    };
    let title = |image: &Option<Image>| image.as_ref().map(|image| image.image.clone());
    view! {
        <div>
            <span class="phase-tags">
                <span class="clip" title=title(&item.from)>{tag(&item.from)}</span>{icon("to")}<strong class="clip" title=title(&item.to)>{tag(&item.to)}</strong>
            </span>
            <span class="phase-tags digest"><span>{digest(&item.from)}</span>{icon("to")}<span>{digest(&item.to)}</span></span>
        </div>
    }
}

/// What shows that the pods run the planned image; how many are ready while they come up.
fn proof(item: &Item) -> AnyView {
    let counts = item.ready.zip(item.replicas);
    let first = match (&item.proof, counts, item.status.is_final()) {
        (_, Some((ready, replicas)), false) => {
            view! { <span class="row">{state(state::BUSY, text::ready_of(ready, replicas))}{squares(ready, replicas)}</span> }
        }
        (Some(proof), _, _) => proof_words(proof),
        (None, Some((ready, replicas)), true) => text::ready_of(ready, replicas).into_any(),
        (None, None, _) => ().into_any(),
    };
    // What a proof says beyond its count is the digest, which stands there anyway.
    let open = item.proof.as_ref().filter(|proof| proof.state != ProofState::Proven);
    let why = open.and_then(|proof| proof.why.clone());
    let digest = item.to.as_ref().and_then(|image| image.digest.clone()).filter(|_| item.changed);
    let waiting = item.waiting_for.as_ref().filter(|_| !item.status.is_final()).map(waits);
    let second = match (why, digest) {
        (Some(why), _) => view! { <div class="sub clip" title=why.clone()>{why.clone()}</div> },
        (None, Some(digest)) => {
            view! { <div class="digest clip" title=digest.to_string()>{format!("sha256:{}", digest.short())}</div> }
        }
        (None, None) => ().into_any(),
    };
    view! { <div>{first}{waiting}{second}</div> }
}

pub(crate) fn proof_words(proof: &Proof) -> AnyView {
    let Proof { state: how, pods, pods_proven, why: _ } = *proof;
    match how {
        ProofState::Proven => state(state::PROVEN, text::pods_run(pods_proven, pods)),
        ProofState::Unverified => state(state::WARN, text::unverified(pods_proven, pods)),
        ProofState::None => state(state::SKIPPED, text::no_proof()),
        ProofState::Contradicted => state(state::BAD, text::contradicted(pods_proven, pods)),
    }
}

/// The failure card, or what keeps the item from advancing just now.
fn below(item: Item, log: String, map: &Name, settled: bool) -> AnyView {
    let Item { task, status, from, changed, failure: why, trouble, .. } = item;
    match (why, trouble) {
        (Some(why), _) => {
            let tag = from.and_then(|image| image.tag);
            let back = (changed && settled).then(|| roll_back(Place { map: map.clone(), task: task.clone() }, tag));
            let actions = view! {
                {back}
                <a class="button" href=log>{icon("lines")}{text::open_log()}</a>
            };
            failure(Cause { of: task.to_string(), failure: why, when: None }, Some(actions.into_any()))
        }
        (None, Some(trouble)) if status == ItemStatus::Rolling => view! {
            <section class="rollout run-trouble">
                <div class="row wrap">{state(state::WARN, text::cause(trouble.code))}<span>{trouble.message}</span><code class="code">{trouble.code.as_str()}</code></div>
                {evidence_list(trouble.evidence)}
            </section>
        },
        (None, _) => ().into_any(),
    }
}

/// The way back is from what runs now, whichever run left it there: it is looked at before it is asked for.
fn roll_back(place: Place, tag: Option<String>) -> AnyView {
    let over = over();
    let open = move |_| over.open(Part::RollBack(place.clone(), tag.clone()));
    view! {
        <button class="button" type="button" aria-haspopup="dialog" on:click=open>{icon("undo")}{text::roll_back_dots()}</button>
    }
    .into_any()
}
