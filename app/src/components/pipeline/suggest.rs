//! A list that opens below a control: suggestions of tags, build runs to appoint.

use crate::components::{
    any::{live, view},
    over::Part,
};
use crate::{pages::pipeline::pieces, text};
use leptos::prelude::*;

/// One line of the list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Suggestion {
    /// What choosing it gives.
    pub(crate) value: String,
    /// What is shown of it.
    pub(crate) name: String,
    pub(crate) label: Option<&'static str>,
    pub(crate) about: String,
    /// Shown grey: it may be chosen, and one should not.
    pub(crate) dim: bool,
}

/// What the control and its list share.
#[derive(Clone, Copy)]
pub(crate) struct List {
    pub(crate) open: RwSignal<bool>,
    pub(crate) heading: RwSignal<String>,
    pub(crate) items: RwSignal<Vec<Suggestion>>,
    /// The heading says why there is nothing.
    pub(crate) silent: RwSignal<bool>,
    /// The line that the keyboard is at.
    pub(crate) active: RwSignal<Option<usize>>,
}

impl List {
    pub(crate) fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            heading: RwSignal::new(String::new()),
            items: RwSignal::new(Vec::new()),
            silent: RwSignal::new(false),
            active: RwSignal::new(None),
        }
    }

    pub(crate) fn close(self) {
        self.open.try_set(false);
        self.active.try_set(None);
    }

    /// Moves by arrow keys, around the ends.
    pub(crate) fn step(self, down: bool) {
        let n = self.items.with_untracked(Vec::len);
        if n == 0 {
            return;
        }
        let at = self.active.get_untracked();
        let next = match (at, down) {
            (None, true) => 0,
            (None, false) => n - 1,
            (Some(at), true) => (at + 1) % n,
            (Some(at), false) => (at + n - 1) % n,
        };
        self.active.set(Some(next));
    }

    /// The value that Enter would choose.
    pub(crate) fn picked(self) -> Option<String> {
        let at = self.active.get_untracked()?;
        self.items.with_untracked(|items| items.get(at).map(|item| item.value.clone()))
    }
}

/// See the module. `id` is of the list; its lines are `id-0`, `id-1`, ….
#[component]
pub(crate) fn SuggestList(
    id: String,
    label: String,
    list: List,
    #[prop(into)] pick: Callback<String>,
) -> impl IntoView {
    live(move || {
        let (id, label) = (id.clone(), label.clone());
        list.open.get().then(|| pieces::part_now(Part::Suggestions(list, id, label, pick)))
    })
}

/// The open list. Called by the later module alone.
pub(crate) fn lines(list: List, id: String, label: String, pick: Callback<String>) -> AnyView {
    live(move || {
        let items = list.items.get();
        let none = (items.is_empty() && !list.silent.get())
            .then(|| view! { <p class="sub menu-heading">{text::none_found()}</p> });
        let lines = items.into_iter().enumerate().map(|(n, item)| line(list, &id, n, item, pick)).collect_view();
        view! {
            <div class="menu suggest" id=id.clone() role="listbox" aria-label=label.clone()>
                <div class="menu-heading" role="presentation">{move || list.heading.get()}</div>
                {lines}
                {none}
            </div>
        }
    })
}

fn line(list: List, id: &str, n: usize, item: Suggestion, pick: Callback<String>) -> AnyView {
    let Suggestion { value, name, label, about, dim } = item;
    // The control keeps the focus: the mouse must not take it before the click arrives.
    let stay = |event: leptos::ev::MouseEvent| event.prevent_default();
    view! {
        <div
            class="row menu-item"
            id=format!("{id}-{n}")
            role="option"
            aria-selected=move || (list.active.get() == Some(n)).to_string()
            data-dim=dim.then_some("")
            on:mousedown=stay
            on:click=move |_| pick.run(value.clone())
        >
            <code class="clip">{name}</code>
            {label.map(|label| view! { <span class="label">{label}</span> })}
            <span class="sub push clip">{about}</span>
        </div>
    }
}
