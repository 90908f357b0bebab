//! The text box of an image tag, with suggestions from the registry. Suggestions help and never
//! hinder: any text can be typed at any time.

use super::{
    suggest::{List, SuggestList},
    suggestions::TagsAsked,
    why::why_id,
};
use crate::{
    clock::clock,
    components::any::view,
    pages::pipeline::{
        board::{Board, Row},
        choose::{choose, clear},
        pieces,
    },
    text,
};
use leptos::{ev::KeyboardEvent, prelude::*, task::spawn_local};
use std::time::Duration;
use types::Version;

/// Between the last key and the question to the registry.
const PAUSE: Duration = Duration::from_millis(150);

/// See the module.
#[component]
pub(crate) fn TagBox(board: Board, row: Row) -> impl IntoView {
    let list = List::new();
    let ask = asking(row, list);
    let id = row.id();
    let dom = format!("{}-{}-{}", id.kind, id.workload, id.container);
    let (input, menu) = (format!("tag-{dom}"), format!("tags-{dom}"));
    let stored = Memo::new(move |_| match row.version() {
        Some(Version::Tag(tag)) => tag,
        Some(Version::Digest(digest)) => digest.to_string(),
        _ => String::new(),
    });
    let value = move || row.typed.get().unwrap_or_else(|| stored.get());
    let commit = move |text: String| commit(board, row, &stored.get_untracked(), text.trim());
    let keys = move |event: KeyboardEvent| match event.key().as_str() {
        "ArrowDown" | "ArrowUp" if list.open.get_untracked() => {
            event.prevent_default();
            list.step(event.key() == "ArrowDown");
        }
        "ArrowDown" => ask(String::new()),
        "Enter" => {
            commit(list.picked().unwrap_or_else(|| untrack(value)));
            list.close();
        }
        "Escape" if list.open.get_untracked() => {
            event.stop_propagation();
            list.close();
        }
        "Escape" => row.typed.set(None),
        _ => {}
    };
    let typing = move |event| {
        let text = event_target_value(&event);
        row.typed.set(Some(text.clone()));
        row.error.set(None);
        ask(text);
    };
    let leave = move |_| {
        list.close();
        if let Some(text) = row.typed.get_untracked() {
            commit(text);
        }
    };
    let label = text::tags_of(&row.task.with_untracked(|task| task.deployed.repository.clone()));
    let active = {
        let menu = menu.clone();
        move || list.active.get().map(|n| format!("{menu}-{n}"))
    };
    view! {
        <div class="chooser">
            <label class="row chooser-fixed" r#for=input.clone()>{text::image_tag()}</label>
            <input
                class="input input-code"
                id=input
                autocomplete="off"
                spellcheck="false"
                role="combobox"
                placeholder=text::choose_a_tag()
                aria-expanded=move || list.open.get().to_string()
                aria-controls=menu.clone()
                aria-activedescendant=active
                aria-describedby=why_id(&id)
                aria-invalid=move || row.error.get().is_some().then_some("true")
                value=untrack(value)
                prop:value=value
                on:focus=move |_| ask(String::new())
                on:input=typing
                on:keydown=keys
                on:blur=leave
            />
        </div>
        <SuggestList
            id=menu
            label
            list
            pick=move |tag: String| {
                commit(tag);
                list.close();
            }
        />
    }
}

fn commit(board: Board, row: Row, stored: &str, text: &str) {
    if text == stored {
        return row.typed.set(None);
    }
    row.typed.set(Some(text.to_owned()));
    match text.is_empty() {
        true => clear(board, row),
        false => choose(board, row, Version::Tag(text.to_owned())),
    }
}

/// Asks the registry a moment after the last key; an answer to an older question is dropped.
fn asking(row: Row, list: List) -> impl Fn(String) + Copy {
    let (turn, clock) = (StoredValue::new(0_u32), clock());
    move |query: String| {
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
        let place = row.task.with_untracked(|task| {
            let path = task.deployed.repository.split_once('/').map(|(_, path)| path.to_owned());
            task.registry.clone().zip(path).map(|(registry, path)| (registry, path, task.deployed.tag.clone()))
        });
        let Some((registry, repository, now)) = place else { return };
        let asked = TagsAsked { registry, repository, query, now };
        let ask = move || {
            if turn.try_get_value() != Some(mine) {
                return;
            }
            spawn_local(async move {
                let found = match pieces::tags(asked, clock).await {
                    Ok(answer) => answer.await.ok(),
                    Err(_) => None,
                };
                if turn.try_get_value() != Some(mine) {
                    return;
                }
                // A registry that is down suggests nothing; typing goes on.
                let Some((heading, tags)) = found else { return list.close() };
                list.heading.set(heading);
                list.items.set(tags);
                list.active.set(None);
                list.open.set(true);
            });
        };
        set_timeout(ask, PAUSE);
    }
}
