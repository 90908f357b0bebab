//! The text box of an image tag, with suggestions from the registry. Suggestions help and never
//! hinder: any text can be typed at any time.

use super::{
    suggest::{List, SuggestList, Suggestion},
    suggestions::{TagsAsked, tags_of},
    why::why_id,
};
use crate::reactive::memo;
use crate::{
    api::Answer,
    clock::{Clock, clock},
    components::any::view,
    pages::pipeline::{
        act::{Act, act},
        board::{Board, Row},
        choose::{choose, clear},
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
    let ask = Asking { row, list, clock: clock(), turn: StoredValue::new(0) };
    let id = row.id();
    let dom = format!("{}-{}-{}", id.kind, id.workload, id.container);
    let (input, menu) = (format!("tag-{dom}"), format!("tags-{dom}"));
    let stored = memo(move || match row.version() {
        Some(Version::Tag(tag)) => tag,
        Some(Version::Digest(digest)) => digest.to_string(),
        _ => String::new(),
    });
    let entry = Entry { board, row, ask, stored };
    let value = move || entry.value();
    let typing = move |event| {
        let text = event_target_value(&event);
        row.typed.set(Some(text.clone()));
        row.error.set(None);
        ask.about(text);
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
                on:focus=move |_| ask.about(String::new())
                on:input=typing
                on:keydown=move |event| entry.key(&event)
                on:blur=move |_| entry.leave()
            />
        </div>
        <SuggestList
            id=menu
            label
            list
            pick=move |tag: String| {
                entry.commit(&tag);
                ask.drop();
            }
        />
    }
}

/// What is typed, and what becomes of it.
#[derive(Clone, Copy)]
struct Entry {
    board: Board,
    row: Row,
    ask: Asking,
    stored: Memo<String>,
}

impl Entry {
    fn value(self) -> String {
        self.row.typed.get().unwrap_or_else(|| self.stored.get())
    }

    fn key(self, event: &KeyboardEvent) {
        let list = self.ask.list;
        match event.key().as_str() {
            "ArrowDown" | "ArrowUp" if list.open.get_untracked() => {
                event.prevent_default();
                list.step(event.key() == "ArrowDown");
            }
            "ArrowDown" => self.ask.about(String::new()),
            "Enter" => {
                self.commit(&list.picked().unwrap_or_else(|| untrack(move || self.value())));
                self.ask.drop();
            }
            "Escape" if list.open.get_untracked() => {
                event.stop_propagation();
                self.ask.drop();
            }
            "Escape" => self.row.typed.set(None),
            _ => {}
        }
    }

    /// A box that leaves with its page stores nothing.
    fn leave(self) {
        let Some(typed) = self.row.typed.try_get_untracked() else { return };
        self.ask.drop();
        if let Some(text) = typed {
            self.commit(&text);
        }
    }

    fn commit(self, text: &str) {
        let (row, text) = (self.row, text.trim());
        if text == self.stored.get_untracked() {
            return row.typed.set(None);
        }
        row.typed.set(Some(text.to_owned()));
        match text.is_empty() {
            true => clear(self.board, row),
            false => choose(self.board, row, Version::Tag(text.to_owned())),
        }
    }
}

/// Asks the registry for suggestions; an answer to an older question is dropped.
#[derive(Clone, Copy)]
pub(crate) struct Asking {
    row: Row,
    list: List,
    clock: Clock,
    /// Counts the questions.
    turn: StoredValue<u32>,
}

impl Asking {
    /// Asks a moment after the last key.
    fn about(self, query: String) {
        let mine = self.next();
        let place = self.row.task.with_untracked(|task| {
            let path = task.deployed.repository.split_once('/').map(|(_, path)| path.to_owned());
            task.registry.clone().zip(path).map(|(registry, path)| (registry, path, task.deployed.tag.clone()))
        });
        let Some((registry, repository, now)) = place else { return };
        let asked = TagsAsked { registry, repository, query, now };
        let ask = move || {
            if self.is(mine) {
                act(Act::Tags(self, asked, mine));
            }
        };
        set_timeout(ask, PAUSE);
    }

    /// Asks now. Called by the later module alone.
    pub(crate) fn ask(self, asked: TagsAsked, mine: u32) {
        spawn_local(async move {
            let name = asked.registry.to_string();
            let answer = tags_of(asked, self.clock).await;
            if self.is(mine) {
                self.show(answer, &name);
            }
        });
    }

    /// The choice is made: what is still asked would open the list once more.
    fn drop(self) {
        self.next();
        self.list.close();
    }

    fn next(self) -> u32 {
        self.turn.update_value(|turn| *turn += 1);
        self.turn.get_value()
    }

    fn is(self, turn: u32) -> bool {
        self.turn.try_get_value() == Some(turn)
    }

    /// A registry that is down suggests nothing and says so; typing goes on.
    fn show(self, answer: Answer<(String, Vec<Suggestion>)>, registry: &str) {
        let (list, silent) = (self.list, answer.is_err());
        let (heading, items) = answer.unwrap_or_else(|_| (text::no_suggestions_from(registry), Vec::new()));
        list.silent.set(silent);
        list.heading.set(heading);
        list.items.set(items);
        list.active.set(None);
        list.open.set(true);
    }
}
