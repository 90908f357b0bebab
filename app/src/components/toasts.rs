//! What ended just now, with the way to take it back: at the lower edge of the page.

use crate::components::any::{live, view};
use crate::{
    api::{press::Press, runs::undo_run},
    components::{icon::icon, problem::error_line, state::state},
    pages::pipeline::{board::Board, toast::Toast},
    text,
};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;
use types::{ApiError, history::UndoRun};

/// Long enough to read it and to reach for Undo.
const SHOWN: Duration = Duration::from_secs(30);

/// See the module.
pub(crate) fn list(board: Board) -> AnyView {
    let each = move |toast: Toast| view! { <One board toast/> };
    view! {
        <ul class="toasts" role="list" aria-live="polite">
            <For each=move || board.toasts.get() key=|toast| toast.run children=each/>
        </ul>
    }
    .into_any()
}

/// A line that goes by itself, unless somebody looks at it or points at it.
pub(crate) fn toast(close: impl Fn() + Copy + 'static, said: AnyView, below: AnyView) -> AnyView {
    let near = RwSignal::new(false);
    let tick = move || {
        if near.try_get_untracked() == Some(false) {
            close();
        }
    };
    if let Ok(handle) = set_interval_with_handle(tick, SHOWN) {
        on_cleanup(move || handle.clear());
    }
    view! {
        <li
            class="toast row wrap"
            on:mouseenter=move |_| near.set(true)
            on:mouseleave=move |_| near.set(false)
            on:focusin=move |_| near.set(true)
            on:focusout=move |_| near.set(false)
        >
            {said}
            <button class="button button-plain button-icon" type="button" aria-label=text::close() on:click=move |_| close()>{icon("close")}</button>
            {below}
        </li>
    }
}

#[component]
fn One(board: Board, toast: Toast) -> impl IntoView {
    let Toast { run, words, look, undo } = toast;
    let close = move || board.toasts.update(|toasts| toasts.retain(|toast| toast.run != run));
    let (press, error) = (Press::new(), RwSignal::new(None::<ApiError>));
    let undo_it = move |_| {
        let Some(key) = press.begin(run.to_string()) else { return };
        spawn_local(async move {
            let answer = undo_run(run, UndoRun::default(), key).await;
            press.end(&answer);
            match answer {
                Ok(new) => {
                    board.take_run(new);
                    close();
                }
                Err(refused) => {
                    error.try_set(Some(refused));
                }
            }
        });
    };
    let undo = undo.then(|| {
        view! {
            <button class="text-button" type="button" aria-disabled=move || press.is_busy().then_some("true") on:click=undo_it>{text::undo()}</button>
        }
    });
    let said = view! {
        {state(look, words)}
        {undo}
        <a class="text-button" href=format!("/runs/{run}")>{text::see_the_run()}</a>
    };
    self::toast(close, said, live(move || error_line(error.get())))
}
