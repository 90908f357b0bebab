//! Two versions of one container side by side: size, configuration, commits.

use crate::components::any::view;
use crate::reactive::memo;
use crate::{
    api::{Answer, history::history_diff},
    components::{
        icon::icon,
        pipeline::{changes, image_digest, image_tag},
        problem::error_line,
        state::{self, state},
        time::moment,
    },
    format::size,
    text,
};
use leptos::{prelude::*, task::spawn_local};
use types::{
    Name,
    history::{HistoryDiff, HistoryEntry},
};

/// What is compared on the page.
#[derive(Clone, Copy)]
pub(crate) struct Comparison {
    map: StoredValue<Name>,
    first: RwSignal<Option<HistoryEntry>>,
    second: RwSignal<Option<HistoryEntry>>,
    /// `None` while it is asked.
    answer: RwSignal<Option<Answer<HistoryDiff>>>,
}

impl Comparison {
    pub(crate) fn new(map: Name) -> Self {
        Self {
            map: StoredValue::new(map),
            first: RwSignal::new(None),
            second: RwSignal::new(None),
            answer: RwSignal::new(None),
        }
    }

    /// Of a row: it begins a comparison, or ends one that another row of the task began.
    pub(crate) fn button(self, entry: HistoryEntry) -> AnyView {
        let (id, task) = (entry.id, entry.task.clone());
        let is_first = memo(move || self.first.with(|first| first.as_ref().is_some_and(|first| first.id == id)));
        let fits = memo(move || {
            self.first.with(|first| first.as_ref().is_none_or(|first| first.task == task && first.id != id))
        });
        let words = move || match self.first.with(Option::is_some) && fits.get() {
            true => text::compare_with_this(),
            false => text::compare(),
        };
        let label = text::compare_from(&image_tag(&entry.image));
        let press = move |_| match (is_first.get_untracked(), fits.get_untracked()) {
            (true, _) => self.drop(),
            (false, true) if self.first.with_untracked(Option::is_some) => self.with(entry.clone()),
            (false, _) => {
                self.drop();
                self.first.set(Some(entry.clone()));
            }
        };
        view! {
            <button
                class="button button-plain"
                type="button"
                aria-pressed=move || is_first.get().to_string()
                aria-label=move || if self.first.with(Option::is_some) { None } else { Some(label.clone()) }
                on:click=press
            >
                {words}
            </button>
        }
        .into_any()
    }

    fn with(self, second: HistoryEntry) {
        let Some(first) = self.first.get_untracked() else { return };
        // The older stands on the left, whichever was pressed first.
        let (from, to) = if first.from <= second.from { (first, second) } else { (second, first) };
        let (map, task, ids) = (self.map.get_value(), from.task.clone(), (from.id, to.id));
        self.first.set(Some(from));
        self.second.set(Some(to));
        self.answer.set(None);
        spawn_local(async move {
            self.answer.try_set(Some(history_diff(map, task, ids.0, ids.1).await));
        });
    }

    fn drop(self) {
        self.first.set(None);
        self.second.set(None);
        self.answer.set(None);
    }

    pub(crate) fn view(self) -> AnyView {
        let panel = move || {
            let (from, to) = (self.first.get()?, self.second.get()?);
            let title = text::compared(&image_tag(&from.image), &image_tag(&to.image));
            let body = move || match self.answer.get() {
                None => view! { <p class="sub" role="status">{text::asking()}</p> }.into_any(),
                Some(Err(error)) => error_line(Some(error)),
                Some(Ok(diff)) => differs(diff),
            };
            Some(view! {
                <section class="card panel comparison" aria-label=title.clone()>
                    <div class="row">
                        {side(&from)}{icon("to")}{side(&to)}
                        <button class="button button-plain button-icon push" type="button" aria-label=text::drop_the_comparison() on:click=move |_| self.drop()>{icon("close")}</button>
                    </div>
                    {body}
                </section>
            })
        };
        panel.into_any()
    }
}

fn side(entry: &HistoryEntry) -> AnyView {
    let digest = image_digest(&entry.image);
    view! { <div><code class="strong">{image_tag(&entry.image)}</code><div class="digest">{digest}</div><div class="sub">{moment(entry.from)}</div></div> }
        .into_any()
}

fn differs(answer: HistoryDiff) -> AnyView {
    let HistoryDiff { diff, unknown, .. } = answer;
    if let Some(why) = unknown {
        let words = format!("{}: {why}", text::could_not_compare());
        return view! { <p>{state(state::WARN, words)}</p> }.into_any();
    }
    let bytes = match diff.size_bytes {
        Some(0) => text::same_size().to_owned(),
        Some(bytes) => text::size_change(bytes.is_negative(), &size(bytes.unsigned_abs())),
        None => String::new(),
    };
    let same = diff.config.is_empty().then(text::configuration_is_the_same);
    view! { <h2>{text::changes_between()}</h2><p class="sub">{bytes}</p><p class="sub">{same}</p>{changes(&diff)} }
        .into_any()
}
