//! The bar above the cards: find, count by state, plan, run. It stays in view.

use crate::reactive::memo;
use crate::{
    components::{any::view, icon::icon},
    pages::pipeline::{
        board::Board,
        choose::Start,
        filter::{Filter, Group, Show, counts},
    },
    text,
};
use leptos::prelude::*;

/// See the module.
#[component]
pub(crate) fn ActionBar(
    board: Board,
    filter: Filter,
    start: Start,
    #[prop(into)] on_plan: Callback<()>,
) -> impl IntoView {
    let counts = memo(move || counts(board));
    let builds = memo(move || {
        board
            .chosen_rows()
            .into_iter()
            .filter(|row| row.verdict.with(|verdict| verdict.runnable && verdict.will.build))
            .count()
    });
    let chosen = memo(move || {
        board.chosen_rows().into_iter().filter(|row| row.verdict.with(|verdict| verdict.runnable)).count()
    });
    let runnable = move || chosen.get();
    let marked = memo(move || board.marked());
    let off = move || (runnable() == 0).then_some("true");
    let busy = move || (runnable() == 0 || start.press.is_busy()).then_some("true");
    let plan = move |_| {
        if untrack(runnable) > 0 {
            on_plan.run(());
        }
    };
    let batch = move |_| start.rows(untrack(move || board.chosen_rows()));
    view! {
        <div class="row action-bar" role="toolbar" aria-label=text::filter_and_run()>
            <div class="find">
                {icon("search")}
                <input
                    class="input"
                    id="filter"
                    type="search"
                    placeholder=text::filter()
                    aria-label=text::filter_tasks_by()
                    aria-keyshortcuts="/"
                    on:input=move |event| filter.text.set(event_target_value(&event))
                />
                <kbd>"/"</kbd>
            </div>
            <div class="filters" role="group" aria-label=text::show_by_state()>
                {Show::ALL.into_iter().enumerate().map(|(at, show)| filter_button(filter, show, counts, at)).collect_view()}
            </div>
            {group_by(filter)}
            <div class="row push action-bar-end">
                {move || (marked.get() > 0).then(|| view! {
                    <button class="button button-plain" type="button" on:click=move |_| board.unmark()>{icon("close")}{text::marked(marked.get())}</button>
                })}
                <button class="button" id="plan" type="button" aria-disabled=off aria-keyshortcuts="p" on:click=plan>
                    {icon("lines")}{move || text::plan_of(builds.get(), runnable())}
                </button>
                <button class="button button-primary" type="button" aria-disabled=busy on:click=batch>
                    {icon("play")}{move || if marked.get() > 0 { text::run_marked() } else { text::batch_execution() }}
                    <span class="count">{move || runnable().to_string()}</span>
                    <span class="hidden-text">" "{text::tasks()}</span>
                </button>
            </div>
        </div>
    }
}

/// One list, or headings by state or kind.
fn group_by(filter: Filter) -> AnyView {
    let options = Group::ALL.map(|group| {
        let words = match group {
            Group::None => text::group_none(),
            Group::State => text::group_state(),
            Group::Kind => text::group_kind(),
        };
        view! { <option value=group.value()>{words}</option> }
    });
    let change = move |event| {
        let value = event_target_value(&event);
        filter.group.set(Group::ALL.into_iter().find(|group| group.value() == value).unwrap_or_default());
    };
    view! {
        <select class="select group-by" aria-label=text::group_by() on:change=change>{options.collect_view()}</select>
    }
    .into_any()
}

fn filter_button(filter: Filter, show: Show, counts: Memo<[usize; 6]>, at: usize) -> AnyView {
    let (word, mark, tone) = match show {
        Show::All => (text::all(), None, None),
        Show::Failed => (text::failed(), Some("failed"), Some("bad")),
        Show::Rolling => (text::rolling(), Some("busy"), Some("busy")),
        Show::CanRun => (text::can_run(), Some("play"), None),
        Show::Held => (text::held(), Some("held"), None),
        Show::Newer => (text::newer_short(), Some("newer"), None),
    };
    let count = move || counts.get()[at];
    let chosen = move || filter.show.get() == show;
    // A state that nothing is in has no button, unless it is the one that narrows the page.
    let hidden = move || count() == 0 && !chosen() && show != Show::All;
    view! {
        <button
            class="filter"
            type="button"
            aria-pressed=move || chosen().to_string()
            data-state=tone
            hidden=hidden
            on:click=move |_| filter.show.set(if untrack(chosen) { Show::All } else { show })
        >
            {mark.map(icon)}
            {word}
            " "
            {move || count().to_string()}
        </button>
    }
}

/// How many tasks could run now, for the plan.
pub(crate) fn runnable(board: Board) -> usize {
    untrack(move || board.chosen_rows().into_iter().filter(|row| row.verdict.with(|verdict| verdict.runnable)).count())
}
