//! A dialog over the page: it takes the focus, makes the page rest, and gives the focus back.

use super::{icon::icon, over::over};
use crate::components::any::view;
use crate::reactive::effect;
use crate::text;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// Which shape a dialog has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A question in the middle of the page.
    Question,
    /// A sheet from its right edge.
    Sheet,
    /// A list below its head, without a title bar.
    Palette,
}

impl Shape {
    fn class(self) -> &'static str {
        match self {
            Shape::Question => "dialog",
            Shape::Sheet => "sheet",
            Shape::Palette => "palette",
        }
    }
}

/// See the module.
#[component]
pub(crate) fn Dialog(
    #[prop(into)] title: Signal<String>,
    #[prop(default = Shape::Question)] shape: Shape,
    /// Beside the title.
    #[prop(optional)]
    beside: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    let over = over();
    let dialog = NodeRef::<html::Dialog>::new();
    effect(move || {
        if let Some(dialog) = dialog.get()
            && dialog.show_modal().is_err()
        {
            leptos::logging::warn!("the browser opens no dialog");
        }
    });
    // A press beside it closes it: outside of its box only the dialog itself can be hit.
    let beside_it = move |event: ev::MouseEvent| {
        let hit = event.target().and_then(|hit| hit.dyn_into::<web_sys::HtmlDialogElement>().ok());
        if hit.is_some_and(|hit| !within(&hit, &event)) {
            over.close();
        }
    };
    let head = (shape != Shape::Palette).then(|| {
        view! {
            <header class="row sheet-head">
                <h2 id="over-title">{title}</h2>
                {beside}
                <button class="button button-plain button-icon dialog-close" type="button" aria-label=text::close() on:click=move |_| over.close()>
                    {icon("close")}
                </button>
            </header>
        }
    });
    view! {
        <dialog
            class=shape.class()
            node_ref=dialog
            aria-labelledby=(shape != Shape::Palette).then_some("over-title")
            aria-label=move || (shape == Shape::Palette).then(|| title.get())
            on:close=move |_| over.gone()
            on:mousedown=beside_it
        >
            {head}
            {children()}
        </dialog>
    }
}

fn within(dialog: &web_sys::Element, event: &ev::MouseEvent) -> bool {
    let (rect, x, y) = (dialog.get_bounding_client_rect(), f64::from(event.client_x()), f64::from(event.client_y()));
    (rect.left()..=rect.right()).contains(&x) && (rect.top()..=rect.bottom()).contains(&y)
}

/// What the keys do.
pub(crate) fn keys() -> AnyView {
    let group = |(title, keys): (&'static str, &'static [(&'static str, &'static str)])| {
        let lines = keys.iter().map(|(key, what)| {
            let keys = key.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect_view();
            view! { <dt class="row">{keys}</dt><dd>{*what}</dd> }
        });
        view! { <section><h3>{title}</h3><dl class="facts">{lines.collect_view()}</dl></section> }
    };
    view! {
        <Dialog title=text::keys_title().to_owned()>
            <div class="panel dialog-body keys">{text::keys().into_iter().map(group).collect_view()}</div>
        </Dialog>
    }
    .into_any()
}
