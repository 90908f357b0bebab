//! The plan's sheet over the page. It stands at once; what is in it comes with the pieces.

use crate::{
    components::{any::view, icon::icon, problem::error_line},
    pages::{
        later::Unfetched,
        pipeline::{
            board::Board,
            pieces::{Pieces, plan_contents},
        },
    },
    text,
};
use futures::FutureExt;
use leptos::{html::Dialog, prelude::*};

/// See the module.
#[component]
pub(crate) fn PlanSheet(board: Board, pieces: RwSignal<Pieces>, #[prop(into)] on_close: Callback<()>) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get()
            && dialog.show_modal().is_err()
        {
            leptos::logging::warn!("the browser opens no dialog");
        }
    });
    view! {
        <dialog class="sheet" node_ref=dialog aria-labelledby="plan-title" on:close=move |_| on_close.run(())>
            <header class="row sheet-head">
                <h2 id="plan-title">{text::plan_for(&board.map.get_value())}</h2>
                <button class="button button-plain button-icon push" type="button" aria-label=text::close_the_plan() on:click=move |_| on_close.run(())>
                    {icon("close")}
                </button>
            </header>
            {move || inside(board, pieces.get(), on_close)}
        </dialog>
    }
}

fn inside(board: Board, pieces: Pieces, on_close: Callback<()>) -> AnyView {
    let contents = match pieces {
        Pieces::Here => plan_contents(board, on_close).now_or_never(),
        Pieces::Failed => Some(Err(Unfetched)),
        Pieces::Coming => None,
    };
    let instead = match contents {
        Some(Ok(contents)) => return contents,
        Some(Err(unfetched)) => error_line(Some(unfetched.into())),
        None => view! { <p class="sub" role="status">{text::planning()}</p> },
    };
    view! { <div class="sheet-body">{instead}</div> }
}
